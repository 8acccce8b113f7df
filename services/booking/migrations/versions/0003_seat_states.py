"""A function that puts seats of a packed board into a state."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WITH_SEAT_STATES = """
CREATE FUNCTION with_seat_states(states bytea, indexes integer[], state integer) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    place integer;
BEGIN
    FOREACH place IN ARRAY indexes LOOP
        states := set_byte(states, place, state);
    END LOOP;
    RETURN states;
END $$"""


def upgrade() -> None:
    op.execute(_WITH_SEAT_STATES)


def downgrade() -> None:
    op.execute("DROP FUNCTION with_seat_states")
