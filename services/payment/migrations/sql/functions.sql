CREATE FUNCTION payment_document(found payment) RETURNS text
    LANGUAGE sql VOLATILE
    RETURN json_build_object(
        'now', app_clock(),
        'payment', CASE WHEN found.id IS NULL THEN NULL ELSE row_to_json(found) END,
        'attempts', (SELECT coalesce(json_agg(a ORDER BY a.number), '[]')
                     FROM payment_attempt a WHERE a.payment_id = found.id))


-- The lock is one statement and the reading another: a plain join with FOR UPDATE would give
-- attempts that are older than the lock. Inside a volatile function each statement sees anew.
CREATE FUNCTION lock_payment(wanted uuid) RETURNS text
    LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found_row payment;
BEGIN
    SELECT * INTO found_row FROM payment WHERE id = wanted FOR UPDATE;
    RETURN payment_document(found_row);
END $$


CREATE FUNCTION read_payment(wanted uuid) RETURNS text
    LANGUAGE sql VOLATILE
    RETURN (SELECT payment_document(p) FROM payment p WHERE p.id = wanted)


CREATE FUNCTION guard_attempt() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.decision IS NOT NULL AND NEW.decision IS DISTINCT FROM OLD.decision THEN
        RAISE EXCEPTION 'a decision stays' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state THEN
        IF NEW.state = 'CAPTURED' AND OLD.state <> 'CAPTURE_SENT'
                -- What the provider took by itself needs no capture on the way.
                AND NOT (OLD.state = 'AUTHORIZED' AND OLD.taken_early)
            OR NEW.state = 'CAPTURE_SENT' AND OLD.state <> 'AUTHORIZED'
            OR OLD.state IN ('CAPTURED', 'QUARANTINED')
            OR OLD.state IN ('FAILED', 'CANCELLED') AND NEW.state <> 'QUARANTINED'
            OR OLD.state = 'CANCELLING' AND NEW.state NOT IN ('CANCELLED', 'QUARANTINED')
            OR NEW.state = 'OPENING'
        THEN
            RAISE EXCEPTION 'an attempt does not go from % to %', OLD.state, NEW.state
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$


CREATE TRIGGER attempt_goes_forward BEFORE UPDATE ON payment_attempt
    FOR EACH ROW EXECUTE FUNCTION guard_attempt()
