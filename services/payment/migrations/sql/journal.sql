CREATE TABLE journal_entry (
    id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('CAPTURE', 'CONVERSION', 'EXCEPTION')),
    payment_id uuid REFERENCES payment (id),
    occur_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT journal_entry_pkey PRIMARY KEY (id),
    CONSTRAINT journal_entry_key UNIQUE (key)
)


CREATE INDEX journal_entry_payment ON journal_entry (payment_id)


CREATE TABLE journal_posting (
    entry_id uuid NOT NULL REFERENCES journal_entry (id),
    line integer NOT NULL,
    account text NOT NULL
        CHECK (account IN ('provider_clearing', 'ticket_sales', 'vouchers_issued', 'exceptions')),
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    CONSTRAINT journal_posting_pkey PRIMARY KEY (entry_id, line)
)


CREATE FUNCTION check_entry_balance() RETURNS trigger
    LANGUAGE plpgsql AS $$
DECLARE
    wanted uuid := CASE WHEN TG_TABLE_NAME = 'journal_entry' THEN to_jsonb(NEW)->>'id'
                        ELSE to_jsonb(NEW)->>'entry_id' END;
BEGIN
    IF NOT EXISTS (SELECT FROM journal_posting WHERE entry_id = wanted AND line = 1)
        OR EXISTS (SELECT FROM journal_posting WHERE entry_id = wanted
                   GROUP BY currency HAVING sum(amount) <> 0)
    THEN
        RAISE EXCEPTION 'journal entry % does not balance', wanted
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$


CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON journal_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_balance()


-- An entry always has its first line, which the entry's own trigger sees to.
CREATE CONSTRAINT TRIGGER posting_balances AFTER INSERT ON journal_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.line <> 1)
    EXECUTE FUNCTION check_entry_balance()


CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is only added to' USING ERRCODE = 'insufficient_privilege';
END $$


CREATE TRIGGER journal_entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()


CREATE TRIGGER journal_posting_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_posting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
