"""Buying a card online, and giving it back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.payment.v1 import events_pb2
from cinema.payment.v1 import payment_decision_service_pb2 as decision_pb
from cinema.type.v1 import money_pb2
from cinema.wallet.v1 import card_pb2, profile_pb2, wallet_service_pb2
from cinema.wallet.v1 import card_sale_service_pb2 as pb
from google.protobuf.message import Message

from services.common.bus.apply import Applier
from services.common.bus.events import Event
from services.common.mail.letters import Letters
from services.common.mail.queue import take_due
from services.wallet.adapters.card_mails import CardMails
from services.wallet.composition import subscriptions
from services.wallet.use_cases.remind import RemindOfExpiry
from tests.kit.databases import DatabaseFactory
from tests.kit.fake_payment import FakePayment, fake_payment
from tests.kit.wallet_server import (
    Wallet,
    a_reserve,
    a_wallet,
    as_account,
    as_guest,
    as_payment,
    broken_checks,
    migrate_wallet,
    refused,
    set_date,
)

PRICE = 11_500
GRANT, REFUSE = decision_pb.DECISION_GRANT, decision_pb.DECISION_REFUSE
State = pb.CardPurchase


@dataclass
class Shop:
    """A wallet and payment, and an account that buys."""

    wallet: Wallet
    payment: FakePayment
    account_id: UUID

    def request(self, **changes: Any) -> pb.BuyCardRequest:
        fields = {
            "product_code": "carte-5",
            "conditions_version": "1",
            "first_name": "Ana",
            "last_name": "Ionescu",
            "email": "ana@example.test",
            "language_code": "ro",
            "return_url": "https://shop.example/back",
            "request_id": str(uuid4()),
        }
        return pb.BuyCardRequest(**{**fields, **changes})

    async def buy(self, request: pb.BuyCardRequest | None = None) -> pb.CardPurchase:
        answer = await self.wallet.sales.BuyCard(
            request or self.request(), metadata=as_account(self.account_id)
        )
        return answer.purchase

    async def decide(self, purchase_id: str, amount: int = PRICE) -> Any:
        request = decision_pb.DecideAuthorizationRequest(
            reference_id=purchase_id, attempt=1, amount=ron(amount), request_id=str(uuid4())
        )
        return await self.wallet.decisions.DecideAuthorization(request, metadata=as_payment())

    async def drive(self) -> None:
        await self.wallet.database.execute(
            "UPDATE card_purchase SET next_step_time = app_clock() WHERE next_step_time IS NOT NULL"
        )
        await self.wallet.parts.drive_purchases()

    async def tell(self, message: Message, version: int = 1) -> None:
        event = Event(
            source="payment",
            id=uuid4(),
            type=message.DESCRIPTOR.name,
            aggregate_id=str(uuid4()),
            aggregate_version=version,
            feed_number=1,
            occur_time=datetime.now(UTC),
            correlation_id="request-1",
            traceparent="",
            payload=message.SerializeToString(),
        )
        _, subscription = subscriptions(self.wallet.parts)
        await Applier(subscription, self.wallet.database).apply([event, event])

    async def confirm(self, purchase_id: str, amount: int = PRICE) -> None:
        await self.tell(
            events_pb2.PaymentConfirmed(
                payment_id=str(uuid4()),
                owner="wallet",
                reference_id=purchase_id,
                attempt=1,
                amount=ron(amount),
            )
        )

    async def bought(self) -> pb.CardPurchase:
        """A purchase that is paid."""
        purchase = await self.buy()
        await self.decide(purchase.id)
        await self.confirm(purchase.id)
        return await self.read(purchase.id)

    async def read(self, purchase_id: str) -> pb.CardPurchase:
        answer = await self.wallet.sales.GetCardPurchase(
            pb.GetCardPurchaseRequest(purchase_id=purchase_id),
            metadata=as_account(self.account_id),
        )
        return answer.purchase

    async def give_back(self, purchase_id: str, request_id: str = "") -> pb.CardPurchase:
        request = pb.CancelCardPurchaseRequest(
            purchase_id=purchase_id, request_id=request_id or str(uuid4())
        )
        answer = await self.wallet.sales.CancelCardPurchase(
            request, metadata=as_account(self.account_id)
        )
        return answer.purchase

    async def cards(self) -> list[card_pb2.Card]:
        answer = await self.wallet.cards.ListCards(
            wallet_service_pb2.ListCardsRequest(), metadata=as_account(self.account_id)
        )
        return list(answer.cards)


def ron(minor_units: int) -> money_pb2.Money:
    return money_pb2.Money(currency_code="RON", minor_units=minor_units)


@pytest.fixture
async def shop(databases: DatabaseFactory, tmp_path: Path) -> AsyncIterator[Shop]:
    database = databases.create("wallet", migrate_wallet)
    async with (
        fake_payment() as payment,
        a_wallet(database, tmp_path, payment_address=payment.address) as wallet,
    ):
        yield Shop(wallet, payment, uuid4())


@pytest.mark.rule("CARD-5")
@pytest.mark.rule("CARD-11")
async def test_a_bought_card_is_in_the_wallet_once_the_money_is_taken(shop: Shop):
    purchase = await shop.buy()
    nothing_yet = await shop.cards()
    decision = await shop.decide(purchase.id)
    await shop.drive()

    for _ in range(3):
        await shop.confirm(purchase.id)

    [card] = await shop.cards()
    paid = await shop.read(purchase.id)
    [mail] = await take_due(shop.wallet.database, 10)
    letter = await CardMails(Letters("services.wallet", "Parterre"))(mail)
    assert purchase.state == State.STATE_OPEN
    assert purchase.redirect_url == f"https://pay.example/{purchase.id}"
    assert shop.payment.created[purchase.id].amount == ron(PRICE)
    assert nothing_yet == []
    assert decision.decision == GRANT
    assert shop.payment.captured == [purchase.id]
    assert (card.product_code, card.places_left) == ("carte-5", 5)
    assert (paid.state, paid.card_id) == (State.STATE_PAID, card.id)
    assert (mail.kind, mail.recipient) == ("card-bought", "ana@example.test")
    assert "Carte 5 places" in letter.text
    assert await broken_checks(shop.wallet) == []


async def test_the_same_request_buys_once(shop: Shop):
    request = shop.request()

    first = await shop.buy(request)
    again = await shop.buy(request)

    assert again == first
    assert await shop.wallet.database.fetchval("SELECT count(*) FROM card_purchase") == 1


async def test_while_payment_is_away_nothing_is_bought_and_the_request_can_be_repeated(
    shop: Shop,
):
    request = shop.request()
    shop.payment.away = True
    away = await refused(shop.buy(request))
    shop.payment.away = False

    purchase = await shop.buy(request)
    await shop.drive()

    assert away.code is grpc.StatusCode.UNAVAILABLE
    assert purchase.state == State.STATE_OPEN
    assert len(shop.payment.cancelled) == 1
    assert shop.payment.cancelled != [purchase.id]


async def test_a_wrong_amount_is_refused_for_ever(shop: Shop):
    purchase = await shop.buy()

    wrong = await shop.decide(purchase.id, PRICE - 1)
    right = await shop.decide(purchase.id)
    await shop.confirm(purchase.id)

    assert (wrong.decision, wrong.refusal_reason) == (
        REFUSE,
        decision_pb.REFUSAL_REASON_WRONG_AMOUNT,
    )
    assert right == wrong
    assert await shop.cards() == []


async def test_an_unknown_purchase_is_refused(shop: Shop):
    answer = await shop.decide(str(uuid4()))

    assert answer.refusal_reason == decision_pb.REFUSAL_REASON_UNKNOWN_REFERENCE


async def test_a_payment_that_comes_too_late_is_refused_and_cancelled(shop: Shop):
    purchase = await shop.buy()
    await shop.wallet.database.execute(
        "UPDATE app_clock_offset SET offset_seconds = offset_seconds + 900"
    )

    decision = await shop.decide(purchase.id)
    await shop.drive()

    assert decision.refusal_reason == decision_pb.REFUSAL_REASON_HOLD_EXPIRED
    assert (await shop.read(purchase.id)).state == State.STATE_ENDED
    assert shop.payment.cancelled == [purchase.id]


async def test_a_declined_payment_ends_the_purchase(shop: Shop):
    purchase = await shop.buy()

    await shop.tell(events_pb2.PaymentFailed(owner="wallet", reference_id=purchase.id, attempt=1))

    assert (await shop.read(purchase.id)).state == State.STATE_ENDED


async def test_a_confirmed_payment_that_nobody_granted_gives_no_card(shop: Shop):
    purchase = await shop.buy()

    await shop.confirm(purchase.id)

    assert await shop.cards() == []


async def test_an_unused_card_is_given_back_and_the_money_follows(shop: Shop):
    purchase, request_id = await shop.bought(), str(uuid4())

    answers = [await shop.give_back(purchase.id, request_id) for _ in range(2)]
    await shop.drive()
    await shop.tell(
        events_pb2.RefundCompleted(
            owner="wallet",
            reference_id=purchase.id,
            refund_id=purchase.id,
            amount=ron(PRICE),
        )
    )

    [card] = await shop.cards()
    assert {answer.state for answer in answers} == {State.STATE_RETURNING}
    assert shop.payment.refunded == {purchase.id: PRICE}
    assert card.state == card_pb2.Card.STATE_VOID
    assert (await shop.read(purchase.id)).state == State.STATE_RETURNED
    reserve = a_reserve(shop.account_id, UUID(card.id))
    assert (await refused(shop.wallet.reserve(reserve))).reason == "CARD_NOT_FOUND"
    assert await broken_checks(shop.wallet) == []


async def test_a_card_with_a_reserved_place_cannot_be_given_back(shop: Shop):
    purchase = await shop.bought()
    await shop.wallet.reserve(a_reserve(shop.account_id, UUID(purchase.card_id)))

    answer = await refused(shop.give_back(purchase.id))

    assert (answer.code, answer.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CARD_USED")
    assert (await shop.read(purchase.id)).state == State.STATE_PAID


@pytest.mark.parametrize(("days", "reason"), [(13, None), (14, "WITHDRAWAL_PERIOD_OVER")])
async def test_a_card_can_be_given_back_for_fourteen_days(
    shop: Shop, days: int, reason: str | None
):
    purchase = await shop.bought()
    await shop.wallet.database.execute(
        "UPDATE app_clock_offset SET offset_seconds = offset_seconds + $1", days * 86_400.0
    )

    if reason is None:
        assert (await shop.give_back(purchase.id)).state == State.STATE_RETURNING
    else:
        assert (await refused(shop.give_back(purchase.id))).reason == reason


async def test_what_is_not_paid_or_not_mine_cannot_be_given_back(shop: Shop):
    purchase = await shop.buy()

    unpaid = await refused(shop.give_back(purchase.id))
    shop.account_id = uuid4()
    foreign = await refused(shop.give_back(purchase.id))
    unseen = await refused(shop.read(purchase.id))

    assert unpaid.reason == "PURCHASE_NOT_PAID"
    assert {foreign.reason, unseen.reason} == {"PURCHASE_NOT_FOUND"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"product_code": "invitation"}, "PRODUCT_NOT_FOUND"),
        ({"conditions_version": "0"}, "CONDITIONS_OUTDATED"),
    ],
)
async def test_only_offers_are_bought_under_their_present_conditions(
    shop: Shop, changes: dict[str, str], reason: str
):
    answer = await refused(shop.buy(shop.request(**changes)))

    assert answer.reason == reason


async def test_offers_are_what_has_a_price_or_a_price_in_points(shop: Shop):
    request = pb.ListOffersRequest()

    answer = await shop.wallet.sales.ListOffers(request, metadata=as_guest())

    assert [(offer.product_code, offer.points_price) for offer in answer.offers] == [
        ("carte-3", 0),
        ("carte-5", 0),
        ("loyalty-5-7", 240),
        ("loyalty-7-7", 300),
    ]
    assert [offer.price.minor_units for offer in answer.offers] == [7_500, PRICE, 0, 0]


async def test_who_agreed_is_reminded_once_before_places_expire(shop: Shop):
    await set_date(shop.wallet, date(2027, 5, 6))
    silent = uuid4()
    for account_id in (shop.account_id, silent):
        await shop.wallet.registered_card(account_id, last_date="2027-05-20")
        await shop.wallet.registered_card(account_id, last_date="2027-05-21")
        profile = profile_pb2.Profile(
            email=f"{account_id}@example.test", reminders_agreed=account_id != silent
        )
        await shop.wallet.cards.SetProfile(
            wallet_service_pb2.SetProfileRequest(profile=profile, request_id=str(uuid4())),
            metadata=as_account(account_id),
        )
    parts = shop.wallet.parts
    within = parts.settings.remind_before_days
    remind = RemindOfExpiry(parts.transactions, timedelta(days=within), 100)

    told = [await remind() for _ in range(2)]

    [mail] = await take_due(shop.wallet.database, 10)
    letter = await CardMails(Letters("services.wallet", "Parterre"))(mail)
    events = await shop.wallet.database.fetch(
        "SELECT aggregate_id FROM outbox WHERE type = 'PlacesExpiring'"
    )
    assert told == [2, 0]
    assert {row["aggregate_id"] for row in events} == {str(shop.account_id), str(silent)}
    assert mail.recipient == f"{shop.account_id}@example.test"
    assert "Carte 3 places" in letter.text
    assert "Thursday, 20 May 2027" in letter.text
