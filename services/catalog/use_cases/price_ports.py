"""Prices, promotions, holidays and terms as anyone may read them, outside of transactions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.catalog.domain.holidays import HolidayCalendar
from services.catalog.domain.prices import PriceList, PriceListVersion
from services.catalog.domain.promotion import Promotion
from services.catalog.domain.terms import PublishedTerms, SalesPolicy, Terms


class PriceReads(Protocol):
    """What is sold for how much."""

    async def in_force(self, cinema_id: str, at: datetime | None) -> PriceList | None:
        """Give the list in force at a time, None is now; None when there is none."""
        ...

    async def of_cinema(self, cinema_id: str, price_list_id: UUID) -> PriceList | None:
        """Give a list, None unless it is the cinema's."""
        ...

    async def versions(
        self, cinema_id: str, after: tuple[datetime, int] | None, limit: int
    ) -> list[PriceListVersion]:
        """List versions by effective time and number, the latest first, after that keyset."""
        ...

    async def promotion(self, promotion_id: UUID) -> Promotion:
        """PROMOTION_NOT_FOUND."""
        ...

    async def promotion_in_force(self, policy_code: str, code: str) -> Promotion | None:
        """Give what the code turns on now."""
        ...

    async def promotions(
        self, policy_code: str, after: tuple[str, int] | None, limit: int
    ) -> list[Promotion]:
        """List by code and number, the newest of a code first, after that keyset."""
        ...

    async def holidays(self, country_code: str, year: int) -> HolidayCalendar:
        """Give a year's holidays by date."""
        ...


class TermsReads(Protocol):
    """The terms that were published."""

    async def terms(self, policy_code: str, otc_version: str) -> Terms:
        """Give a version, or with "" the one in force; TERMS_NOT_FOUND."""
        ...

    async def policy(self, policy_code: str, version: str) -> tuple[SalesPolicy, PublishedTerms]:
        """Give the figures alone; as `terms`."""
        ...

    async def versions(
        self, policy_code: str, after: tuple[datetime, int] | None, limit: int
    ) -> list[PublishedTerms]:
        """List versions by effective time and number, the latest first, after that keyset."""
        ...
