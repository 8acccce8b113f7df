"""Drive an order: do what is due, step by step, until it is somebody else's turn."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_steps import Step, StepKind, is_patient, next_step
from services.booking.use_cases.confirm_order import ConfirmOrder
from services.booking.use_cases.end_order import LosePayment, RefuseOrder
from services.booking.use_cases.order_ports import OrderStore
from services.booking.use_cases.perform_step import PaymentLost, PerformStep
from services.booking.use_cases.sell_seats import SellSeats
from services.common.errors import ConcurrentChangeError, DomainError

MAX_STEPS_AT_ONCE = 40
_UNPAID = frozenset({OrderState.PLACED, OrderState.AWAITING_PAYMENT})


@dataclass(frozen=True, slots=True)
class DriveOrder:
    """Take an order's next steps; each is safe to repeat and is stored before the next.

    Nobody is locked out while another service is called: when somebody else moved the order
    meanwhile, it is read anew and goes on from there.
    """

    orders: OrderStore
    perform: PerformStep
    sell_seats: SellSeats
    refuse: RefuseOrder
    confirm: ConfirmOrder
    lose: LosePayment

    async def __call__(self, order_id: UUID, *, is_leased: bool = False) -> None:
        """Drive until it is somebody else's turn. `is_leased`: a worker took it for a while."""
        order = await self.orders.read(order_id)
        for _ in range(MAX_STEPS_AT_ONCE):
            step = next_step(order)
            if step is None or (order.state in _UNPAID and order.deadline_over):
                return
            if not is_leased and is_patient(order, step):
                return
            try:
                moved = await self._take(order, step, is_leased=is_leased)
            except ConcurrentChangeError:
                moved = await self.orders.read(order_id)
            if moved is None:
                return
            order = moved

    async def _take(self, order: Order, step: Step, *, is_leased: bool) -> Order | None:
        """Take a step; gives the order as it is then, or None when it must wait."""
        match step.kind:
            case StepKind.CONFIRM:
                await self.confirm(self.orders, order)
                return order
            case StepKind.FINISH_REMEDY:
                order.remedy_given()
                await self.orders.save(order)
                return order
            case StepKind.SELL_SEATS:
                return await self._sell(order)
            case StepKind.CANCEL_PAYMENT if not order.may_be_rescued:
                # What may still be authorised is refused first, so that nothing is granted later.
                order.close_payment()
                if order.new_decisions:
                    await self.orders.save(order)
            case _:
                pass
        return order if await self._call(order, step, is_leased=is_leased) else None

    async def _sell(self, order: Order) -> Order | None:
        try:
            return await self.sell_seats(order)
        except ConcurrentChangeError:
            raise
        except DomainError as refusal:
            await self.refuse(order, refusal)
            return None

    async def _call(self, order: Order, step: Step, *, is_leased: bool) -> bool:
        try:
            is_done = await self.perform(order, step)
        except PaymentLost as lost:
            await self.lose(order, lost.attempt)
            return False
        except DomainError as refusal:
            if order.state is OrderState.PLACED:
                await self.refuse(order, refusal)
                return False
            is_done = False
            if step.kind is StepKind.OPEN_PAYMENT:
                order.payment_failed(order.leg(step.leg).attempt, refusal.reason)
            elif step.leg:
                order.leg(step.leg).missed(refusal.reason)
            elif order.remedy is not None:
                order.remedy.missed(refusal.reason)
        if is_leased or is_done or step.kind is not StepKind.CAPTURE_PAYMENT:
            await self.orders.save(order)
        # Else the capture is on its way: its event comes, or a worker asks, as it was stored.
        return is_done
