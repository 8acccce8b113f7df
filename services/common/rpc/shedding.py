"""Refusing early what begins work, so that what was begun can be finished."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic

from services.common.errors import OverloadedError
from services.common.rpc.access import Criticality

# All is let in up to the target, half at twice the target, next to nothing at three times of it.
_NOTHING_AT = 3.0
# Never nothing: those who are let in show whether things are better.
_LEAST_SHARE = 0.02
_MAX_RETRY_FACTOR = 8.0


@dataclass(frozen=True, slots=True)
class Delay:
    """Something that gets late when there is too much to do; `read` tells by how many seconds.

    Work piles up because it was begun: then those who only look are refused when refusing those
    who begin work was not enough. Where `looks_count`, looking makes it late just as much.
    """

    name: str
    target_s: float
    read: Callable[[], float]
    looks_count: bool = False

    def shares(self) -> tuple[float, float]:
        """Which part of those who begin work, and of those who look, may come in."""
        excess = self.read() / self.target_s
        if excess <= 1.0:
            return 1.0, 1.0
        begin = _share(excess)
        return begin, begin if self.looks_count else _share(excess - _NOTHING_AT + 1.0)


class UnderWay:
    """Work in flight by when it began: how long some of it has been under way already.

    One straggler tells nothing of load, so the few oldest are left out.
    """

    def __init__(self, *, stragglers: int = 3, clock: Callable[[], float] = monotonic) -> None:
        self._stragglers = stragglers
        self._clock = clock
        self._began: dict[object, float] = {}

    def begin(self, work: object) -> None:
        self._began[work] = self._clock()

    def end(self, work: object) -> None:
        self._began.pop(work, None)

    def age_s(self) -> float:
        """Seconds that the oldest has taken so far, stragglers left out; 0 when few are there."""
        began = next(islice(self._began.values(), self._stragglers, None), None)
        return 0.0 if began is None else self._clock() - began


class Shedding:
    """Lets in a share of the calls that may be refused: the smaller, the later the latest delay is.

    Which calls of a share are refused is counted, not drawn: none at first, then evenly.
    """

    def __init__(
        self, delays: Sequence[Delay], offered: Iterable[Criticality], *, retry_after_ms: int = 500
    ) -> None:
        self._delays = delays
        self._retry_after_ms = retry_after_ms
        self._credits = dict.fromkeys(offered, 1.0)
        self._refused = dict.fromkeys(self._credits, 0)

    def must_admit(self, criticality: Criticality) -> None:
        """Pass, or raise OVERLOADED with a hint that is the later the less is let in."""
        share = self.share(criticality)
        if share == 1.0:
            self._credits[criticality] = 1.0
            return
        credit = self._credits[criticality] + share
        if credit >= 1.0:
            self._credits[criticality] = credit - 1.0
            return
        self._credits[criticality] = credit
        self._refused[criticality] += 1
        factor = min(1.0 / share, _MAX_RETRY_FACTOR)
        raise OverloadedError(retry_after_ms=round(self._retry_after_ms * factor))

    def refused_of(self, criticality: Criticality) -> int:
        """Tell how many such calls were refused so far."""
        return self._refused.get(criticality, 0)

    def share(self, criticality: Criticality) -> float:
        """Tell which part of such calls is let in now."""
        at = int(criticality is Criticality.LOOKS)
        return min((delay.shares()[at] for delay in self._delays), default=1.0)


def _share(excess: float) -> float:
    return min(1.0, max(_LEAST_SHARE, (_NOTHING_AT - excess) / (_NOTHING_AT - 1.0)))
