"""What catalog changed under orders, jobs over all orders of a screening, and what is due for it."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# One row for each version of a screening that its customers must hear of.
_CHANGE = """
CREATE TABLE screening_change (
    screening_id uuid NOT NULL,
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    ending text CHECK (ending IN ('CANCELLED', 'TERMINATED')),
    old_start_time timestamptz,
    start_time timestamptz,
    old_film_id text NOT NULL,
    film_id text NOT NULL,
    old_hall_id text NOT NULL,
    hall_id text NOT NULL,
    cause text NOT NULL,
    attributable boolean NOT NULL,
    CONSTRAINT screening_change_pkey PRIMARY KEY (screening_id, version)
)"""

# `position` is the last order that was done of the present pass: whoever takes over goes on there.
_JOB = """
CREATE TABLE screening_job (
    screening_id uuid NOT NULL,
    kind text NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('RUNNING', 'DONE')),
    passes integer NOT NULL DEFAULT 0 CHECK (passes >= 0),
    position uuid,
    done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    total integer NOT NULL CHECK (total >= 0),
    created_at timestamptz NOT NULL,
    pass_began_at timestamptz NOT NULL,
    next_at timestamptz,
    finished_at timestamptz,
    retries integer NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    CONSTRAINT screening_job_pkey PRIMARY KEY (screening_id, kind, version),
    CONSTRAINT screening_job_end CHECK (
        (state = 'DONE') = (finished_at IS NOT NULL) AND (state = 'DONE') = (next_at IS NULL))
)"""

# What is due to an order's buyer who has not asked for it yet. One row for each order.
_OFFER = """
CREATE TABLE remedy_offer (
    screening_id uuid NOT NULL,
    order_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    cause text NOT NULL CHECK (cause IN ('CANCELLED', 'TERMINATED', 'RESCHEDULED', 'REPLACED')),
    kind text NOT NULL CHECK (kind IN ('REFUND', 'VOUCHER', 'PLACES_ONLY')),
    state text NOT NULL CHECK (state IN ('OPEN', 'TAKEN', 'KEPT', 'LAPSED', 'WITHDRAWN')),
    changed_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    remind_at timestamptz,
    next_at timestamptz,
    retries integer NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    CONSTRAINT remedy_offer_pkey PRIMARY KEY (screening_id, order_id),
    CONSTRAINT remedy_offer_end CHECK ((state = 'OPEN') = (next_at IS NOT NULL))
)"""


def upgrade() -> None:
    op.execute(_CHANGE)
    op.execute(_JOB)
    op.execute("CREATE INDEX screening_job_due ON screening_job (next_at) WHERE state = 'RUNNING'")
    op.execute(_OFFER)
    op.execute("CREATE INDEX remedy_offer_due ON remedy_offer (next_at) WHERE state = 'OPEN'")


def downgrade() -> None:
    op.execute("DROP TABLE remedy_offer, screening_job, screening_change")
