"""Complaints and comments; copies of the holidays by which complaints are due; orders by number."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Personal: what the customer and the cinema wrote, and the address for the answer. Whose it is says
# the order, or else the owner.
_COMPLAINT = """
CREATE TABLE complaint (
    id uuid NOT NULL,
    number text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('COMPLAINT', 'COMMENT')),
    scope text NOT NULL,
    body text NOT NULL CHECK (length(body) <= 4000),
    screening_id uuid,
    order_id uuid,
    order_number text NOT NULL,
    cinema_id text NOT NULL,
    owner text NOT NULL,
    account_id uuid,
    reply_email text NOT NULL,
    language text NOT NULL,
    received_at timestamptz NOT NULL,
    purchased_at timestamptz,
    is_late boolean,
    due_date date,
    overdue_at timestamptz,
    decision text CHECK (decision IN ('ACCEPTED', 'PARTLY_ACCEPTED', 'REJECTED', 'NOTED')),
    answer text CHECK (length(answer) <= 4000),
    answered_at timestamptz,
    CONSTRAINT complaint_pkey PRIMARY KEY (id),
    CONSTRAINT complaint_order CHECK (num_nonnulls(screening_id, order_id) IN (0, 2)),
    CONSTRAINT complaint_terms CHECK (
        num_nonnulls(purchased_at, is_late, due_date, overdue_at)
        = CASE kind WHEN 'COMPLAINT' THEN 4 ELSE 0 END),
    CONSTRAINT complaint_names_order CHECK (kind = 'COMMENT' OR order_id IS NOT NULL),
    CONSTRAINT complaint_answer CHECK (num_nonnulls(decision, answer, answered_at) IN (0, 3))
)"""

# `told` counts what catalog has told of a year: an answer from before is not kept.
_HOLIDAYS = """
CREATE TABLE holiday_copy (
    country_code text NOT NULL,
    year integer NOT NULL,
    days date[] NOT NULL,
    told bigint NOT NULL,
    stale boolean NOT NULL,
    CONSTRAINT holiday_copy_pkey PRIMARY KEY (country_code, year)
)"""

_INDEXES = (
    "CREATE INDEX complaint_received ON complaint (received_at, id)",
    "CREATE INDEX complaint_open ON complaint (received_at, id) WHERE answered_at IS NULL",
    "CREATE INDEX complaint_of_order ON complaint (order_id) WHERE order_id IS NOT NULL",
    "CREATE INDEX complaint_account ON complaint (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX customer_order_number ON customer_order (number)",
)


def upgrade() -> None:
    for statement in (_COMPLAINT, _HOLIDAYS, *_INDEXES):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX customer_order_number")
    op.execute("DROP TABLE complaint, holiday_copy")
