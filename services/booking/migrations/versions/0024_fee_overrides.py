"""Which service fees staff give back: two persons for each."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_OVERRIDE = """
CREATE TABLE fee_override (
    screening_id uuid NOT NULL,
    order_id uuid NOT NULL,
    proposed_by text NOT NULL CHECK (proposed_by <> ''),
    reason text NOT NULL,
    proposed_at timestamptz NOT NULL,
    approved_by text CHECK (approved_by <> proposed_by),
    approve_reason text,
    approved_at timestamptz,
    CONSTRAINT fee_override_pkey PRIMARY KEY (screening_id, order_id),
    CONSTRAINT fee_override_agreed CHECK (
        (approved_by IS NULL) = (approved_at IS NULL)
        AND (approved_by IS NULL) = (approve_reason IS NULL))
)"""


def upgrade() -> None:
    op.execute(_OVERRIDE)


def downgrade() -> None:
    op.execute("DROP TABLE fee_override")
