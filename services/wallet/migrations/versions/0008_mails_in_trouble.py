"""E-mails that could not be sent are found by an index."""

from alembic import op

from services.common.db.schema import create_mail_trouble_index, drop_mail_trouble_index

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_mail_trouble_index(op)


def downgrade() -> None:
    drop_mail_trouble_index(op)
