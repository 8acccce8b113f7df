"""The prices that a hold keeps, promotions and packages, and what a changed hold was at first."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Named by its content: all holds that were made by the same prices share a row.
_PRICE_TABLE = """
CREATE TABLE price_table (
    id uuid PRIMARY KEY,
    prices text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
)"""
_HOLD = """
ALTER TABLE hold
    ADD COLUMN price_table_id uuid,
    ADD COLUMN promotion jsonb,
    ADD COLUMN changes integer NOT NULL DEFAULT 0 CHECK (changes >= 0),
    ADD COLUMN first jsonb"""

_LINE = """
ALTER TABLE order_line
    ADD COLUMN regular_price bigint CHECK (regular_price > price),
    ADD COLUMN package text NOT NULL DEFAULT '',
    ADD COLUMN package_number integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_line_package CHECK ((package = '') = (package_number = 0))"""


def upgrade() -> None:
    op.execute(_PRICE_TABLE)
    op.execute(_HOLD)
    op.execute(_LINE)
    op.execute("ALTER TABLE customer_order ADD COLUMN promotion jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE customer_order DROP COLUMN promotion")
    op.execute(
        "ALTER TABLE order_line DROP COLUMN regular_price, DROP COLUMN package, "
        "DROP COLUMN package_number"
    )
    op.execute(
        "ALTER TABLE hold DROP COLUMN price_table_id, DROP COLUMN promotion, DROP COLUMN changes, "
        "DROP COLUMN first"
    )
    op.execute("DROP TABLE price_table")
