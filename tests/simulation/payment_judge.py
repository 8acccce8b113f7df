"""What must be true of a payment in the end, by our record and the provider's together."""

from deploy.payu_emulator.order import Order, Status
from services.payment.domain.states import Decision
from tests.simulation.payment_world import World

_FACTS = """
SELECT p.captured, p.refunded, p.converted, p.state,
    (SELECT coalesce(json_agg(json_build_object('ext', ext_order_id, 'order', provider_order_id,
        'state', state, 'decision', decision, 'number', number)), '[]')
     FROM payment_attempt a WHERE a.payment_id = p.id) AS attempts,
    (SELECT coalesce(json_object_agg(account, amount), '{}') FROM (
        SELECT l.account, sum(l.amount) AS amount FROM journal_entry e
        JOIN journal_posting l ON l.entry_id = e.id
        WHERE e.payment_id = p.id GROUP BY l.account) books) AS books,
    (SELECT coalesce(json_agg(json_build_object('order', provider_order_id, 'amount', amount,
        'reason', reason)), '[]')
     FROM refund r WHERE r.payment_id = p.id) AS refunds,
    (SELECT coalesce(json_agg(cause), '[]') FROM exception_case c
     WHERE c.payment_id = p.id AND resolve_time IS NULL) AS open_cases,
    (SELECT coalesce(json_agg(aggregate_version ORDER BY aggregate_version), '[]') FROM outbox
     WHERE aggregate_id = p.id::text) AS versions
FROM payment p WHERE reference_id = $1 AND NOT is_tombstone"""
_ALONE = """
SELECT coalesce(sum(amount), 0)::bigint FROM refund
WHERE provider_order_id = $1 AND payment_id IS NULL AND state = 'COMPLETED'"""
# The provider let a granted authorisation lapse: a person must know.
FOR_A_PERSON = {"CAPTURE_LOST"}


def judge(world: World) -> None:
    """Compare the two records; AssertionError names what does not agree."""
    row = world.loop.run_until_complete(world.database.fetchrow(_FACTS, world.reference_id))
    orders = world.provider.orders
    if row is None:
        assert not any(order.captured for order in orders), "taken for a payment that is not there"
        return
    attempts, books, refunds = row["attempts"], row["books"], row["refunds"]
    versions, open_cases = row["versions"], row["open_cases"]
    assert versions == list(range(1, len(versions) + 1)), f"events {versions}"
    assert sum(books.values()) == 0, f"books {books}"
    assert books.get("exceptions", 0) == 0, f"books {books}"
    assert row["refunded"] + row["converted"] <= row["captured"] <= world.amount.minor_units
    won = [each for each in attempts if each["state"] == "CAPTURED"]
    assert len(won) == (1 if row["captured"] else 0), f"winners {won}"
    for each in won:
        verdict = world.owner.decisions.get(each["number"])
        assert verdict is not None, "captured without a grant"
        assert verdict.decision is Decision.GRANT, "captured without a grant"
    kept = {each["order"] for each in won}
    for order in orders:
        _judge_order(world, order, kept, refunds)
    held = sum(order.captured - order.refunded for order in orders)
    assert books.get("provider_clearing", 0) == held, f"{held} there, {books}"
    assert set(open_cases) <= FOR_A_PERSON, f"still open: {open_cases}"


def _judge_order(
    world: World, order: Order, kept: set[str], refunds: list[dict[str, object]]
) -> None:
    name = f"{order.ext_order_id} is {order.status}"
    captures = [entry for entry in order.history if entry["event"] == "COMPLETED"]
    assert len(captures) <= 1, f"{name}: captured {len(captures)} times"
    assert order.status in {Status.COMPLETED, Status.CANCELED}, f"{name}: nobody ended it"
    assert order.refunded <= order.captured, f"{name}: refunded {order.refunded}"
    ours = sum(int(str(each["amount"])) for each in refunds if each["order"] == order.order_id)
    if order.order_id in kept:
        assert order.captured == world.amount.minor_units, f"{name}: took {order.captured}"
        assert order.refunded == ours, f"{name}: gave back {order.refunded}, here {ours}"
    elif order.captured:
        alone = world.loop.run_until_complete(world.database.fetchval(_ALONE, order.order_id))
        assert order.refunded == order.captured, f"{name}: {order.captured} kept by nobody"
        assert order.refunded == ours + alone, f"{name}: gave back {order.refunded}"
