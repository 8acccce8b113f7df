"""Ten customers, one of whom has everything told and then erased: nothing of them is left anywhere."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from cinema.booking.v1 import (
    booking_service_pb2,
    box_office_service_pb2,
    complaint_pb2,
    order_pb2,
    privacy_service_pb2,
    privacy_service_pb2_grpc,
)
from cinema.catalog.v1 import screening_pb2
from cinema.wallet.v1 import (
    card_sale_service_pb2,
    card_sale_service_pb2_grpc,
    profile_pb2,
    wallet_service_pb2,
)

from deploy.demo.buyer import RETURN_URL, Buyer
from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, Stage, until
from deploy.local.clock import TestClock
from services.common.rpc.errors import refusal_of
from tests.kit.suite import Suite
from tests.kit.traces import anywhere, events_with, files_with, tables_with

pytestmark = pytest.mark.xdist_group("stack")

FIRST_NAME, LAST_NAME = "Zsofiana", "Quintessar"
WORDS = "My very own words about row nine"
ANSWER = "Dear Miss Quintessar"
OTHERS = 9
pb = privacy_service_pb2


@dataclass
class Person:
    """The customer, with the calls of the wallet and of privacy that they make."""

    buyer: Buyer
    sales: Any
    privacy: Any

    async def call(self, method: Any, request: Any) -> Any:
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:
            request.request_id = str(uuid4())
        return await method(request, metadata=self.buyer.metadata(), timeout=CALL_TIMEOUT_S)

    async def export(self) -> list[tuple[str, str, Any]]:
        request = pb.ExportCustomerRequest(request_id=str(uuid4()))
        told: list[tuple[str, str, Any]] = []
        while True:
            answer = await self.call(self.privacy.ExportCustomer, request)
            told += [(each.service, each.kind, json.loads(each.json)) for each in answer.records]
            request.page_token = answer.next_page_token
            if not request.page_token:
                return told

    async def blocked_by(self) -> set[str]:
        """What an erasure would be refused for."""
        try:
            await self.call(self.privacy.EraseCustomer, pb.EraseCustomerRequest(dry_run=True))
        except grpc.aio.AioRpcError as error:
            refusal = refusal_of(error)
            assert refusal.reason == "ERASURE_BLOCKED"
            return set(refusal.metadata["blocked_by"].split(","))
        return set()


@pytest.fixture
async def person(suite: Suite, stage: Stage) -> AsyncIterator[Person]:
    buyer = Buyer.account(stage, FIRST_NAME)
    buyer.last_name = LAST_NAME
    async with (
        grpc.aio.insecure_channel(suite.record.addresses["wallet"]) as wallet,
        grpc.aio.insecure_channel(suite.record.addresses["booking"]) as booking,
    ):
        yield Person(
            buyer,
            card_sale_service_pb2_grpc.CardSaleServiceStub(wallet),
            privacy_service_pb2_grpc.PrivacyServiceStub(booking),
        )


async def buy_card(person: Person) -> None:
    sale = card_sale_service_pb2
    request = sale.BuyCardRequest(
        product_code="carte-5",
        conditions_version="1",
        first_name=FIRST_NAME,
        last_name=LAST_NAME,
        email=person.buyer.email,
        language_code="fr",
        return_url=RETURN_URL,
    )
    bought = (await person.call(person.sales.BuyCard, request)).purchase
    await person.buyer.on_page(bought, "pay")

    async def is_paid() -> bool:
        read = sale.GetCardPurchaseRequest(purchase_id=bought.id)
        answer = await person.call(person.sales.GetCardPurchase, read)
        return bool(answer.purchase.state == sale.CardPurchase.STATE_PAID)

    await until(is_paid, what="the card to be paid")


async def set_profile(person: Person) -> None:
    profile = profile_pb2.Profile(
        birth_date="1987-03-14",
        surname=LAST_NAME,
        email=person.buyer.email,
        language_code="fr",
        reminders_agreed=True,
    )
    request = wallet_service_pb2.SetProfileRequest(profile=profile)
    await person.call(person.buyer.stage.wallet.SetProfile, request)


async def complain(person: Person, order: order_pb2.Order) -> complaint_pb2.Complaint:
    request = booking_service_pb2.SubmitComplaintRequest(
        kind=complaint_pb2.Complaint.KIND_COMPLAINT,
        order_number=order.number,
        scope=complaint_pb2.Complaint.SCOPE_OTHER,
        text=WORDS,
    )
    answer = await person.call(person.buyer.booking.SubmitComplaint, request)
    complaint: complaint_pb2.Complaint = answer.complaint
    return complaint


async def answer(stage: Stage, complaint: complaint_pb2.Complaint) -> None:
    await stage.box_office.AnswerComplaint(
        box_office_service_pb2.AnswerComplaintRequest(
            complaint_id=complaint.id,
            decision=complaint_pb2.Complaint.DECISION_ACCEPTED,
            text=ANSWER,
            request_id=str(uuid4()),
        ),
        metadata=stage.staff("customer_service"),
        timeout=CALL_TIMEOUT_S,
    )


@dataclass
class Bought:
    """What the customer has of everything: the orders by places, of a screening that stops, cancelled."""

    soon: screening_pb2.Screening
    later: screening_pb2.Screening
    number: str
    orders: list[order_pb2.Order]
    complaint: complaint_pb2.Complaint

    @property
    def soon_start(self) -> datetime:
        return self.soon.start_time.ToDatetime(tzinfo=UTC)


async def two_seats(house: House, screening: screening_pb2.Screening) -> list[str]:
    return (await house.free_seats(screening.id)).take(2)


async def buys_everything(person: Person, house: House, now: datetime) -> Bought:
    """A profile, cards, orders paid in all ways, one cancelled, a complaint and a consent."""
    buyer = person.buyer
    soon = (await house.upcoming(now, after=timedelta(minutes=15)))[0]
    start = soon.start_time.ToDatetime(tzinfo=UTC)
    later = (await house.upcoming(start, after=timedelta(hours=3)))[0]
    await set_profile(person)
    await buy_card(person)
    number = await house.issue_card(now)
    card_id = (await buyer.register_card(number)).id
    seats = await two_seats(house, later)
    by_places = await buyer.buy(later.id, seats, places={card_id: seats})
    stopped = await buyer.buy(soon.id, await two_seats(house, soon))
    cancelled = await buyer.buy(later.id, await two_seats(house, later))
    await person.call(
        person.privacy.SetConsent,
        pb.SetConsentRequest(marketing=True, text_version="1", legal_capacity_declared=True),
    )
    await person.call(
        buyer.booking.CancelOrder,
        booking_service_pb2.CancelOrderRequest(order_id=cancelled.id, whole_order=True),
    )
    complaint = await complain(person, by_places)
    return Bought(soon, later, number, [by_places, stopped, cancelled], complaint)


async def others_buy(stage: Stage, house: House, bought: Bought) -> list[Buyer]:
    others = [await Buyer.guest(stage, f"Other{n}") for n in range(OTHERS)]
    for n, other in enumerate(others):
        target = bought.later if n % 2 else bought.soon
        await other.buy(target.id, await two_seats(house, target))
    return others


async def gets_a_voucher(person: Person, house: House, bought: Bought) -> None:
    stopped = bought.orders[1]
    await house.terminate(bought.soon.id)
    await person.buyer.request_remedy(stopped.id)

    async def given() -> bool:
        order = await person.buyer.order(stopped.id)
        return bool(order.remedy.state == order_pb2.Remedy.STATE_GIVEN)

    await until(given, what="the voucher to be issued")


async def purged(suite: Suite) -> bool:
    """Whether the bus has forgotten, too."""
    waiting = 0
    for service in ("booking", "wallet"):
        database = await asyncpg.connect(suite.owner_urls[service])
        waiting += await database.fetchval("SELECT count(*) FROM bus_purge")
        await database.close()
    return waiting == 0


@pytest.mark.rule("OTC-48.4-6")
@pytest.mark.rule("OTC-48.8")
async def test_nothing_of_an_erased_customer_is_anywhere_and_the_accounts_balance(
    suite: Suite,
    stage: Stage,
    house: House,
    clock: TestClock,
    person: Person,
) -> None:
    buyer, now = person.buyer, await clock.now()
    bought = await buys_everything(person, house, now)
    others = await others_buy(stage, house, bought)
    while_ahead = await person.blocked_by()

    # The screening stops while it runs, and its buyer gets a voucher.
    await clock.advance(bought.soon_start - now + timedelta(minutes=20))
    await gets_a_voucher(person, house, bought)
    await clock.advance(timedelta(days=3))
    await until(lambda: _is(person, {"COMPLAINT"}), what="nothing but the complaint to be open")
    await answer(stage, bought.complaint)
    await until(lambda: _is(person, set()), what="nothing to be open")

    told = await person.export()
    personal = anywhere(
        [FIRST_NAME, LAST_NAME, buyer.email, buyer.account_id, bought.number, WORDS, "1987-03-14"]
    )
    known = await tables_with(suite.owner_urls, personal)
    known_events = await events_with(suite.record.nats_urls["admin"], personal)
    request = pb.EraseCustomerRequest(request_id=str(uuid4()))
    done = await person.call(person.privacy.EraseCustomer, request)
    await until(lambda: purged(suite), what="the bus to forget")

    assert {"FUTURE_SCREENING", "COMPLAINT"} <= while_ahead
    _has_everything(told, bought.orders)
    assert done.state == pb.ERASURE_STATE_DONE
    assert {"booking public.order_contact", "wallet public.card_purchase"} <= set(known)
    assert known_events
    assert await tables_with(suite.owner_urls, personal) == []
    assert await events_with(suite.record.nats_urls["admin"], personal) == []
    assert files_with([Path(suite.record.files["logs"])], personal) == []
    # Only that they look once more.
    assert [kind for _, kind, _ in await person.export()] == ["privacy_access"]
    assert await tables_with(suite.owner_urls, anywhere([others[0].email])) != []
    assert await suite.verify() == []


async def _is(person: Person, blockers: set[str]) -> bool:
    return await person.blocked_by() == blockers


def _has_everything(told: list[tuple[str, str, Any]], orders: list[order_pb2.Order]) -> None:
    kinds = {(service, kind) for service, kind, _ in told}
    booking = {"order", "ticket", "remedy", "complaint", "privacy_choice", "privacy_access"}
    wallet = {"profile", "card", "place_entry", "reservation", "voucher", "card_purchase", "points"}
    payment = {"payment", "payment_attempt", "refund", "journal_entry"}
    expected = {("booking", kind) for kind in booking}
    expected |= {("wallet", kind) for kind in wallet}
    expected |= {("payment", kind) for kind in payment}
    assert expected <= kinds
    found = {value["id"] for service, kind, value in told if kind == "order"}
    assert found == {order.id for order in orders}
    contacts = [value["contact"] for _, kind, value in told if kind == "order"]
    assert {contact["last_name"] for contact in contacts} == {LAST_NAME}
