"""What the cinema changes or calls off is given back on request: once, in time, to whom it is due."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from cinema.catalog.v1 import policy_pb2, screening_pb2

from services.booking.domain.errors import WrongCinemaError
from services.booking.domain.offered_remedy import OfferState
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import (
    AlreadyAdmittedError,
    NoRemedyDueError,
    RemedyWindowClosedError,
)
from services.booking.domain.order_returns import REFUND_LEG, refund_id_of
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyOrigin, RemedyState
from services.booking.domain.remedy_errors import (
    RemedyAlreadyGivenError,
    RemedyAtBoxOfficeError,
    RemedyNotAwaitingError,
    TicketNotPresentedError,
)
from services.booking.domain.remedy_rules import RemedyWish
from services.booking.domain.staff import Staff
from services.booking.domain.ticket import TicketState
from services.booking.use_cases.payment_ports import RefundAnswer, RefundState
from services.common.errors import ConcurrentChangeError, DomainError, RepeatedRequest
from services.common.money import Money
from tests.integration.booking.orders.changes import called_off, moved, now_of, tell, work
from tests.integration.booking.orders.conftest import AS_GUEST, Shop, remedy_key
from tests.integration.booking.orders.test_cancellations import complaints, ticket_states
from tests.integration.booking.orders.test_remedies import voucher_comes
from tests.kit.booking_orders import lost
from tests.kit.booking_seats import FakeCatalog, end_screening

CASHIER = Staff("cashier-1", ("cashier",), frozenset({"1818"}), "call-1")
STRANGER = Staff("cashier-2", ("cashier",), frozenset({"1819"}), "call-2")
AT_THE_COUNTER = RemedyWish(origin=RemedyOrigin.BOX_OFFICE, form_reference="F-2026-17")
BACK = RefundAnswer(RefundState.COMPLETED)
VOUCHER, REFUND = RemedyWish(kind=RemedyKind.VOUCHER), RemedyWish(kind=RemedyKind.REFUND)


async def call_off(shop: Shop, order: Order, before_start: timedelta) -> None:
    start = order.screening.start_time
    await tell(shop, await called_off(shop, order.screening_id, start, at=start - before_start))


async def clock_at(shop: Shop, moment: datetime) -> None:
    await shop.process.move_clock((moment - await now_of(shop)).total_seconds())


async def window_end_of(shop: Shop, order: Order) -> datetime:
    await work(shop)
    offer = (await shop.read(order)).offer
    assert offer is not None
    return offer.closes_at


async def code_of(shop: Shop, order: Order) -> bytes:
    return (await shop.use.store.list_tickets(order, after_number="", limit=1))[0].qr_payload


async def at_the_counter(shop: Shop, order: Order, staff: Staff = CASHIER) -> Order:
    return await shop.use.remedies.office.give(
        staff, order.id, await code_of(shop, order), AT_THE_COUNTER, remedy_key(staff.id)
    )


async def approve(shop: Shop, order: Order, staff: Staff = CASHIER, *, approved: bool) -> Order:
    return await shop.use.remedies.office.approve(
        staff, order.id, "A storm.", remedy_key(staff.id), approved=approved
    )


async def given(shop: Shop, order: Order) -> Remedy:
    await shop.drive(order)
    shop.payments.settle(order, BACK)
    remedy = (await shop.drive(order)).remedy
    assert remedy is not None
    return remedy


@pytest.mark.rule("OTC-33a")
@pytest.mark.rule("OTC-11")
async def test_called_off_thirty_minutes_before_the_price_goes_back_to_the_card(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    await call_off(shop, order, timedelta(minutes=30))

    asked = await shop.ask_remedy(order)
    remedy = await given(shop, order)

    assert (asked.kind, remedy.state) == (RemedyKind.REFUND, RemedyState.GIVEN)
    assert shop.payments.refunds == {refund_id_of(order.id, REFUND_LEG): Money("RON", 6_000)}
    assert shop.payments.spent == {}
    assert await ticket_states(shop, order) == {TicketState.CANCELLED}
    assert (await shop.events(order))[-2:] == ["OrderCancelled", "RemedyGiven"]
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-33b")
async def test_called_off_one_second_later_it_is_one_voucher(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    await call_off(shop, order, timedelta(minutes=29, seconds=59))

    asked = await shop.ask_remedy(order)
    await shop.drive(order)
    await voucher_comes(shop, order, asked.id)

    remedy = (await shop.drive(order)).remedy
    assert remedy is not None
    assert (remedy.kind, remedy.state) == (RemedyKind.VOUCHER, RemedyState.GIVEN)
    assert shop.payments.spent == {asked.id: Money("RON", 6_000)}
    assert shop.payments.refunds == {}
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-34b")
@pytest.mark.rule("OTC-33c")
async def test_the_last_second_of_the_second_day_is_in_time_and_the_next_is_not(
    shop: Shop, screening_id: UUID
) -> None:
    early, late = await shop.buy(screening_id, ["A1"]), await shop.buy(screening_id, ["B1"])
    await call_off(shop, early, timedelta(hours=1))
    end = await window_end_of(shop, early)

    await clock_at(shop, end - timedelta(seconds=1))
    in_time = await shop.ask_remedy(early)
    await clock_at(shop, end)
    with pytest.raises(RemedyWindowClosedError):
        await shop.ask_remedy(late)

    assert in_time.state is RemedyState.REQUESTED
    assert (await shop.read(late)).remedy is None


@pytest.mark.rule("OTC-33d")
async def test_a_rescheduled_one_can_be_kept_or_given_back_and_its_seats_are_free_then(
    shop: Shop, screening_id: UUID
) -> None:
    keeps, gives = await shop.buy(screening_id, ["A1"]), await shop.buy(screening_id, ["B1"])
    await tell(shop, await moved(shop, screening_id, keeps, timedelta(hours=2)))

    remedy = await shop.ask_remedy(gives)

    assert remedy.kind is RemedyKind.REFUND
    assert await ticket_states(shop, gives) == {TicketState.CANCELLED}
    assert await ticket_states(shop, keeps) == {TicketState.VALID}
    assert (await shop.buy(screening_id, ["B1"])).state is OrderState.CONFIRMED
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-33d")
async def test_who_was_let_in_gives_nothing_back_but_gets_it_when_it_is_called_off(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    await shop.process.database.execute("UPDATE ticket SET state = 'ADMITTED', admission_id = id")
    await tell(shop, await moved(shop, screening_id, order, timedelta(hours=2)))
    with pytest.raises(AlreadyAdmittedError):
        await shop.ask_remedy(order)
    off = await called_off(shop, screening_id, order.screening.start_time)
    off.version = 3  # type: ignore[attr-defined]
    await tell(shop, off)

    remedy = await shop.ask_remedy(order)

    assert remedy.state is RemedyState.REQUESTED
    assert (await shop.read(order)).state is OrderState.CONFIRMED


@pytest.mark.rule("OTC-34b")
@pytest.mark.rule("OTC-44")
async def test_asked_for_many_times_at_once_it_is_given_once(
    shop: Shop, screening_id: UUID, catalog: FakeCatalog
) -> None:
    """The same request twice, money and a voucher, the buyer and staff, all in the same moment."""
    catalog.answers[screening_id].policy.remedy_mode = policy_pb2.REMEDY_MODE_CUSTOMER_CHOICE
    order, key = await shop.buy(screening_id), remedy_key()
    await call_off(shop, order, timedelta(hours=1))
    asking = [
        shop.ask_remedy(order, key=key),
        shop.ask_remedy(order, key=key),
        *(shop.ask_remedy(order, wish=wish) for wish in (VOUCHER, REFUND) * 3),
        *(at_the_counter(shop, order) for _ in range(2)),
    ]

    answers = await asyncio.gather(*asking, return_exceptions=True)
    await shop.drive(order)

    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    refusals = {type(each) for each in answers if isinstance(each, BaseException)}
    assert len(won) == 1
    assert refusals <= {RemedyAlreadyGivenError, RepeatedRequest, ConcurrentChangeError}
    assert await shop.count("remedy") == 1
    assert len(shop.payments.refunds) + len(shop.payments.spent) == 1
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-44")
async def test_whoever_is_killed_in_between_it_is_given_once(
    shop: Shop, screening_id: UUID, new_shop: Callable[..., Shop]
) -> None:
    """Each step's answer is lost once, and another process goes on each time."""
    order = await shop.buy(screening_id)
    await call_off(shop, order, timedelta(minutes=1))
    remedy = await shop.ask_remedy(order)
    for _ in range(3):
        shop.payments.trouble.after["spend"] = lost("payment")
        await new_shop(shop).drive(order)
    shop.payments.trouble.after.clear()

    await new_shop(shop).drive(order)
    await voucher_comes(shop, order, remedy.id)

    events = await shop.events(order)
    assert shop.payments.spent == {remedy.id: Money("RON", 6_000)}
    assert events.count("RefundVoucherRequested") == events.count("RemedyGiven") == 1
    assert await shop.count("mail WHERE kind = 'remedy-voucher'") == 1


