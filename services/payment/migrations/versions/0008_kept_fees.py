"""Service fees of what was captured are kept: no refund and no voucher takes them any more."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE payment SET version = version + 1, kept_fees ="
        " least((lines ->> 'SERVICE_FEES')::bigint, captured - refunded - converted)"
        " WHERE captured > 0 AND lines ? 'SERVICE_FEES'"
    )


def downgrade() -> None:
    op.execute("UPDATE payment SET version = version + 1, kept_fees = 0 WHERE kept_fees > 0")
