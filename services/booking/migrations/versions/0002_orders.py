"""Orders with their lines, legs, decisions and timeline; tickets; remedies."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Every row of an order carries its screening first: a screening is a shard. There are no foreign
# keys between them, because each order's rows are written by the one statement that writes the
# order; `make verify` looks for rows without one.
_ORDER = """
CREATE TABLE customer_order (
    screening_id uuid NOT NULL,
    id uuid NOT NULL,
    number text NOT NULL,
    hold_id uuid NOT NULL,
    owner text NOT NULL,
    account_id uuid,
    channel text NOT NULL CHECK (channel IN ('WEB', 'APP')),
    state text NOT NULL CHECK (state IN ('PLACED', 'AWAITING_PAYMENT', 'COMPLETING', 'CONFIRMED',
                                         'EXPIRED', 'ABANDONED', 'REFUSED')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total bigint NOT NULL CHECK (total >= 0),
    money_due bigint NOT NULL,
    gtc_version text NOT NULL,
    otc_version text NOT NULL,
    accepted_at timestamptz NOT NULL,
    policy jsonb NOT NULL,
    screening jsonb NOT NULL,
    return_url text NOT NULL,
    redirect_url text NOT NULL DEFAULT '',
    request_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    next_step_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    event_version bigint NOT NULL CHECK (event_version >= 0),
    CONSTRAINT customer_order_pkey PRIMARY KEY (screening_id, id),
    CONSTRAINT customer_order_money_due CHECK (money_due BETWEEN 0 AND total)
) WITH (fillfactor = 70)"""

# All that is personal is here, and nowhere else but in mails on their way.
_CONTACT = """
CREATE TABLE order_contact (
    screening_id uuid NOT NULL,
    order_id uuid NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    email text NOT NULL,
    language text NOT NULL,
    ip_address text NOT NULL,
    CONSTRAINT order_contact_pkey PRIMARY KEY (screening_id, order_id)
)"""

_LINE = """
CREATE TABLE order_line (
    screening_id uuid NOT NULL,
    order_id uuid NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    seat_id text NOT NULL,
    row_name text NOT NULL,
    seat_number text NOT NULL,
    area text NOT NULL,
    ticket_type text NOT NULL,
    proof text NOT NULL,
    price bigint NOT NULL CHECK (price >= 0),
    supplement bigint NOT NULL CHECK (supplement >= 0),
    service_fee bigint NOT NULL CHECK (service_fee >= 0),
    CONSTRAINT order_line_pkey PRIMARY KEY (screening_id, order_id, position)
)"""

# Which leg pays which part of which line, and how much: what is given back reads these rows.
_ALLOCATION = """
CREATE TABLE order_allocation (
    screening_id uuid NOT NULL,
    order_id uuid NOT NULL,
    position integer NOT NULL,
    part text NOT NULL CHECK (part IN ('PRICE', 'SUPPLEMENT', 'SERVICE_FEE')),
    leg text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    CONSTRAINT order_allocation_pkey PRIMARY KEY (screening_id, order_id, position, part, leg)
)"""

_LEG = """
CREATE TABLE order_leg (
    screening_id uuid NOT NULL,
    order_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('PLACES', 'PAYMENT')),
    state text NOT NULL CHECK (state IN ('PENDING', 'OPEN', 'COMMITTED', 'DONE', 'FAILED',
                                         'UNDOING', 'UNDONE')),
    attempt integer NOT NULL CHECK (attempt BETWEEN 1 AND 20),
    amount bigint,
    card_id uuid,
    seat_ids text[] NOT NULL DEFAULT '{}',
    retries integer NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    CONSTRAINT order_leg_pkey PRIMARY KEY (screening_id, order_id, name),
    CONSTRAINT order_leg_carries CHECK (
        (kind = 'PAYMENT' AND amount > 0 AND card_id IS NULL)
        OR (kind = 'PLACES' AND amount IS NULL AND card_id IS NOT NULL
            AND cardinality(seat_ids) > 0))
) WITH (fillfactor = 70)"""

_DECISION = """
CREATE TABLE payment_decision (
    screening_id uuid NOT NULL,
    order_id uuid NOT NULL,
    attempt integer NOT NULL CHECK (attempt BETWEEN 1 AND 20),
    decision text NOT NULL CHECK (decision IN ('GRANT', 'REFUSE')),
    refusal text,
    decided_at timestamptz NOT NULL,
    CONSTRAINT payment_decision_pkey PRIMARY KEY (screening_id, order_id, attempt),
    CONSTRAINT payment_decision_refusal CHECK ((decision = 'REFUSE') = (refusal IS NOT NULL))
)"""

_TICKET = """
CREATE TABLE ticket (
    screening_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    number text NOT NULL,
    seat_id text NOT NULL,
    row_name text NOT NULL,
    seat_number text NOT NULL,
    ticket_type text NOT NULL,
    proof text NOT NULL,
    state text NOT NULL CHECK (state IN ('VALID')),
    qr_payload bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT ticket_pkey PRIMARY KEY (screening_id, id)
)"""

_TIMELINE = """
CREATE TABLE order_timeline (
    screening_id uuid NOT NULL,
    order_id uuid NOT NULL,
    version bigint NOT NULL,
    position integer NOT NULL,
    time timestamptz NOT NULL,
    what text NOT NULL,
    detail text NOT NULL,
    CONSTRAINT order_timeline_pkey PRIMARY KEY (screening_id, order_id, version, position)
)"""

_REMEDY = """
CREATE TABLE remedy (
    screening_id uuid NOT NULL,
    order_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('VOUCHER', 'PLACES_ONLY')),
    state text NOT NULL CHECK (state IN ('REQUESTED', 'GIVEN')),
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    last_screening_date date NOT NULL,
    requested_at timestamptz NOT NULL,
    budget_taken boolean NOT NULL DEFAULT false,
    voucher_id uuid,
    retries integer NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    CONSTRAINT remedy_pkey PRIMARY KEY (screening_id, order_id),
    CONSTRAINT remedy_amount CHECK ((kind = 'VOUCHER') = (amount > 0)),
    CONSTRAINT remedy_given CHECK (
        state <> 'GIVEN' OR kind <> 'VOUCHER' OR (budget_taken AND voucher_id IS NOT NULL))
)"""

_INDEXES = (
    "CREATE INDEX customer_order_id ON customer_order (id)",
    (
        "CREATE INDEX customer_order_due ON customer_order (next_step_at)"
        " WHERE next_step_at IS NOT NULL"
    ),
    (
        "CREATE INDEX customer_order_deadline ON customer_order (expires_at)"
        " WHERE state IN ('PLACED', 'AWAITING_PAYMENT')"
    ),
    "CREATE INDEX customer_order_owner ON customer_order (screening_id, owner)",
    (
        "CREATE UNIQUE INDEX customer_order_hold ON customer_order (screening_id, hold_id)"
        " WHERE state <> 'REFUSED'"
    ),
    (
        "CREATE UNIQUE INDEX payment_decision_grant ON payment_decision (screening_id, order_id)"
        " WHERE decision = 'GRANT'"
    ),
    "CREATE UNIQUE INDEX ticket_seat ON ticket (screening_id, seat_id) WHERE state = 'VALID'",
    "CREATE INDEX ticket_order ON ticket (screening_id, order_id)",
    "CREATE INDEX remedy_id ON remedy (id)",
)

# What was decided and what was accepted are facts: nothing rewrites them.
_FROZEN = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a % is never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""
_TRIGGERS = (
    (
        "CREATE TRIGGER payment_decision_frozen BEFORE UPDATE ON payment_decision"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE TRIGGER customer_order_terms_frozen"
        " BEFORE UPDATE OF gtc_version, otc_version, accepted_at, owner ON customer_order"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE TRIGGER order_line_frozen BEFORE UPDATE ON order_line"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE TRIGGER order_allocation_frozen BEFORE UPDATE ON order_allocation"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
)
_TABLES = (
    "remedy, order_timeline, ticket, payment_decision, order_leg, order_allocation, order_line, "
    "order_contact, customer_order"
)


def upgrade() -> None:
    for statement in (
        _ORDER,
        _CONTACT,
        _LINE,
        _ALLOCATION,
        _LEG,
        _DECISION,
        _TICKET,
        _TIMELINE,
        _REMEDY,
        *_INDEXES,
        _FROZEN,
        *_TRIGGERS,
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute(f"DROP TABLE {_TABLES}")
    op.execute("DROP FUNCTION refuse_change")
