"""Quote the prices of a screening."""

from dataclasses import dataclass
from uuid import UUID

from services.catalog.domain.errors import NoPricesError, PromotionNotAcceptedError
from services.catalog.domain.prices import PriceList
from services.catalog.domain.promotion import Promotion
from services.catalog.domain.quotes import Quotes
from services.catalog.domain.sales_facts import SalesFacts
from services.catalog.use_cases.price_ports import PriceReads
from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class QuotedPrices:
    """What a screening's tickets cost, and what that comes from."""

    quotes: Quotes
    price_list: PriceList
    promotion: Promotion | None
    goods_sold_online: bool


@dataclass(frozen=True, slots=True)
class QuotePrices:
    """Quote every ticket type, package and area at the list in force.

    SCREENING_NOT_FOUND; NO_PRICES when no line covers the screening; PROMOTION_NOT_ACCEPTED, which
    does not say why.
    """

    programme: Programme
    prices: PriceReads

    async def __call__(self, screening_id: UUID, promotion_code: str) -> QuotedPrices:
        facts = await self.programme.sales_facts(screening_id)
        quotes = facts.quotes()
        if facts.price_list is None or not quotes.tickets:
            raise NoPricesError(screening_id)
        promotion = None
        if promotion_code:
            promotion = await self._promotion(facts, promotion_code)
            quotes = promotion.apply(quotes, facts.cinema, facts.occasion)
        return QuotedPrices(quotes, facts.price_list, promotion, facts.goods_sold_online)

    async def _promotion(self, facts: SalesFacts, code: str) -> Promotion:
        promotion = await self.prices.promotion_in_force(
            facts.cinema.policy_code, code.strip().upper()
        )
        if promotion is None:
            raise PromotionNotAcceptedError
        return promotion
