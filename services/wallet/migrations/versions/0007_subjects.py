"""What is kept about a person can be told and made nobody's; a card's entries are read in order."""

from alembic import op

from services.common.db.schema import create_bus_purge_table, drop_bus_purge_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The books of points name their account by a key that follows the account's row: so an account
# becomes nobody's without anybody rewriting what was booked. The audit names the ledger, not the
# account.
_FOLLOW = """
ALTER TABLE {table}
    DROP CONSTRAINT {table}_account_id_fkey,
    ADD CONSTRAINT {table}_account_id_fkey FOREIGN KEY (account_id)
        REFERENCES point_account (account_id){action}"""
_TABLES = ("point_lot", "point_entry")


def upgrade() -> None:
    for table in _TABLES:
        op.execute(_FOLLOW.format(table=table, action=" ON UPDATE CASCADE"))
    op.execute(
        "ALTER TABLE point_account ADD COLUMN ledger_id uuid NOT NULL DEFAULT gen_random_uuid()"
    )
    op.execute("CREATE INDEX place_entry_card ON place_entry (card_id, number)")
    op.execute("DROP INDEX place_entry_lot")
    op.execute("CREATE INDEX card_purchase_account ON card_purchase (account_id, id)")
    op.execute("CREATE INDEX voucher_order ON voucher (order_id)")
    op.execute(
        "CREATE INDEX reservation_value_account ON reservation (account_id)"
        " WHERE voucher_id IS NOT NULL AND account_id IS NOT NULL"
    )
    create_bus_purge_table(op)


def downgrade() -> None:
    drop_bus_purge_table(op)
    op.execute("DROP INDEX reservation_value_account, voucher_order, card_purchase_account")
    op.execute("CREATE INDEX place_entry_lot ON place_entry (lot_id)")
    op.execute("DROP INDEX place_entry_card")
    op.execute("ALTER TABLE point_account DROP COLUMN ledger_id")
    for table in _TABLES:
        op.execute(_FOLLOW.format(table=table, action=""))
