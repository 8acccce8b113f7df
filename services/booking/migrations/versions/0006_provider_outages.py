"""What payment tells of providers that do not answer, and orders that were lengthened for it."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OUTAGE = """
CREATE TABLE provider_outage (
    currency text PRIMARY KEY CHECK (currency ~ '^[A-Z]{3}$'),
    since timestamptz NOT NULL,
    retry_after_ms integer NOT NULL CHECK (retry_after_ms > 0)
)"""
_EXTENDED = """
ALTER TABLE {table} ADD COLUMN extended_by_s integer NOT NULL DEFAULT 0
    CONSTRAINT {table}_extended_by CHECK (extended_by_s BETWEEN 0 AND 300)"""
_TABLES = ("hold", "customer_order")


def upgrade() -> None:
    op.execute(_OUTAGE)
    for table in _TABLES:
        op.execute(_EXTENDED.format(table=table))


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN extended_by_s")
    op.execute("DROP TABLE provider_outage")
