"""Accounts that get no reminders, whatever their profile agrees to."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE reminder_stop ("
        "account_id uuid PRIMARY KEY, stop_time timestamptz NOT NULL DEFAULT app_clock())"
    )


def downgrade() -> None:
    op.execute("DROP TABLE reminder_stop")