@pytest.mark.rule("OTC-34b")
async def test_staff_of_the_cinema_give_it_for_a_ticket_and_a_form(
    shop: Shop, screening_id: UUID, catalog: FakeCatalog
) -> None:
    """Guests ask at the box office where the terms say so."""
    catalog.answers[screening_id].policy.remedy_online_for_all = False
    order, other = await shop.buy(screening_id, ["A1"]), await shop.buy(screening_id, ["B1"])
    await call_off(shop, order, timedelta(hours=1))
    with pytest.raises(RemedyAtBoxOfficeError):
        await shop.ask_remedy(order)
    with pytest.raises(WrongCinemaError):
        await at_the_counter(shop, order, STRANGER)
    with pytest.raises(TicketNotPresentedError):
        await shop.use.remedies.office.give(
            CASHIER, order.id, await code_of(shop, other), AT_THE_COUNTER, remedy_key(CASHIER.id)
        )

    remedy = (await at_the_counter(shop, order)).remedy

    with pytest.raises(RemedyAlreadyGivenError):
        await at_the_counter(shop, order)
    assert remedy is not None
    assert (remedy.origin, remedy.form_reference) == (RemedyOrigin.BOX_OFFICE, "F-2026-17")
    assert await shop.count("audit WHERE action = 'GiveRemedy' AND actor = 'cashier-1'") == 1


