"""Vouchers under terms, reserved and spent by legs of orders like places."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UP = (
    """
ALTER TABLE voucher
    ADD COLUMN product_code text NOT NULL DEFAULT 'refund-voucher',
    ADD COLUMN product_version integer NOT NULL DEFAULT 1,
    ADD COLUMN reserved_minor_units bigint NOT NULL DEFAULT 0 CHECK (reserved_minor_units >= 0),
    ADD COLUMN spent_minor_units bigint NOT NULL DEFAULT 0 CHECK (spent_minor_units >= 0),
    ADD CONSTRAINT voucher_whole CHECK (
        left_minor_units + reserved_minor_units + spent_minor_units = value_minor_units),
    ADD CONSTRAINT voucher_product FOREIGN KEY (product_code, product_version)
        REFERENCES card_product (code, version)""",
    (
        "ALTER TABLE voucher ALTER COLUMN product_code DROP DEFAULT,"
        " ALTER COLUMN product_version DROP DEFAULT"
    ),
    (
        "CREATE INDEX voucher_account ON voucher (account_id, issue_time DESC, id DESC)"
        " WHERE account_id IS NOT NULL"
    ),
    # The unique keys are the last guard: a voucher is issued once, a leg makes each step once.
    """
ALTER TABLE voucher_entry
    ADD COLUMN reserved_delta bigint NOT NULL DEFAULT 0,
    ADD COLUMN spent_delta bigint NOT NULL DEFAULT 0,
    ADD COLUMN order_id uuid,
    ADD COLUMN leg text,
    ADD COLUMN attempt integer,
    DROP CONSTRAINT voucher_entry_kind_check,
    ADD CONSTRAINT voucher_entry_kind_check
        CHECK (kind IN ('ISSUE', 'RESERVE', 'CAPTURE', 'RELEASE', 'RESTORE')),
    DROP CONSTRAINT voucher_entry_step,
    ADD CONSTRAINT voucher_entry_step UNIQUE (order_id, leg, attempt, kind),
    ADD CONSTRAINT voucher_entry_leg CHECK (
        (kind = 'ISSUE') = (order_id IS NULL) AND (order_id IS NULL) = (leg IS NULL)
        AND (order_id IS NULL) = (attempt IS NULL))""",
    "CREATE UNIQUE INDEX voucher_entry_issue ON voucher_entry (voucher_id) WHERE kind = 'ISSUE'",
    "CREATE INDEX voucher_entry_voucher ON voucher_entry (voucher_id)",
    """
ALTER TABLE reservation
    ADD COLUMN voucher_id uuid,
    ADD COLUMN currency text CHECK (currency ~ '^[A-Z]{3}$'),
    ADD COLUMN amount bigint CHECK (amount > 0),
    ADD COLUMN taken bigint CHECK (taken >= 0),
    DROP CONSTRAINT reservation_tombstone,
    ADD CONSTRAINT reservation_tombstone CHECK (
        num_nonnulls(card_id, voucher_id) = 1
        OR (num_nonnulls(card_id, voucher_id) = 0 AND state = 'RELEASED')),
    ADD CONSTRAINT reservation_value CHECK (
        num_nonnulls(voucher_id, currency, amount, taken) IN (0, 4))""",
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DELETE FROM reservation WHERE voucher_id IS NOT NULL;"
        "DELETE FROM voucher_entry WHERE kind <> 'ISSUE'"
    )
    op.execute(
        "ALTER TABLE reservation DROP CONSTRAINT reservation_tombstone, DROP COLUMN voucher_id,"
        " DROP COLUMN currency, DROP COLUMN amount, DROP COLUMN taken,"
        " ADD CONSTRAINT reservation_tombstone CHECK (card_id IS NOT NULL OR state = 'RELEASED')"
    )
    op.execute("DROP INDEX voucher_entry_issue, voucher_entry_voucher, voucher_account")
    op.execute(
        "ALTER TABLE voucher_entry DROP CONSTRAINT voucher_entry_leg,"
        " DROP CONSTRAINT voucher_entry_step, DROP COLUMN reserved_delta,"
        " DROP COLUMN spent_delta, DROP COLUMN order_id, DROP COLUMN leg, DROP COLUMN attempt,"
        " ADD CONSTRAINT voucher_entry_step UNIQUE (voucher_id, kind)"
    )
    op.execute(
        "ALTER TABLE voucher DROP COLUMN product_code, DROP COLUMN product_version,"
        " DROP COLUMN reserved_minor_units, DROP COLUMN spent_minor_units"
    )
