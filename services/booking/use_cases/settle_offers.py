"""Look after what is offered: remind, give by itself where the policy says so, and close."""

import asyncio
from dataclasses import dataclass

from services.booking.domain.offered_remedy import OfferedRemedy, OfferState, OfferStep
from services.booking.domain.order import Order, OrderState
from services.booking.domain.remedy import RemedyOrigin
from services.booking.domain.remedy_rules import RemedyWish
from services.booking.domain.screening_notice import reminder_of
from services.booking.use_cases.admission_ports import Denials
from services.booking.use_cases.end_order import lock_order
from services.booking.use_cases.give_remedy import GiveDueRemedy
from services.booking.use_cases.order_ports import OrderStore, Retry
from services.booking.use_cases.payment_ports import Payments
from services.booking.use_cases.remedy_ports import RemedyOffers, RemedyTransactions, RemedyTx
from services.common.errors import DomainError

MAX_OFFERS_PER_ROUND = 50
# How long an offer that a worker took is kept from the others.
OFFER_LEASE_S = 30.0
BY_ITSELF = RemedyWish(origin=RemedyOrigin.POLICY)
_CONFIRMED = OrderState.CONFIRMED


@dataclass(frozen=True, slots=True)
class SettleOffers:
    """Do what is due with offers; every step is safe to repeat, several workers share them.

    That an offer is over is decided under the order's lock, by its clock: nobody gets anything of
    it from then on. Only then its money is booked as lapsed, as often as it takes.
    """

    offers: RemedyOffers
    orders: OrderStore
    transactions: RemedyTransactions
    give: GiveDueRemedy
    denials: Denials
    payments: Payments
    retry: Retry

    async def __call__(self) -> int:
        """Do it for those that are due now; tells how many they were."""
        due = await self.offers.take_due(MAX_OFFERS_PER_ROUND, OFFER_LEASE_S)
        ends = await asyncio.gather(*(self._settle(offer) for offer in due), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end  # A bug with one: the others were not stopped by it.
        return len(due)

    async def _settle(self, offer: OfferedRemedy) -> None:
        try:
            await self._step(offer)
        except DomainError as refusal:
            await self.offers.failed(offer, refusal.reason)
        except Exception as error:
            await self.offers.failed(offer, type(error).__name__)
            raise

    async def _step(self, offer: OfferedRemedy) -> None:
        order = await self.orders.read(offer.order_id)
        if order.remedy is not None or order.state is not _CONFIRMED:
            state = OfferState.WITHDRAWN if order.remedy is None else OfferState.TAKEN
            await self._move(offer.ended(state))
            return
        match offer.step_at(order.read_at):
            case OfferStep.GIVE:
                await self._give(order)
            case OfferStep.REMIND:
                await self._remind(offer)
            case OfferStep.CLOSE:
                await self._close(offer, order)

    async def _give(self, order: Order) -> None:
        async def nothing(tx: RemedyTx, order: Order | None = None) -> None:
            del tx, order

        await self.give(order, BY_ITSELF, nothing, nothing)

    async def _remind(self, offer: OfferedRemedy) -> None:
        async def remind() -> None:
            async with self.transactions() as tx:
                order = await tx.orders.read_locked(offer.order_id)
                is_open = order.remedy is None and order.state is _CONFIRMED
                if is_open and await tx.offers.move(offer.reminded()):
                    await tx.enqueue(order, reminder_of(order, offer))
                    order.note("REMEDY_REMINDED")
                    await tx.orders.save(order)
                    await tx.commit()

        await self.retry(remind)

    async def _close(self, offer: OfferedRemedy, order: Order) -> None:
        if offer.may_keep:
            await self._move(offer.ended(OfferState.KEPT))
        elif await self.denials.all_denied(offer.screening_id, offer.order_id):
            await self._move(offer.ended(OfferState.WITHDRAWN))
        elif await self._is_over(offer):
            if order.refundable_money:
                await self.payments.lapse(order.id, offer.id, order.refundable_money)
            await self._lapse(offer)

    async def _is_over(self, offer: OfferedRemedy) -> bool:
        """Wait for whoever has the board; who locks it after us finds it too late."""
        async with self.transactions() as tx:
            order = await lock_order(tx, offer.screening_id, offer.order_id)
            return order.remedy is None and order.read_at >= offer.closes_at

    async def _lapse(self, offer: OfferedRemedy) -> None:
        async def lapse() -> None:
            async with self.transactions() as tx:
                order = await tx.orders.read_locked(offer.order_id)
                if await tx.offers.move(offer.ended(OfferState.LAPSED)):
                    order.note("REMEDY_LAPSED")
                    await tx.orders.save(order)
                    await tx.commit()

        await self.retry(lapse)

    async def _move(self, offer: OfferedRemedy) -> None:
        async with self.transactions() as tx:
            await tx.offers.move(offer)
            await tx.commit()