@pytest.mark.rule("OTC-35")
async def test_what_is_not_the_cinemas_doing_is_given_when_staff_have_approved_it(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    start = order.screening.start_time
    await tell(shop, await called_off(shop, screening_id, start, attributable=False))

    asked = await shop.ask_remedy(order)
    waits = await shop.drive(order)
    with pytest.raises(WrongCinemaError):
        await approve(shop, order, STRANGER, approved=True)
    approved = await approve(shop, order, approved=True)
    remedy = await given(shop, order)

    assert asked.state is RemedyState.AWAITING_APPROVAL
    assert (waits.state, shop.payments.spent) == (OrderState.CONFIRMED, {})
    assert approved.state is OrderState.CANCELLED
    assert (remedy.id, remedy.state) == (asked.id, RemedyState.GIVEN)
    assert len(shop.payments.refunds) == 1
    with pytest.raises(RemedyNotAwaitingError):
        await approve(shop, order, approved=True)
    assert await shop.count("audit WHERE action = 'ApproveRemedy'") == 1
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-35")
async def test_what_staff_decline_is_not_given_and_not_asked_for_again(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    start = order.screening.start_time
    await tell(shop, await called_off(shop, screening_id, start, attributable=False))
    await shop.ask_remedy(order)

    await approve(shop, order, approved=False)

    with pytest.raises(RemedyAlreadyGivenError):
        await shop.ask_remedy(order)
    declined = await shop.drive(order)
    assert declined.remedy is not None
    assert declined.remedy.state is RemedyState.DECLINED
    assert (shop.payments.spent, shop.payments.refunds) == ({}, {})
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-33c")
async def test_where_the_policy_says_so_it_is_given_without_asking(
    shop: Shop, screening_id: UUID, catalog: FakeCatalog
) -> None:
    catalog.answers[screening_id].policy.remedy_mode = policy_pb2.REMEDY_MODE_AUTO
    order = await shop.buy(screening_id)
    await call_off(shop, order, timedelta(hours=1))
    await work(shop)

    for _ in range(2):
        await shop.use.remedies.settle_offers()

    remedy = await given(shop, order)
    assert (remedy.origin, remedy.state) == (RemedyOrigin.POLICY, RemedyState.GIVEN)
    assert len(shop.payments.refunds) == 1
    offer = (await shop.read(order)).offer
    assert offer is not None
    assert offer.state is OfferState.TAKEN


@pytest.mark.rule("OTC-33c")
async def test_nothing_moves_by_itself_else_a_reminder_comes_and_then_it_has_lapsed(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    await call_off(shop, order, timedelta(hours=1))
    end = await window_end_of(shop, order)
    settle = shop.use.remedies.settle_offers

    await settle()
    untouched = await shop.read(order)
    await clock_at(shop, end - timedelta(hours=23))
    for _ in range(2):
        await settle()
    await clock_at(shop, end)
    shop.payments.trouble.after["lapse"] = lost("payment")
    await settle()
    await shop.process.move_clock(60)
    for _ in range(2):
        await settle()

    lapsed = await shop.read(order)
    assert (untouched.remedy, shop.payments.refunds, shop.payments.spent) == (None, {}, {})
    assert await shop.count("mail WHERE kind = 'remedy-reminder'") == 1
    assert list(shop.payments.lapsed.values()) == [Money("RON", 6_000)]
    assert lapsed.offer is not None
    assert lapsed.offer.state is OfferState.LAPSED
    assert [entry.what for entry in lapsed.timeline].count("REMEDY_LAPSED") == 1
    with pytest.raises(RemedyWindowClosedError):
        await shop.ask_remedy(order)
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-33d")
async def test_who_does_not_ask_keeps_a_rescheduled_one_and_nothing_lapses(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    await tell(shop, await moved(shop, screening_id, order, timedelta(days=5)))
    end = await window_end_of(shop, order)
    await clock_at(shop, end)

    await shop.use.remedies.settle_offers()

    kept = (await shop.read(order)).offer
    assert kept is not None
    assert kept.state is OfferState.KEPT
    assert end == order.screening.start_time + timedelta(days=5)
    assert shop.payments.lapsed == {}
    assert await ticket_states(shop, order) == {TicketState.VALID}


@pytest.mark.rule("OTC-33a")
async def test_catalog_is_asked_when_its_news_is_still_on_its_way(
    shop: Shop, screening_id: UUID, catalog: FakeCatalog
) -> None:
    order = await shop.buy(screening_id)
    off = screening_pb2.Screening.STATE_CANCELLED
    with pytest.raises(NoRemedyDueError):
        await shop.ask_remedy(order)
    end_screening(catalog.answers[screening_id], off, ended_at=await now_of(shop))

    remedy = await shop.ask_remedy(order)

    assert remedy.kind is RemedyKind.REFUND


@pytest.mark.rule("OTC-33d")
async def test_a_change_whose_news_has_not_come_is_not_denied(
    shop: Shop, screening_id: UUID, catalog: FakeCatalog
) -> None:
    order = await shop.buy(screening_id)
    catalog.answers[screening_id].screening.start_time.seconds += 7_200

    with pytest.raises(DomainError) as refused:
        await shop.ask_remedy(order, AS_GUEST)

    assert refused.value.reason == "DEPENDENCY_UNAVAILABLE"
