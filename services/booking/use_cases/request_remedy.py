"""Ask for the remedy of a screening that the cinema called off."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import OrderMoveError
from services.booking.domain.order_errors import NoRemedyDueError
from services.booking.domain.order_steps import StepKind, next_step
from services.booking.domain.remedy import Remedy
from services.booking.domain.remedy_rules import remedy_due
from services.booking.use_cases.admission_ports import Denials
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import (
    Kick,
    LockedOrders,
    OrderTransactions,
    Reader,
    Retry,
)
from services.booking.use_cases.ports import Screenings
from services.common.ids import new_id
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class RequestRemedy:
    """Give what is due, once for each order; asking again gives the same remedy.

    Catalog is asked first whether the screening was called off: a copy may be behind. Whoever was
    refused at the door, with every ticket of the order, gets nothing.
    """

    access: OrderAccess
    screenings: Screenings
    denials: Denials
    transactions: OrderTransactions
    kick: Kick
    retry: Retry

    async def __call__(self, order_id: UUID, reader: Reader, key: RequestKey) -> Remedy:
        order = await self.access.owned(order_id, reader)
        facts = None
        if order.remedy is None:
            facts = await self.screenings.fresh_facts(order.screening_id)
            if await self.denials.all_denied(order.screening_id, order_id):
                raise NoRemedyDueError(order_id)

        async def give() -> Remedy:
            async with self.transactions() as tx:
                await tx.claim(key, order_id)
                order = await tx.orders.read_locked(order_id)
                if order.remedy is None and facts is not None:
                    order.give_back(remedy_due(order, facts, new_id()))
                    await tx.orders.save(order)
                if order.remedy is None:
                    raise OrderMoveError(f"the remedy of order {order_id} is gone")
                await tx.store(key, order.remedy)
                await tx.commit()
                return order.remedy

        remedy = await self.retry(give)
        self.kick(order_id)
        return remedy


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
