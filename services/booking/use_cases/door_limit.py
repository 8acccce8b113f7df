"""How often a device may ask."""

from dataclasses import dataclass

from services.booking.domain.admission import Door
from services.booking.use_cases.start_session import Limiter
from services.common.errors import TooManyRequestsError


@dataclass(frozen=True, slots=True)
class DoorLimit:
    """Refuse a device that asks more often than people can come through a door."""

    limiter: Limiter

    async def __call__(self, door: Door) -> None:
        wait_ms = await self.limiter.wait_ms(f"{door.cinema_id}:{door.device_id}")
        if wait_ms:
            raise TooManyRequestsError(retry_after_ms=wait_ms)
