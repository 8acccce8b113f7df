"""The statements about orders whose payment provider does not answer."""

EXTEND = """
UPDATE customer_order SET expires_at = $3, extended_by_s = $4
WHERE screening_id = $1 AND id = $2 AND extended_by_s = 0"""

OUTAGE_SINCE = "SELECT since FROM provider_outage WHERE currency = $1"

_HIT_BY_OUTAGE = """
FROM provider_outage outage JOIN customer_order o USING (currency)
WHERE o.state IN ('PLACED', 'AWAITING_PAYMENT') AND o.expires_at > (SELECT app_clock())
  AND o.extended_by_s = 0 AND o.money_due > 0 AND o.created_at <= outage.since"""
SOME_ARE_HIT = f"(SELECT true {_HIT_BY_OUTAGE} ORDER BY o.expires_at LIMIT 1)"
HIT_BY_OUTAGE = f"""
SELECT o.screening_id, o.id {_HIT_BY_OUTAGE}
ORDER BY o.expires_at LIMIT $1"""
