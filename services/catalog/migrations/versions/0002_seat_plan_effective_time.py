"""Seat plans for screenings that start from a moment on."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# NULL: for all screenings that get a plan from its publication on.
_EFFECTIVE_TIME = "ALTER TABLE seat_plan ADD COLUMN effective_time timestamptz"

_SEAT_PLAN_AT = """
CREATE FUNCTION seat_plan_at(hall uuid, start timestamptz) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT id FROM seat_plan
    WHERE hall_id = hall AND (effective_time IS NULL OR effective_time <= start)
    ORDER BY version DESC LIMIT 1
$$"""


def upgrade() -> None:
    op.execute(_EFFECTIVE_TIME)
    op.execute(_SEAT_PLAN_AT)


def downgrade() -> None:
    op.execute("DROP FUNCTION seat_plan_at")
    op.execute("ALTER TABLE seat_plan DROP COLUMN effective_time")
