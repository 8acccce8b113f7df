"""Decides what to do with a batch of events: in the order of versions, each once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.common.bus.events import Event


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a batch: apply in this order, park for later, and drop."""

    apply: list[Event] = field(default_factory=list)
    park: list[Event] = field(default_factory=list)
    duplicates: list[Event] = field(default_factory=list)


def plan_batch(
    known: Mapping[str, int],
    parked: Iterable[Event],
    incoming: Iterable[Event],
    *,
    first_may_be_late: bool = False,
) -> Plan:
    """Plan a batch of one source.

    `known` holds the last consumed version of each aggregate, `parked` what waits for its
    predecessor. `first_may_be_late` lets an aggregate that was never heard of begin with its
    lowest version: the source no longer keeps the ones before.
    """
    plan, parked = Plan(), list(parked)
    already_parked = {event.id for event in parked}
    for aggregate_id, versions in _by_aggregate([*parked, *incoming], known, plan).items():
        following = known.get(aggregate_id, 0) + 1
        if first_may_be_late and aggregate_id not in known:
            following = min(versions)
        while (event := versions.pop(following, None)) is not None:
            plan.apply.append(event)
            following += 1
        plan.park.extend(event for event in versions.values() if event.id not in already_parked)
    return plan


def is_gapless(events: Iterable[Event]) -> bool:
    """Tell whether each aggregate's events are so many versions in a row, each once."""
    versions: dict[str, list[int]] = defaultdict(list)
    for event in events:
        versions[event.aggregate_id].append(event.aggregate_version)
    return all(
        len(set(of_one)) == len(of_one) == max(of_one) - min(of_one) + 1
        for of_one in versions.values()
    )


def _by_aggregate(
    events: Iterable[Event], known: Mapping[str, int], plan: Plan
) -> dict[str, dict[int, Event]]:
    by_aggregate: dict[str, dict[int, Event]] = defaultdict(dict)
    for event in events:
        versions = by_aggregate[event.aggregate_id]
        is_known = event.aggregate_version <= known.get(event.aggregate_id, 0)
        if is_known or event.aggregate_version in versions:
            plan.duplicates.append(event)
        else:
            versions[event.aggregate_version] = event
    return by_aggregate
