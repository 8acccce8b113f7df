"""The chassis, and a table to work on."""

from alembic import op

from services.common.db.schema import (
    create_chassis_tables,
    create_mail_trouble_index,
    drop_chassis_tables,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op, mail=True)
    create_mail_trouble_index(op)
    op.execute("CREATE TABLE thing (id text PRIMARY KEY, value bigint NOT NULL)")


def downgrade() -> None:
    op.execute("DROP TABLE thing")
    drop_chassis_tables(op)
