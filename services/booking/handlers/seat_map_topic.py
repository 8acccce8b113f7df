"""A screening's seats as a watched thing: its messages, each serialised once for all watchers."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import seat_pb2

from services.booking.domain.board_history import BoardHistory, SeatChange
from services.booking.domain.seats import SeatMap


class BoardMark(NamedTuple):
    """Where a watcher of a screening's seats stands.

    `server_start` is of the database server that it was told by; None when a client says where it is.
    """

    epoch: int
    revision: int
    server_start: datetime | None = None

    def is_of(self, head: SeatMap) -> bool:
        """Tell whether the server is the one that told it of its revision, as far as is known."""
        return self.server_start in (None, head.server_start)


@dataclass(slots=True)
class SeatMapTopic:
    """The port `Topic` of the chassis's feeds."""

    history: BoardHistory
    is_final: bool = field(default=False, init=False)
    _messages: dict[BoardMark | None, bytes] = field(default_factory=dict, init=False)

    @property
    def key(self) -> UUID:
        return self.history.head.screening_id

    @property
    def mark(self) -> BoardMark:
        head = self.history.head
        return BoardMark(head.epoch, head.revision, head.server_start)

    def learn(self, other: Self) -> bool:
        head = other.history.head
        here = self.history.head
        is_newer = (here.epoch, here.revision) < (head.epoch, head.revision)
        return is_newer and self.advance(head)

    def advance(self, seat_map: SeatMap) -> bool:
        """Take over a map that was read later."""
        self._messages.clear()
        return self.history.advance(seat_map)

    def message_after(self, mark: BoardMark | None) -> bytes:
        known = self._messages.get(mark)
        if known is not None:
            return known
        changes = None
        if mark is not None and mark.is_of(self.history.head):
            changes = self.history.changes_since(mark.epoch, mark.revision)
        if mark is None or changes is None:
            # One snapshot for all who cannot go on from where they are.
            known = self._messages.get(None) or self._snapshot()
            self._messages[None] = known
        else:
            known = self._messages[mark] = self._changes(mark, changes)
        return known

    def goodbye_at(self, mark: BoardMark | None) -> bytes:
        at = mark or BoardMark(0, 0)
        return pb.WatchSeatMapResponse(
            epoch=at.epoch, revision=at.revision, goodbye=seat_pb2.SeatMapGoodbye()
        ).SerializeToString()

    def _snapshot(self) -> bytes:
        head = self.history.head
        message = pb.WatchSeatMapResponse(epoch=head.epoch, revision=head.revision)
        message.snapshot.seat_plan_id = str(head.seat_plan_id or "")
        message.snapshot.states.extend(head.states)  # type: ignore[arg-type]
        return message.SerializeToString()

    def _changes(self, mark: BoardMark, changes: Sequence[SeatChange]) -> bytes:
        head = self.history.head
        message = pb.WatchSeatMapResponse(epoch=head.epoch, revision=head.revision)
        if (mark.epoch, mark.revision) == (head.epoch, head.revision):
            message.heartbeat.SetInParent()
            return message.SerializeToString()
        message.delta.from_revision = mark.revision
        for seat_index, state in changes:
            message.delta.changes.add(seat_index=seat_index, state=state)
        return message.SerializeToString()


ReadMoved = Callable[[Sequence[SeatMap]], Awaitable[Sequence[SeatMap]]]
"""Reads the maps of boards that are not as they were seen, in one statement."""


@dataclass(frozen=True, slots=True)
class SeatMapLook:
    """Brings topics up to date: the `Look` of the feed of seat maps."""

    read_moved: ReadMoved

    async def __call__(self, topics: Sequence[SeatMapTopic]) -> Collection[UUID]:
        by_key = {topic.key: topic for topic in topics}
        moved = await self.read_moved([topic.history.head for topic in topics])
        return {
            seat_map.screening_id
            for seat_map in moved
            if by_key[seat_map.screening_id].advance(seat_map)
        }
