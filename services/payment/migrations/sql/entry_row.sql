ALTER TABLE journal_entry ADD COLUMN currency text, ADD COLUMN accounts text[],
    ADD COLUMN amounts bigint[]


ALTER TABLE journal_entry DISABLE TRIGGER journal_entry_stays


UPDATE journal_entry e SET currency = l.currency, accounts = l.accounts, amounts = l.amounts
FROM (
    SELECT entry_id, min(currency) AS currency, array_agg(account ORDER BY line) AS accounts,
        array_agg(amount ORDER BY line) AS amounts
    FROM journal_posting GROUP BY entry_id
) l WHERE l.entry_id = e.id


ALTER TABLE journal_entry ENABLE TRIGGER journal_entry_stays


DROP TABLE journal_posting


DROP TRIGGER entry_balances ON journal_entry


DROP FUNCTION check_entry_balance()


-- False, not unknown, for an amount that is missing: a CHECK lets pass what is unknown.
CREATE FUNCTION sums_to_zero(amounts bigint[]) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    amount bigint;
    total numeric := 0;
BEGIN
    FOREACH amount IN ARRAY amounts LOOP
        total := total + amount;
    END LOOP;
    RETURN total IS NOT DISTINCT FROM 0;
END $$


ALTER TABLE journal_entry
    ALTER COLUMN currency SET NOT NULL,
    ALTER COLUMN accounts SET NOT NULL,
    ALTER COLUMN amounts SET NOT NULL,
    ADD CONSTRAINT journal_entry_balances CHECK (sums_to_zero(amounts)),
    ADD CONSTRAINT journal_entry_postings CHECK (cardinality(amounts) > 1
        AND cardinality(accounts) = cardinality(amounts) AND 0 <> ALL (amounts)),
    ADD CONSTRAINT journal_entry_accounts CHECK (accounts <@ ARRAY[
        'provider_clearing', 'till_clearing', 'ticket_sales', 'supplement_sales', 'service_fees',
        'goods_sales', 'prepaid_card_sales', 'refunds_payable', 'vouchers_issued',
        'vouchers_spent', 'lapsed_remedies', 'exceptions'])


-- The postings as rows, for whoever adds them up.
CREATE VIEW journal_posting AS
SELECT e.id AS entry_id, l.line::integer AS line, l.account, e.currency, l.amount
FROM journal_entry e
CROSS JOIN LATERAL unnest(e.accounts, e.amounts) WITH ORDINALITY AS l (account, amount, line)
