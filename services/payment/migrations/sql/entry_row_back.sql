CREATE TABLE posting (
    entry_id uuid NOT NULL REFERENCES journal_entry (id),
    line integer NOT NULL,
    account text NOT NULL CONSTRAINT journal_posting_account_check CHECK (account IN (
        'provider_clearing', 'till_clearing', 'ticket_sales', 'supplement_sales', 'service_fees',
        'goods_sales', 'prepaid_card_sales', 'refunds_payable', 'vouchers_issued',
        'vouchers_spent', 'lapsed_remedies', 'exceptions')),
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    CONSTRAINT journal_posting_pkey PRIMARY KEY (entry_id, line)
)


INSERT INTO posting SELECT entry_id, line, account, currency, amount FROM journal_posting


DROP VIEW journal_posting


ALTER TABLE posting RENAME TO journal_posting


ALTER TABLE journal_entry DROP COLUMN currency, DROP COLUMN accounts, DROP COLUMN amounts


DROP FUNCTION sums_to_zero(bigint[])


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


CREATE CONSTRAINT TRIGGER posting_balances AFTER INSERT ON journal_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.line <> 1)
    EXECUTE FUNCTION check_entry_balance()


CREATE TRIGGER journal_posting_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_posting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
