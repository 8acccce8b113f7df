"""A function that counts a caller's holds and lets nobody else count them meanwhile."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The lock comes before the count, and each query of a volatile function reads anew: whoever holds
# at the same time, in whatever process, counts what the other has written. NULL when somebody else
# is at it and the caller does not wait. One range of one index gives all the numbers.
_HOLDS_OF = """
CREATE FUNCTION holds_of(caller text, screening uuid, period interval, waits boolean)
    RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    moment timestamptz;
BEGIN
    IF waits THEN
        PERFORM pg_advisory_xact_lock(1213156420, hashtext(caller));
    ELSIF NOT pg_try_advisory_xact_lock(1213156420, hashtext(caller)) THEN
        RETURN NULL;
    END IF;
    moment := app_clock();
    RETURN (
        SELECT ARRAY[
            count(*) FILTER (WHERE state = 'ACTIVE' AND expires_at > moment),
            count(*) FILTER (WHERE state = 'ACTIVE' AND expires_at > moment
                               AND screening_id = screening),
            count(*) FILTER (WHERE state = 'ORDERED' AND expires_at > moment),
            count(*) FILTER (WHERE state = 'RELEASED' AND created_at > moment - period)]
        FROM hold WHERE owner = caller AND expires_at > moment - period);
END $$"""


def upgrade() -> None:
    op.execute(_HOLDS_OF)
    op.execute("CREATE INDEX hold_owner ON hold (owner, expires_at)")
    op.execute("DROP INDEX hold_live")


def downgrade() -> None:
    op.execute("CREATE INDEX hold_live ON hold (owner) WHERE state = 'ACTIVE'")
    op.execute("DROP INDEX hold_owner")
    op.execute("DROP FUNCTION holds_of")
