"""Create a hall, or say what it shows."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Hall, Staff
from services.catalog.domain.errors import CinemaNotFoundError
from services.catalog.use_cases.ports import Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class CreateHall:
    """Make a hall without a seat plan, or give the one of that name its formats.

    WRONG_CINEMA, CINEMA_NOT_FOUND.
    """

    transactions: Transactions

    async def __call__(
        self, key: RequestKey, staff: Staff, cinema_id: str, name: str, formats: tuple[str, ...]
    ) -> Hall:
        staff.must_act_for(cinema_id)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            if await tx.cinemas.lock(cinema_id) is None:
                raise CinemaNotFoundError(cinema_id)
            known = await tx.halls.get_or_create(cinema_id, name)
            hall = await tx.halls.set_formats(known, formats)
            await tx.audit.add(staff, "CreateHall", f"{cinema_id}/{name}", before=known, after=hall)
            await tx.requests.store(key, hall)
            await tx.commit()
        return hall
