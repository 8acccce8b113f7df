"""Compare what we booked on a day with the provider's own list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.common.money import Money
from services.payment.domain.events import Cause, PaymentQuarantined
from services.payment.domain.states import OrderStatus
from services.payment.use_cases.audit_ports import (
    DayStore,
    ListedOrder,
    ProviderDay,
    ProviderList,
)
from services.payment.use_cases.ports import PaymentProvider, PointOfSale, Transactions

MAX_DAYS_AT_ONCE = 7


@dataclass(frozen=True, slots=True)
class CompareDays:
    """Name each order that the provider's list and our books tell differently, once.

    The provider's day is not cut where ours is, so an order that its list lacks is asked for.
    """

    transactions: Transactions
    provider: PaymentProvider
    listed: ProviderList
    days: DayStore

    async def due(self, point_of_sale: PointOfSale) -> Sequence[ProviderDay]:
        """Compare the past days that were not compared yet."""
        missing = await self.days.missing_days(point_of_sale.pos_id, MAX_DAYS_AT_ONCE)
        return [await self(point_of_sale, day) for day in missing]

    async def __call__(self, point_of_sale: PointOfSale, day: date) -> ProviderDay:
        pos_id, currency = point_of_sale.pos_id, point_of_sale.currency
        theirs = await self.listed.orders_of(pos_id, day)
        known = await self.days.captured_by([order.ext_order_id for order in theirs])
        differing = [order for order in theirs if known.get(order.ext_order_id) != order.captured]
        ours = await self.days.captured_on(pos_id, day)
        differing += [
            ours[name]._replace(captured=0)
            for name in ours.keys() - {order.ext_order_id for order in theirs}
            if not await self._is_captured(pos_id, ours[name])
        ]
        await self._name(pos_id, currency, differing)
        compared = ProviderDay(
            pos_id=pos_id,
            day=day,
            orders=len(theirs),
            captured=Money(currency, sum(order.captured for order in theirs)),
            differences=len(differing),
        )
        await self.days.keep(compared)
        return compared

    async def _is_captured(self, pos_id: str, ours: ListedOrder) -> bool:
        report = await self.provider.read_order(pos_id, ours.provider_order_id)
        return (
            report is not None
            and report.status is OrderStatus.CAPTURED
            and report.amount.minor_units == ours.captured
        )

    async def _name(self, pos_id: str, currency: str, differing: Sequence[ListedOrder]) -> None:
        for order in differing:
            async with self.transactions() as tx:
                await tx.exceptions.open(
                    PaymentQuarantined(
                        cause=Cause.LIST_DIFFERS,
                        attempt=None,
                        pos_id=pos_id,
                        provider_order_id=order.provider_order_id,
                        ext_order_id=order.ext_order_id,
                        reported=Money(currency, order.captured),
                    )
                )
                await tx.commit()
