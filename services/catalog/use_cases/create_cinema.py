"""Create a cinema, or give it new data."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Cinema, FeedRules, Staff
from services.catalog.domain.errors import CurrencyInUseError
from services.catalog.use_cases.ports import Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class CreateCinema:
    """Store a cinema with the rules of its feed.

    WRONG_CINEMA, INVALID_TIME_ZONE; CURRENCY_IN_USE when prices in another currency exist. New
    data of a known cinema is told as a change of each of its coming screenings.
    """

    transactions: Transactions

    async def __call__(
        self, key: RequestKey, staff: Staff, cinema: Cinema, rules: FeedRules
    ) -> Cinema:
        staff.must_act_for(cinema.id)
        cinema.zone()
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            known = await tx.cinemas.lock(cinema.id)
            in_use = await tx.prices.currency_in_use(cinema.id)
            if in_use not in ("", cinema.currency):
                raise CurrencyInUseError(in_use)
            if known is None or known != (cinema, rules):
                cinema = await tx.cinemas.save(cinema, rules)
            else:
                cinema = known[0]
            if known is not None and known[0] != cinema:
                await tx.screenings.touch_cinema(cinema.id)
            await tx.audit.add(
                staff, "CreateCinema", cinema.id, before=known or "", after=(cinema, rules)
            )
            await tx.requests.store(key, cinema)
            await tx.commit()
        return cinema
