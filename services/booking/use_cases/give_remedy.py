"""Give a remedy: the same for buyers who ask, for staff, and for what policies give by themselves."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from services.booking.domain.cancellation import CancelCause, Cancellation
from services.booking.domain.offered_remedy import OfferCause
from services.booking.domain.order import Order
from services.booking.domain.order_errors import (
    AlreadyAdmittedError,
    NoRemedyDueError,
    OrderNotCancellableError,
)
from services.booking.domain.remedy import Remedy, RemedyState
from services.booking.domain.remedy_offer import RemedyOffer, offer_of
from services.booking.domain.remedy_rules import RemedyReason, RemedyWish, remedy_due
from services.booking.domain.screening_change import ScreeningChange, Showing, ending_of_facts
from services.booking.use_cases.admission_ports import Denials
from services.booking.use_cases.end_order import end_confirmed, lock_order
from services.booking.use_cases.order_ports import Kick, Retry
from services.booking.use_cases.ports import Screenings
from services.booking.use_cases.remedy_ports import (
    RemedyTransactions,
    RemedyTx,
    ScreeningChanges,
)
from services.common.errors import DependencyUnavailableError
from services.common.ids import new_id

CATALOG = "catalog"

Before = Callable[[RemedyTx], Awaitable[None]]
After = Callable[[RemedyTx, Order], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FindOffer:
    """Say what is due to an order, by what catalog has told.

    Catalog itself is asked when nothing is known that would give anything: its news may be on its
    way. DEPENDENCY_UNAVAILABLE while a change is seen whose news has not come.
    """

    changes: ScreeningChanges
    screenings: Screenings
    denials: Denials

    async def __call__(self, order: Order) -> RemedyOffer | None:
        """NO_REMEDY_DUE for whoever was refused at the door with every ticket."""
        offer = _offer(order, await self.changes.of(order.screening_id))
        if offer is None:
            offer = await self._asked(order)
        if offer is not None and await self.denials.all_denied(order.screening_id, order.id):
            raise NoRemedyDueError(order.id)
        return offer

    async def _asked(self, order: Order) -> RemedyOffer | None:
        facts = await self.screenings.fresh_facts(order.screening_id)
        known = await self.changes.of(order.screening_id)
        ending = ending_of_facts(facts)
        if ending is not None:
            return _offer(order, [*known, ending])
        told = Showing.sold(order.screening)
        for change in known:
            told = change.applied_to(told)
        same_film = told.film_id in {"", facts.film_id}
        if told.start_time != facts.start_time or not same_film:
            raise DependencyUnavailableError(CATALOG)
        return _offer(order, known)


@dataclass(frozen=True, slots=True)
class GiveDueRemedy:
    """Give what is due, once for each order, whoever asks: under the locks of board and order.

    Codes dead and seats free with it, unless somebody was let in before the screening was called
    off: then the order stays as it is and gives back all the same.
    """

    find: FindOffer
    transactions: RemedyTransactions
    kick: Kick
    retry: Retry

    async def __call__(self, known: Order, wish: RemedyWish, before: Before, after: After) -> Order:
        """`before` may end it with an earlier answer; `after` sees the order as it is then.

        What `remedy_due` refuses with; ALREADY_ADMITTED where the tickets were good and used.
        """
        is_asked_in_vain = known.remedy is not None or wish.reason is not RemedyReason.SCREENING
        offer = None if is_asked_in_vain else await self.find(known)

        async def give(*, ends_order: bool) -> Order:
            async with self.transactions() as tx:
                await before(tx)
                order = await lock_order(tx, known.screening_id, known.id)
                remedy = remedy_due(order, offer, wish, new_id())
                await carry_out(tx, order, remedy, ends_order=ends_order)
                await tx.offers.take(order.screening_id, order.id)
                await after(tx, order)
                await tx.commit()
            return order

        order = await ending_unless_used(give, None if offer is None else offer.cause, self.retry)
        self.kick(order.id)
        return order


async def carry_out(tx: RemedyTx, order: Order, remedy: Remedy, *, ends_order: bool) -> None:
    """Begin to give a remedy, or to wait for its approval; the order is locked with its board."""
    if remedy.state is RemedyState.AWAITING_APPROVAL:
        order.propose_remedy(remedy)
        await tx.orders.save(order)
    elif ends_order:
        by_cinema = Cancellation(CancelCause.CINEMA, order.read_at, caused_by_cinema=True)
        await end_confirmed(tx, order, by_cinema, remedy)
    else:
        order.give_back(remedy)
        await tx.orders.save(order)
    if remedy.state is RemedyState.REQUESTED and order.paid_out_at_till():
        await tx.orders.save(order)


class Give(Protocol):
    """Gives in a transaction of its own, and ends the order or lets it be."""

    async def __call__(self, *, ends_order: bool) -> Order: ...


async def ending_unless_used(give: Give, cause: str | None, retry: Retry) -> Order:
    """End the order where it can be; let it be where tickets of a screening that is off were used."""
    if cause != OfferCause.TERMINATED:
        try:
            return await retry(partial(give, ends_order=True))
        except (AlreadyAdmittedError, OrderNotCancellableError):
            if cause != OfferCause.CANCELLED:
                raise
    return await retry(partial(give, ends_order=False))


def _offer(order: Order, changes: Sequence[ScreeningChange]) -> RemedyOffer | None:
    return offer_of(order.screening, order.policy, changes)
