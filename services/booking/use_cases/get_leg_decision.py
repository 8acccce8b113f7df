"""Tell the wallet what became of a leg."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import OrderNotFoundError
from services.booking.use_cases.order_ports import OrderReads

MIN_ASK_AFTER = timedelta(seconds=5)


class LegWord(StrEnum):
    """What is to become of what is reserved."""

    UNDECIDED = "UNDECIDED"
    CAPTURE = "CAPTURE"
    RELEASE = "RELEASE"


@dataclass(frozen=True, slots=True)
class LegDecision:
    """The word, and how long to wait before asking again when there is none yet."""

    word: LegWord
    ask_after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class GetLegDecision:
    """Give the decision about a leg of places or of a voucher: the same final one for ever.

    Orders with places or vouchers are never rescued, so that a release is final. An unknown leg is released.
    """

    orders: OrderReads

    async def __call__(self, order_id: UUID, leg_name: str, attempt: int) -> LegDecision:
        try:
            order = await self.orders.read(order_id)
        except OrderNotFoundError:
            return LegDecision(LegWord.RELEASE)
        known = any(leg.name == leg_name and leg.attempt == attempt for leg in order.wallet_legs)
        return _decision(order) if known else LegDecision(LegWord.RELEASE)


def _decision(order: Order) -> LegDecision:
    match order.state:
        case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
            return LegDecision(LegWord.UNDECIDED, max(order.time_left, MIN_ASK_AFTER))
        case OrderState.COMPLETING | OrderState.CONFIRMED:
            return LegDecision(LegWord.CAPTURE)
        case OrderState.CANCELLED:
            return LegDecision(LegWord.CAPTURE)  # As it was said before; then it is given back.
        case OrderState.EXPIRED if order.was_granted:
            return LegDecision(LegWord.CAPTURE)  # As it was said before; then it is given back.
        case OrderState.EXPIRED | OrderState.ABANDONED | OrderState.REFUSED:
            return LegDecision(LegWord.RELEASE)
        case _ as never:
            assert_never(never)
