"""Orders that are cancelled and give back; remedies that are refunds."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATES = (
    "'PLACED', 'AWAITING_PAYMENT', 'COMPLETING', 'CONFIRMED', 'EXPIRED', 'ABANDONED', 'REFUSED'"
)
_STATE = """
ALTER TABLE customer_order
    DROP CONSTRAINT customer_order_state_check,
    ADD CONSTRAINT customer_order_state_check CHECK (state IN ({states}))"""
_CANCELLATION = """
ALTER TABLE customer_order
    ADD COLUMN cancellation json,
    ADD CONSTRAINT customer_order_cancelled CHECK ((state = 'CANCELLED') <= (cancellation IS NOT NULL))"""
_REMEDY = """
ALTER TABLE remedy
    DROP CONSTRAINT remedy_kind_check,
    ADD CONSTRAINT remedy_kind_check CHECK (kind IN ({kinds})),
    DROP CONSTRAINT remedy_amount,
    ADD CONSTRAINT remedy_amount CHECK ((kind <> 'PLACES_ONLY') = (amount > 0))"""


def upgrade() -> None:
    op.execute(_STATE.format(states=f"{_STATES}, 'CANCELLED'"))
    op.execute(_CANCELLATION)
    op.execute(_REMEDY.format(kinds="'REFUND', 'VOUCHER', 'PLACES_ONLY'"))


def downgrade() -> None:
    op.execute("DELETE FROM remedy WHERE kind = 'REFUND'")
    op.execute(_REMEDY.format(kinds="'VOUCHER', 'PLACES_ONLY'"))
    op.execute("ALTER TABLE customer_order DROP CONSTRAINT customer_order_cancelled,"
               " DROP COLUMN cancellation")  # fmt: skip
    op.execute("UPDATE customer_order SET state = 'ABANDONED' WHERE state = 'CANCELLED'")
    op.execute(_STATE.format(states=_STATES))
