from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.bus.batch import is_gapless, plan_batch
from services.common.bus.events import Event

SOURCE = "source"


def an_event(aggregate: str, version: int) -> Event:
    return Event(
        source=SOURCE,
        id=uuid5(UUID(int=0), f"{aggregate}:{version}"),
        type="Told",
        aggregate_id=aggregate,
        aggregate_version=version,
        feed_number=version,
        occur_time=datetime(2026, 1, 1, tzinfo=UTC),
        correlation_id="",
        traceparent="",
        payload=b"",
    )


def names(events: list[Event]) -> list[str]:
    return [f"{event.aggregate_id}{event.aggregate_version}" for event in events]


def test_versions_are_applied_in_order_whatever_the_order_of_arrival():
    plan = plan_batch({}, [], [an_event("a", 3), an_event("a", 1), an_event("a", 2)])

    assert names(plan.apply) == ["a1", "a2", "a3"]
    assert plan.park == []


def test_an_early_version_is_parked():
    plan = plan_batch({"a": 1}, [], [an_event("a", 3)])

    assert (names(plan.apply), names(plan.park)) == ([], ["a3"])


def test_a_predecessor_brings_the_parked_ones_along():
    plan = plan_batch({"a": 1}, [an_event("a", 3), an_event("a", 5)], [an_event("a", 2)])

    assert (names(plan.apply), names(plan.park)) == (["a2", "a3"], [])


def test_known_and_repeated_versions_are_duplicates():
    plan = plan_batch({"a": 1}, [], [an_event("a", 1), an_event("a", 2), an_event("a", 2)])

    assert (names(plan.apply), names(plan.duplicates)) == (["a2"], ["a1", "a2"])


@pytest.mark.parametrize(
    ("versions", "gapless"),
    [([1], True), ([3, 2, 4], True), ([1, 3], False), ([1, 1], False), ([1, 1, 3], False)],
)
def test_versions_are_gapless_when_each_in_a_row_comes_once(versions, gapless):
    batch = [an_event("a", version) for version in versions]

    assert is_gapless([an_event("b", 7), *batch]) is gapless


def test_an_unheard_of_aggregate_begins_late_only_when_the_feed_does():
    batch = [an_event("a", 4), an_event("b", 3)]

    strict = plan_batch({"b": 1}, [], batch)
    lenient = plan_batch({"b": 1}, [], batch, first_may_be_late=True)

    assert names(strict.park) == ["a4", "b3"]
    assert (names(lenient.apply), names(lenient.park)) == (["a4"], ["b3"])


@given(st.permutations([(a, v) for a in "ab" for v in range(1, 6)]), st.integers(1, 9))
def test_every_event_is_applied_once_however_it_is_cut_and_shuffled(arrivals, cut):
    events = [an_event(aggregate, version) for aggregate, version in arrivals]
    known: dict[str, int] = {}
    parked: list[Event] = []
    applied: list[Event] = []

    for batch in (events[:cut], events[cut:], events):
        plan = plan_batch(known, parked, batch)
        applied += plan.apply
        known |= {event.aggregate_id: event.aggregate_version for event in plan.apply}
        waiting = {replace(event) for event in [*parked, *plan.park]} - set(plan.apply)
        parked = sorted(waiting, key=lambda event: (event.aggregate_id, event.aggregate_version))

    assert sorted(names(applied)) == sorted(names(events))
    assert parked == []
    for aggregate in "ab":
        versions = [e.aggregate_version for e in applied if e.aggregate_id == aggregate]
        assert versions == [1, 2, 3, 4, 5]
