"""The journey of the help page: cards bought and registered, places offered, used and left."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2, order_pb2
from cinema.catalog.v1.screening_pb2 import Screening
from cinema.wallet.v1 import (
    card_pb2,
    card_sale_service_pb2,
    card_sale_service_pb2_grpc,
    points_service_pb2,
    points_service_pb2_grpc,
    wallet_admin_service_pb2,
    wallet_service_pb2,
)

from deploy.demo.buyer import RETURN_URL, Buyer
from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, Stage, until
from deploy.programme.chain_facts import Cinema
from deploy.programme.hall_layout import Layout, build_plan
from deploy.programme.halls import Hall, HallKind
from deploy.programme.schedule import Show
from services.common.rpc.client import refusal_of
from tests.kit.small_programme import (
    VERSION,
    create_cinema,
    import_shows,
    local_today,
    make_hall,
)
from tests.kit.suite import Suite

pytestmark = pytest.mark.xdist_group("stack")

SATURDAY = 5
SEATS = 60
Sale = card_sale_service_pb2


@dataclass
class Customer:
    """Somebody with an account, and the calls of the wallet that they make."""

    buyer: Buyer
    sales: Any
    points: Any

    async def buy_card(self, product_code: str) -> str:
        """Buy a card online and pay on the provider's page; gives its ID."""
        request = Sale.BuyCardRequest(
            product_code=product_code,
            conditions_version="1",
            first_name="Léa",
            last_name="Martin",
            email=self.buyer.email,
            language_code="fr",
            return_url=RETURN_URL,
            request_id=str(uuid4()),
        )
        answer = await self.sales.BuyCard(
            request, metadata=self.buyer.metadata(), timeout=CALL_TIMEOUT_S
        )
        await self.buyer.on_page(answer.purchase, "pay")

        async def paid() -> Any:
            read = await self.sales.GetCardPurchase(
                Sale.GetCardPurchaseRequest(purchase_id=answer.purchase.id),
                metadata=self.buyer.metadata(),
                timeout=CALL_TIMEOUT_S,
            )
            is_paid = read.purchase.state == Sale.CardPurchase.STATE_PAID
            return read.purchase if is_paid else None

        purchase = await until(paid, what="the card to be paid")
        return str(purchase.card_id)

    async def register(self, number: str, surname: str) -> card_pb2.Card:
        """Register a nominative card."""
        answer = await self.buyer.stage.wallet.RegisterCard(
            wallet_service_pb2.RegisterCardRequest(
                kind=wallet_service_pb2.CARD_KIND_NOMINATIVE,
                card_number=number,
                surname=surname,
                request_id=str(uuid4()),
            ),
            metadata=self.buyer.metadata(),
            timeout=CALL_TIMEOUT_S,
        )
        card: card_pb2.Card = answer.card
        return card

    async def redeem(self, product_code: str) -> str:
        answer = await self.points.RedeemPoints(
            points_service_pb2.RedeemPointsRequest(
                product_code=product_code, request_id=str(uuid4())
            ),
            metadata=self.buyer.metadata(),
            timeout=CALL_TIMEOUT_S,
        )
        return str(answer.card.id)

    async def card(self, card_id: str) -> card_pb2.Card:
        (card,) = [each for each in await self.buyer.cards() if each.id == card_id]
        return card

    async def offered(self, hold: Any) -> dict[str, tuple[int, str]]:
        """What the tariff page says of each card: seats that it can pay, and why not more."""
        answer: booking_service_pb2.ListTendersResponse = await self.buyer.tenders(hold)
        return {
            card.card_id: (card.places_usable, card.seats[0].ineligible_reason)
            for card in answer.cards
        }


@dataclass
class Shows:
    """A Saturday in the IMAX hall, and the nights around the last day of a card."""

    last_day: date
    imax: Screening
    at_23_50: Screening
    at_00_15: Screening
    next_day: Screening


@pytest.fixture
async def customer(suite: Suite, stage: Stage) -> AsyncIterator[Customer]:
    async with grpc.aio.insecure_channel(suite.record.addresses["wallet"]) as channel:
        yield Customer(
            Buyer.account(stage, "Lea"),
            card_sale_service_pb2_grpc.CardSaleServiceStub(channel),
            points_service_pb2_grpc.PointsServiceStub(channel),
        )


@pytest.fixture
async def shows(stage: Stage, house: House) -> Shows:
    """A cinema of its own with the shows of the story, on sale."""
    code = f"wal-{uuid4().hex[:10]}"
    cinema = Cinema(code, "Zz Wallet", "Arad", "+40314130140", 3)
    imax = Hall(code, "S01", "IMAX 1", HallKind.IMAX, _plan())
    early, late = make_hall(cinema, 2, SEATS), make_hall(cinema, 3, SEATS)
    last_day = local_today() + timedelta(days=1)
    saturday = last_day + timedelta(days=1)
    while saturday.weekday() != SATURDAY:
        saturday += timedelta(days=1)
    next_day = last_day + timedelta(days=1)
    await create_cinema(stage, cinema, [imax, early, late])
    plan = [
        Show(f"{code}-1", imax, VERSION, saturday, _at(saturday, 20)),
        Show(f"{code}-2", early, VERSION, last_day, _at(last_day, 23, 50)),
        Show(f"{code}-3", late, VERSION, last_day, _at(next_day, 0, 15)),
        Show(f"{code}-4", late, VERSION, next_day, _at(next_day, 18)),
    ]
    await import_shows(stage, code, plan)
    on_last, on_next = [
        await house.screenings(code, day.isoformat()) for day in (last_day, next_day)
    ]
    by_start = {each.local_start: each for each in (*on_last, *on_next)}
    on_saturday = await house.screenings(code, saturday.isoformat())
    return Shows(
        last_day,
        imax=next(each for each in on_saturday if each.format == "IMAX"),
        at_23_50=by_start[_at(last_day, 23, 50).isoformat(timespec="minutes")],
        at_00_15=by_start[_at(next_day, 0, 15).isoformat(timespec="minutes")],
        next_day=by_start[_at(next_day, 18).isoformat(timespec="minutes")],
    )


