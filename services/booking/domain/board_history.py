"""A screening's board now, and what it was at the revisions that were told of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.booking.domain.seats import SeatMap

MAX_REMEMBERED_REVISIONS = 64


class SeatChange(NamedTuple):
    """A seat, by its place in the map, and the state that it has now."""

    seat_index: int
    state: int


@dataclass(slots=True)
class BoardHistory:
    """Answers what changed since a revision. Only revisions that were seen here can be gone on from.

    In between a seat may have been held and freed again: two maps that are compared do not tell.
    """

    head: SeatMap
    _states: dict[int, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._states = {self.head.revision: self.head.states}

    def advance(self, seat_map: SeatMap) -> bool:
        """Take over a map that was read after the one before; tells whether anything changed.

        A server that began anew may be a copy that lacks what was last told of: nothing goes on
        from there.
        """
        before = self.head
        same_server = seat_map.server_start == before.server_start
        if same_server and (seat_map.epoch, seat_map.revision) == (before.epoch, before.revision):
            return False
        self.head = seat_map
        follows = seat_map.epoch == before.epoch and seat_map.revision > before.revision
        goes_on = same_server and follows
        if not goes_on or seat_map.seat_plan_id != before.seat_plan_id:
            self._states.clear()
        self._states[seat_map.revision] = seat_map.states
        if len(self._states) > MAX_REMEMBERED_REVISIONS:
            del self._states[next(iter(self._states))]
        return True

    def changes_since(self, epoch: int, revision: int) -> Sequence[SeatChange] | None:
        """List the seats that are not what they were then; None when that is not known here."""
        then = self._states.get(revision) if epoch == self.head.epoch else None
        if then is None:
            return None
        pairs = enumerate(zip(then, self.head.states, strict=True))
        return [SeatChange(index, new) for index, (old, new) in pairs if old != new]
