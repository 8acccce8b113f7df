"""Which events of a batch take effect together."""

from datetime import UTC, datetime
from uuid import uuid4

from services.common.bus.effects import groups_of
from services.common.bus.events import Event

TOGETHER = {"Paid", "Sent"}


def event(name: str) -> Event:
    """The event of `Paid a1`: its type, its aggregate, its version."""
    type_, aggregate = name.split()
    return Event(
        source="source",
        id=uuid4(),
        type=type_,
        aggregate_id=aggregate[0],
        aggregate_version=int(aggregate[1:]),
        feed_number=1,
        occur_time=datetime(2026, 1, 1, tzinfo=UTC),
        correlation_id="",
        traceparent="",
        payload=b"",
    )


def grouped(*names: str) -> list[str]:
    groups = groups_of([event(name) for name in names], TOGETHER)
    return [
        " ".join(
            [group[0].type, *(f"{each.aggregate_id}{each.aggregate_version}" for each in group)]
        )
        for group in groups
    ]


def test_events_of_a_type_that_goes_together_are_one_group_whatever_comes_between() -> None:
    assert grouped("Paid a2", "Failed b2", "Paid c2", "Failed d2", "Paid e2") == [
        "Failed b2",
        "Failed d2",
        "Paid a2 c2 e2",
    ]


def test_each_type_that_goes_together_has_a_group_of_its_own() -> None:
    assert grouped("Paid a2", "Sent b2", "Paid c2") == ["Paid a2 c2", "Sent b2"]


def test_the_events_of_an_aggregate_stay_in_order() -> None:
    assert grouped("Paid a2", "Paid b2", "Refunded b3", "Paid c2", "Sent c3", "Sent d2") == [
        "Paid a2 b2",
        "Refunded b3",
        "Paid c2",
        "Sent c3 d2",
    ]


def test_an_aggregates_events_of_one_type_are_in_one_group_in_their_order() -> None:
    assert grouped("Paid a2", "Paid a3", "Paid b1") == ["Paid a2 a3 b1"]


def test_nothing_has_no_groups() -> None:
    assert grouped() == []
