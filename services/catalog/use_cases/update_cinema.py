"""Change some data of a cinema."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.catalog.domain.cinema import Cinema, Staff
from services.catalog.domain.errors import CinemaNotFoundError, CurrencyInUseError
from services.catalog.use_cases.ports import Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class UpdateCinema:
    """Store the fields that are given; each coming screening is told as changed.

    WRONG_CINEMA, CINEMA_NOT_FOUND, CONCURRENT_CHANGE, INVALID_TIME_ZONE, CURRENCY_IN_USE.
    """

    transactions: Transactions

    async def __call__(
        self,
        key: RequestKey,
        staff: Staff,
        cinema_id: str,
        etag: str,
        changes: Mapping[str, object],
    ) -> Cinema:
        staff.must_act_for(cinema_id)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            known = await tx.cinemas.lock(cinema_id)
            if known is None:
                raise CinemaNotFoundError(cinema_id)
            before, rules = known
            cinema = before.changed(etag, **changes)
            cinema.zone()
            in_use = await tx.prices.currency_in_use(cinema_id)
            if in_use not in ("", cinema.currency):
                raise CurrencyInUseError(in_use)
            if cinema != before:
                cinema = await tx.cinemas.save(cinema, rules)
                await tx.screenings.touch_cinema(cinema_id)
            await tx.audit.add(staff, "UpdateCinema", cinema_id, before=before, after=cinema)
            await tx.requests.store(key, cinema)
            await tx.commit()
        return cinema
