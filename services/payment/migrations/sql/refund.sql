ALTER TABLE payment ADD COLUMN lines jsonb


ALTER TABLE stray_order ALTER COLUMN payment_id DROP NOT NULL


CREATE TABLE refund (
    id uuid NOT NULL,
    -- Null for money of an order that is unknown here.
    payment_id uuid REFERENCES payment (id),
    owner text NOT NULL,
    reference_id uuid,
    pos_id text NOT NULL,
    provider_order_id text NOT NULL CHECK (provider_order_id <> ''),
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    reason text NOT NULL CHECK (reason IN ('CANCELLATION', 'REMEDY', 'LATE_PAYMENT',
        'FEE_OVERRIDE', 'EXCEPTION')),
    state text NOT NULL CHECK (state IN ('REQUESTED', 'SENT', 'COMPLETED')),
    round integer NOT NULL CHECK (round >= 1),
    provider_refund_id text NOT NULL,
    failure_code text NOT NULL,
    is_reported boolean NOT NULL,
    create_time timestamptz NOT NULL,
    complete_time timestamptz,
    next_step_at timestamptz,
    step_count integer NOT NULL DEFAULT 0,
    CONSTRAINT refund_pkey PRIMARY KEY (id),
    CONSTRAINT refund_end CHECK ((state = 'COMPLETED') = (complete_time IS NOT NULL)),
    CONSTRAINT refund_comes_back CHECK ((state = 'COMPLETED') = (next_step_at IS NULL))
)


CREATE INDEX refund_due ON refund (next_step_at) WHERE next_step_at IS NOT NULL


CREATE INDEX refund_payment ON refund (payment_id)


-- Money that nobody granted goes back once for each order at the provider.
CREATE UNIQUE INDEX refund_of_exception ON refund (pos_id, provider_order_id)
    WHERE reason = 'EXCEPTION'


CREATE INDEX refund_provider_order ON refund (provider_order_id)


CREATE FUNCTION guard_refund() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.payment_id, OLD.pos_id, OLD.provider_order_id, OLD.currency, OLD.amount)
        IS DISTINCT FROM
        (NEW.payment_id, NEW.pos_id, NEW.provider_order_id, NEW.currency, NEW.amount)
        OR OLD.state = 'COMPLETED' AND NEW.state <> 'COMPLETED'
        OR NEW.round < OLD.round
    THEN
        RAISE EXCEPTION 'a refund does not change so' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$


CREATE TRIGGER refund_goes_forward BEFORE UPDATE ON refund
    FOR EACH ROW EXECUTE FUNCTION guard_refund()


CREATE INDEX payment_create_time ON payment (create_time, id)


ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_kind_check


ALTER TABLE journal_entry ADD CONSTRAINT journal_entry_kind_check CHECK (kind IN ('CAPTURE',
    'CONVERSION', 'EXCEPTION', 'REFUND', 'REFUND_PAID', 'LAPSE', 'VOUCHER_SPENT'))


ALTER TABLE journal_posting DROP CONSTRAINT journal_posting_account_check


ALTER TABLE journal_posting ADD CONSTRAINT journal_posting_account_check CHECK (account IN (
    'provider_clearing', 'till_clearing', 'ticket_sales', 'supplement_sales', 'service_fees',
    'goods_sales', 'prepaid_card_sales', 'refunds_payable', 'vouchers_issued', 'vouchers_spent',
    'lapsed_remedies', 'exceptions'))
