"""Orders of kiosks and box offices; orders found by their account."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_CHANNELS = """
ALTER TABLE customer_order
    DROP CONSTRAINT customer_order_channel_check,
    ADD CONSTRAINT customer_order_channel_check CHECK (channel IN ({channels}))"""
# Guests' orders pay nothing for it.
_BY_ACCOUNT = """
CREATE INDEX customer_order_account ON customer_order (account_id, id)
WHERE account_id IS NOT NULL"""


def upgrade() -> None:
    op.execute(_CHANNELS.format(channels="'WEB', 'APP', 'KIOSK', 'BOX_OFFICE'"))
    op.execute(_BY_ACCOUNT)


def downgrade() -> None:
    op.execute("DROP INDEX customer_order_account")
    op.execute(_CHANNELS.format(channels="'WEB', 'APP'"))
