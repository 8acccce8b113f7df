"""What nobody asked for is booked as lapsed, and nothing else is."""

from typing import Any

from deploy.verify.across import lapses_follow_offers
from deploy.verify.records import Records

OFFER = {"order_id": "order-1", "kind": "REFUND", "state": "LAPSED"}
LAPSE = {"order_id": "order-1"}


def records(offers: dict[str, Any], lapses: dict[str, Any]) -> Records:
    return Records({}, [], {}, {}, {}, frozenset(), {}, [], {}, offers=offers, lapses=lapses)


def test_a_lapsed_offer_that_is_booked_is_fine_and_so_is_one_of_places() -> None:
    offers = {"a": OFFER, "b": OFFER | {"kind": "PLACES_ONLY"}, "c": OFFER | {"state": "OPEN"}}

    assert list(lapses_follow_offers(records(offers, {"a": LAPSE}))) == []


def test_an_offer_that_lapsed_unbooked_and_a_booking_without_an_offer_are_seen() -> None:
    found = list(lapses_follow_offers(records({"a": OFFER}, {"b": LAPSE})))

    assert [text.partition(": ")[2] for text in found] == [
        "its remedy has lapsed, and nobody has booked it",
        "a remedy is booked as lapsed that was not offered",
    ]
