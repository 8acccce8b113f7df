"""Ask for what is due because the cinema changed or called off a screening."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order, OrderMoveError
from services.booking.domain.order_steps import StepKind, next_step
from services.booking.domain.remedy_rules import RemedyWish, must_ask_online
from services.booking.use_cases.give_remedy import GiveDueRemedy
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import LockedOrders, Reader
from services.booking.use_cases.remedy_ports import RemedyTx
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class RequestRemedy:
    """Give a buyer what is due, once for each order.

    ORDER_NOT_FOUND, REMEDY_AT_BOX_OFFICE, and what `GiveDueRemedy` refuses with.
    """

    access: OrderAccess
    give: GiveDueRemedy

    async def __call__(
        self, order_id: UUID, reader: Reader, wish: RemedyWish, key: RequestKey
    ) -> Order:
        known = await self.access.owned(order_id, reader)
        must_ask_online(known)

        async def claim(tx: RemedyTx) -> None:
            await tx.claim(key, order_id)

        async def store(tx: RemedyTx, order: Order) -> None:
            await tx.store(key, order)

        return await self.give(known, wish, claim, store)


@dataclass(frozen=True, slots=True)
class TakeVoucher:
    """Take over that the wallet issued a remedy's voucher, inside the consuming transaction."""

    async def __call__(
        self, orders: LockedOrders, order_id: UUID, remedy_id: UUID, voucher_id: UUID
    ) -> None:
        order = await orders.read_locked(order_id)
        if order.remedy is None or order.remedy.id != remedy_id:
            raise OrderMoveError(f"order {order_id} has no remedy {remedy_id}")
        if order.remedy.voucher_id is not None:
            return
        order.voucher_issued(voucher_id)
        step = next_step(order)
        if step is not None and step.kind is StepKind.FINISH_REMEDY:
            order.remedy_given()
        await orders.save(order)
