"""Admission: what was done at the doors, and tickets that are used, denied or cancelled."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A record is also the stored answer of its request: a device's repeats find it, for ever.
_ADMISSION = """
CREATE TABLE admission (
    screening_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('ADMITTED', 'DENIED', 'DENIED_FINALLY', 'RE_ENTERED',
                                       'CONFLICT')),
    refusal text NOT NULL,
    checks text[] NOT NULL,
    cinema_id text NOT NULL,
    hall_id text NOT NULL,
    gate text NOT NULL,
    device_id text NOT NULL,
    staff_id text NOT NULL,
    request_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    device_time timestamptz,
    clock_skew_ms bigint,
    CONSTRAINT admission_pkey PRIMARY KEY (screening_id, id),
    CONSTRAINT admission_conflict CHECK ((kind = 'CONFLICT') = (refusal <> '')),
    CONSTRAINT admission_offline CHECK ((device_time IS NULL) = (clock_skew_ms IS NULL))
)"""
_INDEXES = (
    "CREATE UNIQUE INDEX admission_request ON admission (screening_id, device_id, request_id)",
    (
        "CREATE UNIQUE INDEX admission_once ON admission (screening_id, ticket_id)"
        " WHERE kind = 'ADMITTED'"
    ),
    "CREATE INDEX admission_ticket ON admission (screening_id, ticket_id)",
    "DROP INDEX ticket_seat",
    (
        "CREATE UNIQUE INDEX ticket_seat ON ticket (screening_id, seat_id)"
        " WHERE state <> 'CANCELLED'"
    ),
)
_TICKET = """
ALTER TABLE ticket
    DROP CONSTRAINT ticket_state_check,
    ADD COLUMN admission_id uuid,
    ADD COLUMN holder_checked boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT ticket_state_check
        CHECK (state IN ('VALID', 'ADMITTED', 'DENIED', 'CANCELLED')),
    ADD CONSTRAINT ticket_admission
        CHECK (state NOT IN ('ADMITTED', 'DENIED') OR admission_id IS NOT NULL)"""
_LEG = "ALTER TABLE order_leg ADD COLUMN holder_checked boolean NOT NULL DEFAULT false"
_FROZEN = (
    "CREATE TRIGGER admission_frozen BEFORE UPDATE ON admission"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
)


def upgrade() -> None:
    for statement in (_ADMISSION, *_INDEXES, _TICKET, _LEG, _FROZEN):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE admission")
    op.execute("DROP INDEX ticket_seat")
    op.execute("DELETE FROM ticket WHERE state <> 'VALID'")
    op.execute(
        "ALTER TABLE ticket DROP CONSTRAINT ticket_admission, DROP CONSTRAINT ticket_state_check,"
        " DROP COLUMN admission_id, DROP COLUMN holder_checked,"
        " ADD CONSTRAINT ticket_state_check CHECK (state IN ('VALID'))"
    )
    op.execute("ALTER TABLE order_leg DROP COLUMN holder_checked")
    op.execute(
        "CREATE UNIQUE INDEX ticket_seat ON ticket (screening_id, seat_id) WHERE state = 'VALID'"
    )
