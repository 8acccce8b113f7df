"""Screening copies, boards, claims and holds, beside the chassis's tables."""

from alembic import op

from services.common.db.schema import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SCREENING_COPY = """
CREATE TABLE screening_copy (
    screening_id uuid PRIMARY KEY,
    facts bytea NOT NULL,
    version bigint NOT NULL,
    cinema_id text NOT NULL,
    policy_code text NOT NULL,
    seat_plan_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('SCHEDULED', 'CANCELLED', 'TERMINATED')),
    stale boolean NOT NULL DEFAULT false,
    fetched_at timestamptz NOT NULL DEFAULT clock_timestamp()
)"""

# What will change at a known moment: prices and terms are published with the time they begin.
_FACTS_CHANGE = """
CREATE TABLE facts_change (
    scope text NOT NULL CHECK (scope IN ('CINEMA', 'POLICY')),
    scope_id text NOT NULL,
    effective_at timestamptz NOT NULL,
    CONSTRAINT facts_change_pkey PRIMARY KEY (effective_at, scope, scope_id)
)"""

# When everything that catalog had told until then was last known to be applied; real time.
_FACTS_HEARTBEAT = """
CREATE TABLE facts_heartbeat (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    caught_up_at timestamptz NOT NULL
)"""

_SEAT_PLAN_COPY = """
CREATE TABLE seat_plan_copy (
    seat_plan_id uuid PRIMARY KEY,
    plan bytea NOT NULL,
    seats integer NOT NULL CHECK (seats > 0)
)"""

# One byte of seat_states per seat, in the plan's order: 1 FREE, 2 HELD, 3 SOLD, 4 BLOCKED.
# facts_version counts what this service was told about the screening; a hold made under an older
# count is not written.
_SCREENING_BOARD = """
CREATE TABLE screening_board (
    screening_id uuid PRIMARY KEY,
    epoch bigint NOT NULL DEFAULT 1 CHECK (epoch > 0),
    revision bigint NOT NULL DEFAULT 1 CHECK (revision > 0),
    facts_version bigint NOT NULL DEFAULT 1 CHECK (facts_version > 0),
    sales_state text NOT NULL CHECK (sales_state IN ('ON_SALE', 'STOPPED')),
    sales_from timestamptz NOT NULL,
    sales_until timestamptz NOT NULL,
    seat_plan_id uuid,
    seat_states bytea NOT NULL
) WITH (fillfactor = 50)"""

_SEAT_CLAIM = """
CREATE TABLE seat_claim (
    screening_id uuid NOT NULL,
    seat_id text NOT NULL,
    seat_index integer NOT NULL CHECK (seat_index >= 0),
    state text NOT NULL CHECK (state IN ('HELD', 'SOLD', 'BLOCKED')),
    hold_id uuid,
    order_id uuid,
    expires_at timestamptz,
    CONSTRAINT seat_claim_pkey PRIMARY KEY (screening_id, seat_id),
    CONSTRAINT seat_claim_deadline CHECK ((state = 'HELD') = (expires_at IS NOT NULL)),
    CONSTRAINT seat_claim_holder CHECK ((state = 'BLOCKED') = (hold_id IS NULL)),
    CONSTRAINT seat_claim_order CHECK ((state = 'SOLD') = (order_id IS NOT NULL))
)"""

_HOLD = """
CREATE TABLE hold (
    screening_id uuid NOT NULL,
    id uuid NOT NULL,
    owner text NOT NULL,
    channel text NOT NULL,
    state text NOT NULL CHECK (state IN ('ACTIVE', 'ORDERED', 'RELEASED', 'EXPIRED')),
    seats jsonb NOT NULL,
    currency text NOT NULL,
    price_version text NOT NULL,
    fee_on_places boolean NOT NULL,
    gtc_version text NOT NULL,
    otc_version text NOT NULL,
    policy_code text NOT NULL,
    policy_version text NOT NULL,
    policy jsonb NOT NULL,
    screening_version bigint NOT NULL,
    start_time timestamptz NOT NULL,
    hall_id text NOT NULL,
    epoch bigint NOT NULL,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    order_id uuid,
    CONSTRAINT hold_pkey PRIMARY KEY (screening_id, id),
    CONSTRAINT hold_deadline CHECK (expires_at > created_at),
    CONSTRAINT hold_order CHECK (state <> 'ORDERED' OR order_id IS NOT NULL)
)"""

_INDEXES = (
    "CREATE INDEX screening_copy_cinema ON screening_copy (cinema_id)",
    "CREATE INDEX screening_copy_policy ON screening_copy (policy_code)",
    "CREATE INDEX hold_id ON hold (id)",
    "CREATE INDEX hold_live ON hold (owner) WHERE state = 'ACTIVE'",
    # An expression and no condition: with two indexes on the same condition, the planner takes
    # either for an owner's holds while it has no statistics, and reads all that are live.
    "CREATE INDEX hold_lapse ON hold ((CASE WHEN state = 'ACTIVE' THEN expires_at END))",
    "CREATE INDEX hold_closed ON hold (expires_at) WHERE state IN ('RELEASED', 'EXPIRED')",
)


def upgrade() -> None:
    create_chassis_tables(op, mail=True)
    for statement in (
        _SCREENING_COPY,
        _FACTS_CHANGE,
        _FACTS_HEARTBEAT,
        _SEAT_PLAN_COPY,
        _SCREENING_BOARD,
        _SEAT_CLAIM,
        _HOLD,
        *_INDEXES,
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE hold, seat_claim, screening_board, seat_plan_copy, facts_heartbeat, "
        "facts_change, screening_copy"
    )
    drop_chassis_tables(op)