async def issue(stage: Stage, product: str, last_day: date, **fields: Any) -> str:
    request = wallet_admin_service_pb2.IssueCardsRequest(
        product_code=product,
        count=1,
        last_screening_date=last_day.isoformat(),
        reason="a journey",
        request_id=str(uuid4()),
        **fields,
    )
    answer = await stage.wallet_admin.IssueCards(
        request, metadata=stage.staff("operator"), timeout=CALL_TIMEOUT_S
    )
    return str(answer.cards[0].card_number)


@pytest.mark.rule("CARD-1")
@pytest.mark.rule("CARD-3")
@pytest.mark.rule("CARD-5")
@pytest.mark.rule("CARD-9")
@pytest.mark.rule("CARD-10")
@pytest.mark.rule("CARD-11")
@pytest.mark.rule("CARD-14")
@pytest.mark.rule("CARD-15")
@pytest.mark.rule("CARD-17")
async def test_the_journey_of_the_help_page(
    stage: Stage, house: House, customer: Customer, shows: Shows
) -> None:
    buyer = customer.buyer
    far = shows.last_day + timedelta(days=300)

    # Cards: one bought online, one registered by number, one for points.
    five = await customer.buy_card("carte-5")
    three = (await buyer.register_card(await issue(stage, "carte-3", shows.last_day))).id
    await stage.wallet_admin.CreditPoints(
        wallet_admin_service_pb2.CreditPointsRequest(
            account_id=buyer.account_id, points=240, reason="a gift", request_id=str(uuid4())
        ),
        metadata=stage.staff("customer_service"),
        timeout=CALL_TIMEOUT_S,
    )
    weekday = await customer.redeem("loyalty-5-7")
    mine = {card.id: card.places_left for card in await buyer.cards()}
    assert mine == {five: 5, three: 3, weekday: 1}
    mails = await until(lambda: stage.mails(buyer.email), what="the e-mail about the card")
    assert len(mails) == 1

    # The tariff page of a Saturday in the IMAX hall; a card is registered while the hold is open.
    seats = (await house.free_seats(shows.imax.id)).take(2)
    hold = await buyer.hold(shows.imax.id, seats)
    number = await issue(stage, "nominative", far, surnames=["Martin-Lefèvre"])
    personal = (await customer.register(number, "MARTIN LEFEVRE")).id
    assert await customer.offered(hold) == {
        five: (2, ""),
        personal: (1, ""),
        three: (0, "EXPIRES_BEFORE_SCREENING"),
        weekday: (0, "DAY_NOT_COVERED"),
    }

    # Two seats by places, the supplement by card.
    order = await buyer.place(hold, places={five: seats})
    supplements = sum(line.supplement.minor_units for line in order.lines)
    assert order.money_due.minor_units == supplements > 0
    reserved = await customer.card(five)
    assert (reserved.places_left, reserved.places_reserved) == (3, 2)
    await buyer.on_page(order, "pay")
    await buyer.await_state(order.id, order_pb2.Order.STATE_CONFIRMED)
    used = await customer.card(five)
    assert (used.places_left, used.places_reserved, used.places_used) == (3, 0, 2)

    # A place good to a day pays a show of that day at 23:50, none of the next day, not even at 00:15.
    await _buy_with(customer, house, shows.at_23_50, three)
    for too_late in (shows.at_00_15, shows.next_day):
        refusal = await _refused_with(customer, house, too_late, three)
        assert refusal == ("PLACE_NOT_ELIGIBLE", "EXPIRES_BEFORE_SCREENING")
    left = await customer.card(three)
    assert (left.places_left, left.places_used) == (2, 1)


async def _buy_with(customer: Customer, house: House, screening: Screening, card_id: str) -> None:
    seats = (await house.free_seats(screening.id)).take(1)
    order = await customer.buyer.buy(screening.id, seats, places={card_id: seats})
    assert order.money_due.minor_units == 0


async def _refused_with(
    customer: Customer, house: House, screening: Screening, card_id: str
) -> tuple[str, str]:
    seats = (await house.free_seats(screening.id)).take(1)
    hold = await customer.buyer.hold(screening.id, seats)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await customer.buyer.place(hold, places={card_id: seats})
    refusal = refusal_of(caught.value)
    await customer.buyer.release(hold)
    return refusal.reason, refusal.metadata.get("ineligible_reason", "")


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))


def _plan() -> Any:
    return build_plan(Layout(SEATS, is_vip=False, has_sofas=False))
