"""List what is sold online or given for points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.wallet.domain.product import CardProduct


class Offers(Protocol):
    async def offered(self, after: str, limit: int) -> Sequence[CardProduct]:
        """List the newest terms of products with a price, by code."""
        ...


@dataclass(frozen=True, slots=True)
class ListOffers:
    """List a page, by the product's code."""

    offers: Offers

    async def __call__(self, after: str, limit: int) -> Sequence[CardProduct]:
        return await self.offers.offered(after, limit)
