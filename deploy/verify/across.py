"""The invariants that no single database can see: what the services say about the same order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deploy.verify.records import Records

SOLD = frozenset({"CONFIRMED", "CANCELLED"})
ENDED_WITHOUT_SALE = frozenset({"EXPIRED", "ABANDONED", "REFUSED"})
OPEN_AT_PROVIDER = frozenset({"NEW", "PENDING", "WAITING_FOR_CONFIRMATION"})
ENDED_ATTEMPTS = frozenset({"CANCELLED", "FAILED", "QUARANTINED"})


@dataclass(frozen=True)
class AcrossCheck:
    """One invariant over several services; `find` yields a sentence for each violation."""

    invariant_id: str
    name: str
    where: str
    find: Callable[[Records], Iterator[str]]


def _tickets_are_paid(records: Records) -> Iterator[str]:
    for order in records.orders.values():
        payment = records.payments.get(order["id"])
        captured = payment["captured"] if payment else 0
        if order["tickets"] and captured != order["money_due"]:
            yield f"order {order['id']} has tickets for {order['money_due']}, captured {captured}"


def _money_has_tickets(records: Records) -> Iterator[str]:
    for reference_id, payment in records.payments.items():
        if not payment["captured"] or payment["owner"] != "booking":
            continue
        order = records.orders.get(reference_id)
        if order is None or order["state"] not in SOLD or order["tickets"] != order["seats"]:
            state = order["state"] if order else "unknown"
            yield f"order {reference_id} is {state} and was charged {payment['captured']}"


def _provider_agrees(records: Records) -> Iterator[str]:
    captured_by_reference: Counter[str] = Counter()
    for order_id, order in records.provider_orders.items():
        attempt = records.attempts.get(order_id)
        captured = int(order["captured"])
        if order_id in records.named_exceptions:
            continue
        if captured and attempt is None:
            yield f"provider order {order_id} took {captured} and is unknown here"
        elif captured and attempt is not None:
            captured_by_reference[attempt["reference_id"]] += captured
            if attempt["state"] != "CAPTURED":
                yield f"provider order {order_id} took {captured}, here it is {attempt['state']}"
        elif attempt is not None and attempt["state"] == "CAPTURED":
            yield f"provider order {order_id} took nothing, here it is captured"
    named = {
        attempt["reference_id"]
        for order_id, attempt in records.attempts.items()
        if order_id in records.named_exceptions
    }
    for reference_id, payment in records.payments.items():
        taken = captured_by_reference[reference_id]
        if records.provider_orders and taken != payment["captured"] and reference_id not in named:
            yield f"payment of {reference_id}: provider took {taken}, here {payment['captured']}"


def _refunds_agree(records: Records) -> Iterator[str]:
    for order_id, order in records.provider_orders.items():
        given = int(order["refunded"])
        ours = records.refunds.get(order_id)
        completed, asked = (ours["completed"], ours["asked"]) if ours else (0, 0)
        if not completed <= given <= asked:
            yield f"provider order {order_id} gave back {given}, here {completed} of {asked}"


def _nothing_stays_authorised(records: Records) -> Iterator[str]:
    for order_id, order in records.provider_orders.items():
        attempt = records.attempts.get(order_id)
        if attempt is None or attempt["state"] not in ENDED_ATTEMPTS:
            continue
        if order["status"] in OPEN_AT_PROVIDER:
            yield f"provider order {order_id} is {order['status']}, here it is {attempt['state']}"


def _places_follow_orders(records: Records) -> Iterator[str]:
    for leg in records.place_legs:
        key = (leg["order_id"], leg["name"], leg["attempt"])
        reservation = records.reservations.get(key)
        state = reservation["state"] if reservation else "unknown"
        if leg["remedy_state"] == "GIVEN" or (
            leg["state"] == "UNDONE" and leg["order_state"] in SOLD
        ):
            wanted = {"RESTORED"}
        elif leg["order_state"] == "CANCELLED":
            wanted = {"CAPTURED", "RESTORED"}
        elif leg["order_state"] == "CONFIRMED":
            wanted = {"CAPTURED", "RESTORED"} if leg["remedy_state"] else {"CAPTURED"}
        elif leg["order_state"] in ENDED_WITHOUT_SALE:
            wanted = {"RELEASED", "RESTORED", "unknown"}
        else:
            continue
        if state not in wanted:
            yield f"order {leg['order_id']} is {leg['order_state']}, its {leg['name']} {state}"
    known = {(leg["order_id"], leg["name"], leg["attempt"]) for leg in records.place_legs}
    for key, reservation in records.reservations.items():
        if key not in known and reservation["state"] in {"RESERVED", "CAPTURED"}:
            yield f"places {reservation['state']} for order {key[0]}, which has no such leg"


def _refunds_follow_orders(records: Records) -> Iterator[str]:
    for reference_id, refunds in records.given_back.items():
        asked = records.refund_legs.get(reference_id)
        if asked is None or asked["amount"] < refunds["asked"]:
            of = asked["amount"] if asked else 0
            yield f"order {reference_id}: {refunds['asked']} given back of {of} that are due"
    for order_id, asked in records.refund_legs.items():
        refunds = records.given_back.get(order_id)
        completed = refunds["completed"] if refunds else 0
        if asked["done"] > completed:
            yield f"order {order_id}: {asked['done']} are said to be back, and {completed} are"


def lapses_follow_offers(records: Records) -> Iterator[str]:
    """See that what nobody asked for is booked, and nothing else is."""
    for offer_id, offer in records.offers.items():
        is_booked = offer_id in records.lapses
        if offer["state"] == "LAPSED" and offer["kind"] != "PLACES_ONLY" and not is_booked:
            yield f"order {offer['order_id']}: its remedy has lapsed, and nobody has booked it"
    for offer_id, lapse in records.lapses.items():
        if offer_id not in records.offers:
            yield f"order {lapse['order_id']}: a remedy is booked as lapsed that was not offered"


def _vouchers_follow_remedies(records: Records) -> Iterator[str]:
    per_remedy = Counter(voucher["remedy_id"] for voucher in records.vouchers)
    value_per_order: Counter[str] = Counter()
    for voucher in records.vouchers:
        remedy = records.remedies.get(voucher["remedy_id"])
        value_per_order[voucher["order_id"]] += voucher["value"]
        if remedy is None or remedy["amount"] != voucher["value"]:
            yield f"voucher {voucher['id']} of {voucher['value']} has no remedy of that amount"
        if per_remedy[voucher["remedy_id"]] > 1:
            yield f"remedy {voucher['remedy_id']} has {per_remedy[voucher['remedy_id']]} vouchers"
    for remedy in records.remedies.values():
        if remedy["state"] == "GIVEN" and per_remedy[remedy["id"]] != 1:
            yield f"remedy {remedy['id']} is given and has {per_remedy[remedy['id']]} vouchers"
    for reference_id, payment in records.payments.items():
        issued = value_per_order[reference_id]
        if issued > payment["converted"]:
            yield f"order {reference_id}: vouchers of {issued}, budget taken {payment['converted']}"


ACROSS_CHECKS = (
    AcrossCheck("I4", "every ticket is paid in full", "booking, payment", _tickets_are_paid),
    AcrossCheck("I3", "nobody is charged without tickets", "booking, payment", _money_has_tickets),
    AcrossCheck(
        "I3", "the provider's record and ours agree", "payment, provider", _provider_agrees
    ),
    AcrossCheck("I3", "the provider gave back what was asked", "payment, provider", _refunds_agree),
    AcrossCheck(
        "I3",
        "no authorisation outlives a refusal",
        "payment, provider",
        _nothing_stays_authorised,
    ),
    AcrossCheck(
        "I6", "refunds are of orders that give back", "booking, payment", _refunds_follow_orders
    ),
    AcrossCheck("I3", "what lapsed is booked once", "booking, payment", lapses_follow_offers),
    AcrossCheck("I5", "places follow their orders", "booking, wallet", _places_follow_orders),
    AcrossCheck(
        "I6",
        "one voucher for each remedy, within its budget",
        "booking, wallet, payment",
        _vouchers_follow_remedies,
    ),
)
