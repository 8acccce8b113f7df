"""Set the prices of a cinema from a moment on."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Staff
from services.catalog.domain.errors import CinemaNotFoundError
from services.catalog.domain.price_soundness import must_be_sound
from services.catalog.domain.prices import PriceList, Prices
from services.catalog.use_cases.ports import NewId, Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class SetPrices:
    """Add a price list; none is ever rewritten.

    Of lists that begin at the same moment the one published last is in force; the same prices
    again change nothing. WRONG_CINEMA, CINEMA_NOT_FOUND, WRONG_CURRENCY, NEGATIVE_PRICE,
    INVALID_FIELD.
    """

    transactions: Transactions
    new_id: NewId

    async def __call__(self, key: RequestKey, staff: Staff, prices: Prices) -> PriceList:
        staff.must_act_for(prices.cinema_id)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            known = await tx.cinemas.lock(prices.cinema_id)
            if known is None:
                raise CinemaNotFoundError(prices.cinema_id)
            must_be_sound(prices, known[0].currency)
            newest = await tx.prices.newest(prices.cinema_id, prices.effective_time)
            if newest is not None and newest.prices == prices:
                price_list = newest
            else:
                price_list = PriceList(self.new_id(), prices)
                await tx.prices.add(price_list)
                await tx.events.prices_published(price_list)
            await tx.audit.add(
                staff, "SetPrices", prices.cinema_id, before=newest or "", after=price_list
            )
            await tx.requests.store(key, price_list)
            await tx.commit()
        return price_list
