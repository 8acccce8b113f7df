"""Lets an import ask which of the stored screenings its file names."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows come and go within a transaction, unseen by statistics: without it a plan for an empty
    # table would read the whole stage for each stored screening.
    op.execute("CREATE INDEX import_row_feed_id ON import_row (import_id, feed_id)")


def downgrade() -> None:
    op.execute("DROP INDEX import_row_feed_id")
