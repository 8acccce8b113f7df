"""Legs of orders that vouchers pay."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CARRIES = """
ALTER TABLE order_leg
    DROP CONSTRAINT order_leg_carries,
    ADD CONSTRAINT order_leg_carries CHECK (
        (kind = 'PAYMENT' AND amount > 0 AND card_id IS NULL{payment})
        OR (kind = 'PLACES' AND amount IS NULL AND card_id IS NOT NULL{places}
            AND cardinality(seat_ids) > 0){voucher})"""


def upgrade() -> None:
    op.execute(
        "ALTER TABLE order_leg ADD COLUMN voucher_id uuid, DROP CONSTRAINT order_leg_kind_check,"
        " ADD CONSTRAINT order_leg_kind_check CHECK (kind IN ('PLACES', 'PAYMENT', 'VOUCHER'))"
    )
    op.execute(
        _CARRIES.format(
            payment=" AND voucher_id IS NULL",
            places=" AND voucher_id IS NULL",
            voucher=" OR (kind = 'VOUCHER' AND amount > 0 AND voucher_id IS NOT NULL"
            " AND card_id IS NULL)",
        )
    )


def downgrade() -> None:
    op.execute("DELETE FROM order_leg WHERE kind = 'VOUCHER'")
    op.execute(_CARRIES.format(payment="", places="", voucher=""))
    op.execute(
        "ALTER TABLE order_leg DROP COLUMN voucher_id, DROP CONSTRAINT order_leg_kind_check,"
        " ADD CONSTRAINT order_leg_kind_check CHECK (kind IN ('PLACES', 'PAYMENT'))"
    )
