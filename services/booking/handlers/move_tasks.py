"""The worker's rounds over screenings that catalog has put into another hall."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.use_cases.move_ports import MovingScreenings
from services.booking.use_cases.move_seats import MoveSeats
from services.common.errors import DomainError
from services.common.logging import get_logger

MAX_MOVES_PER_ROUND = 20

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MoveTasks:
    """Several workers may do this at once: the board's lock lets one of them move the seats."""

    moving: MovingScreenings
    move_seats: MoveSeats

    async def move_due(self) -> int:
        """Move the seats of what is in another hall by now; tells how many screenings were moved."""
        screening_ids = await self.moving(MAX_MOVES_PER_ROUND)
        return sum([await self._move(screening_id) for screening_id in screening_ids])

    async def _move(self, screening_id: UUID) -> bool:
        try:
            move = await self.move_seats(screening_id)
        except DomainError as refusal:
            _log.info("seats_not_moved", screening_id=str(screening_id), reason=refusal.reason)
            return False
        except Exception:  # noqa: BLE001 - one screening must not stop the worker loop.
            _log.exception("seats_move_failed", screening_id=str(screening_id))
            return False
        if move is not None:
            _log.info(
                "seats_moved",
                screening_id=str(screening_id),
                orders=len(move.orders),
                unseated=len(move.unseated),
            )
        return move is not None
