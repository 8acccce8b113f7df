CREATE TABLE payment (
    id uuid NOT NULL,
    owner text NOT NULL CHECK (owner IN ('booking', 'wallet')),
    reference_id uuid NOT NULL,
    -- A cancel that came before its payment: no amount, no attempts, for ever cancelled.
    is_tombstone boolean NOT NULL DEFAULT false,
    state text NOT NULL
        CHECK (state IN ('OPEN', 'AUTHORIZED', 'CAPTURING', 'CAPTURED', 'CANCELLED')),
    currency text,
    amount bigint CHECK (amount > 0),
    captured bigint NOT NULL DEFAULT 0,
    kept_fees bigint NOT NULL DEFAULT 0 CHECK (kept_fees >= 0),
    refunded bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    converted bigint NOT NULL DEFAULT 0 CHECK (converted >= 0),
    event_version bigint NOT NULL DEFAULT 0,
    create_time timestamptz NOT NULL,
    CONSTRAINT payment_pkey PRIMARY KEY (id),
    CONSTRAINT payment_reference UNIQUE (reference_id, owner),
    CONSTRAINT payment_amount CHECK (
        CASE WHEN is_tombstone THEN amount IS NULL AND state = 'CANCELLED'
        ELSE amount IS NOT NULL AND currency IS NOT NULL END),
    CONSTRAINT payment_captured_once CHECK (captured = 0 OR captured = amount),
    CONSTRAINT payment_captured_state CHECK ((captured > 0) = (state = 'CAPTURED')),
    CONSTRAINT payment_budget CHECK (captured - kept_fees - refunded - converted >= 0)
) WITH (fillfactor = 70)


CREATE TABLE payment_attempt (
    payment_id uuid NOT NULL REFERENCES payment (id),
    number integer NOT NULL CHECK (number BETWEEN 1 AND 20),
    reference_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('OPENING', 'AWAITING_CUSTOMER', 'AUTHORIZED',
        'CAPTURE_SENT', 'CAPTURED', 'FAILED', 'CANCELLING', 'CANCELLED', 'QUARANTINED')),
    round integer NOT NULL CHECK (round >= 1),
    ext_order_id text NOT NULL,
    pos_id text NOT NULL,
    auto_receive boolean NOT NULL,
    provider_order_id text,
    redirect_url text,
    expire_time timestamptz NOT NULL,
    -- What the provider must know of the buyer; gone once its page is open.
    opening jsonb,
    decision text CHECK (decision IN ('GRANT', 'REFUSE')),
    refusal_reason text,
    decision_time timestamptz,
    taken_early boolean NOT NULL DEFAULT false,
    capture_sent_time timestamptz,
    next_step_at timestamptz,
    step_count integer NOT NULL DEFAULT 0,
    CONSTRAINT payment_attempt_pkey PRIMARY KEY (payment_id, number),
    CONSTRAINT payment_attempt_ext_order_id UNIQUE (ext_order_id),
    CONSTRAINT payment_attempt_grant CHECK (
        state NOT IN ('CAPTURE_SENT', 'CAPTURED')
        OR (decision IS NOT DISTINCT FROM 'GRANT' AND decision_time IS NOT NULL
            AND capture_sent_time IS NOT NULL))
) WITH (fillfactor = 70)


CREATE INDEX payment_attempt_due ON payment_attempt (next_step_at) WHERE next_step_at IS NOT NULL


CREATE UNIQUE INDEX payment_attempt_one_winner ON payment_attempt (payment_id)
    WHERE state IN ('CAPTURE_SENT', 'CAPTURED')


CREATE TABLE stray_order (
    ext_order_id text NOT NULL,
    payment_id uuid NOT NULL REFERENCES payment (id),
    pos_id text NOT NULL,
    provider_order_id text,
    expire_time timestamptz NOT NULL,
    next_step_at timestamptz,
    step_count integer NOT NULL DEFAULT 0,
    settle_time timestamptz,
    CONSTRAINT stray_order_pkey PRIMARY KEY (ext_order_id)
)


CREATE INDEX stray_order_due ON stray_order (next_step_at) WHERE next_step_at IS NOT NULL


CREATE TABLE notification (
    digest bytea NOT NULL,
    pos_id text NOT NULL,
    ext_order_id text NOT NULL,
    provider_order_id text NOT NULL,
    status text NOT NULL,
    effect text NOT NULL,
    receive_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT notification_pkey PRIMARY KEY (digest)
)


CREATE INDEX notification_receive_time ON notification (receive_time)


CREATE TABLE exception_case (
    id uuid NOT NULL,
    cause text NOT NULL,
    payment_id uuid REFERENCES payment (id),
    attempt_number integer,
    pos_id text NOT NULL,
    provider_order_id text NOT NULL,
    ext_order_id text NOT NULL,
    reported_currency text,
    reported_amount bigint,
    open_time timestamptz NOT NULL DEFAULT app_clock(),
    resolve_time timestamptz,
    resolved_by text,
    resolve_reason text,
    CONSTRAINT exception_case_pkey PRIMARY KEY (id)
)


CREATE INDEX exception_case_open ON exception_case (open_time) WHERE resolve_time IS NULL


CREATE TABLE spending (
    spending_id uuid NOT NULL,
    payment_id uuid NOT NULL REFERENCES payment (id),
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    remaining bigint NOT NULL CHECK (remaining >= 0),
    spend_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT spending_pkey PRIMARY KEY (spending_id)
)


CREATE INDEX spending_payment ON spending (payment_id)


CREATE UNIQUE INDEX exception_case_alone ON exception_case (cause, pos_id, provider_order_id)
    WHERE payment_id IS NULL
