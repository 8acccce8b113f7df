"""CardSaleService, and payment's questions about it: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.wallet.v1 import card_sale_service_pb2 as pb
from cinema.wallet.v1.card_sale_service_pb2_grpc import CardSaleServiceServicer

from services.common.errors import InvalidPageTokenError
from services.common.money import Money
from services.common.rpc.call import Call, current_call, current_caller
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.money import money_to_proto
from services.common.rpc.paging import Keyset, PageTokens, page_size_of
from services.common.rpc.payment_decisions import Decided, PaymentDecisions
from services.common.rpc.times import timestamp_of
from services.wallet.domain.product import CardProduct
from services.wallet.domain.purchase import Buyer, Purchase, PurchaseState
from services.wallet.use_cases.buy_card import BuyCard, Wish
from services.wallet.use_cases.cancel_card_purchase import CancelCardPurchase, GetCardPurchase
from services.wallet.use_cases.decide_card_payment import DecideCardPayment
from services.wallet.use_cases.list_offers import ListOffers

DEFAULT_PAGE_SIZE = 100
UNKNOWN_ADDRESS = "127.0.0.1"
_STATES = {state: pb.CardPurchase.State.Value(f"STATE_{state}") for state in PurchaseState}

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class CardSaleServicer(CardSaleServiceServicer):
    """One use case for each call; a purchase is always the caller's own."""

    list_offers: ListOffers
    buy_card: BuyCard
    get_card_purchase: GetCardPurchase
    cancel_card_purchase: CancelCardPurchase
    withdrawal_period: timedelta
    page_tokens: PageTokens

    async def ListOffers(
        self, request: pb.ListOffersRequest, context: Context
    ) -> pb.ListOffersResponse:
        del context
        size = page_size_of(request.page_size, default=DEFAULT_PAGE_SIZE)
        after = _code_of(self.page_tokens.open(request.page_token, request))
        found = await self.list_offers(after, size + 1)
        page, next_page_token = self.page_tokens.cut(found, size, _keyset_of, request)
        return pb.ListOffersResponse(
            offers=[_offer(product) for product in page], next_page_token=next_page_token
        )

    async def BuyCard(self, request: pb.BuyCardRequest, context: Context) -> pb.BuyCardResponse:
        del context
        key = request_key(
            request, lambda purchase: pb.BuyCardResponse(purchase=self._purchase(purchase))
        )
        purchase = await self.buy_card(key, _wish(request, current_call()))
        return cast("pb.BuyCardResponse", answer_of(key, purchase))

    async def GetCardPurchase(
        self, request: pb.GetCardPurchaseRequest, context: Context
    ) -> pb.GetCardPurchaseResponse:
        del context
        account_id = UUID(current_caller().subject)
        purchase = await self.get_card_purchase(account_id, UUID(request.purchase_id))
        return pb.GetCardPurchaseResponse(purchase=self._purchase(purchase))

    async def CancelCardPurchase(
        self, request: pb.CancelCardPurchaseRequest, context: Context
    ) -> pb.CancelCardPurchaseResponse:
        del context
        key = request_key(
            request,
            lambda purchase: pb.CancelCardPurchaseResponse(purchase=self._purchase(purchase)),
        )
        account_id = UUID(current_caller().subject)
        purchase = await self.cancel_card_purchase(key, account_id, UUID(request.purchase_id))
        return cast("pb.CancelCardPurchaseResponse", answer_of(key, purchase))

    def _purchase(self, purchase: Purchase) -> pb.CardPurchase:
        message = pb.CardPurchase(
            id=str(purchase.id),
            state=_STATES[purchase.state],
            product_code=purchase.product_code,
            price=money_to_proto(purchase.price),
            redirect_url=purchase.redirect_url,
            card_id=str(purchase.card_id) if purchase.card_id else "",
        )
        message.expire_time.CopyFrom(timestamp_of(purchase.expires_at))
        withdraw_until = purchase.withdraw_until(self.withdrawal_period)
        if withdraw_until is not None:
            message.withdraw_time.CopyFrom(timestamp_of(withdraw_until))
        return message


@dataclass(frozen=True)
class PaymentDecisionServicer(PaymentDecisions):
    """Of card purchases, each of which has one attempt."""

    decide_card_payment: DecideCardPayment

    async def decide(self, reference_id: UUID, attempt: int, amount: Money) -> Decided:
        del attempt
        return Decided(await self.decide_card_payment(reference_id, amount))


def _wish(request: pb.BuyCardRequest, call: Call) -> Wish:
    return Wish(
        account_id=UUID(call.caller.subject),
        product_code=request.product_code,
        conditions_version=request.conditions_version,
        buyer=Buyer(
            first_name=request.first_name,
            last_name=request.last_name,
            email=request.email,
            language=request.language_code,
            ip_address=_address_of(call),
        ),
        return_url=request.return_url,
    )


def _address_of(call: Call) -> str:
    """Give the customer's network address for the provider, which wants one, without a port."""
    kind, _, address = call.peer_address().partition(":")
    if kind not in {"ipv4", "ipv6"}:
        return UNKNOWN_ADDRESS
    return address.removeprefix("%5B").removesuffix("%5D").strip("[]") or UNKNOWN_ADDRESS


def _offer(product: CardProduct) -> pb.Offer:
    return pb.Offer(
        product_code=product.code,
        product_name=product.name,
        places=product.places,
        price=money_to_proto(product.price) if product.price else None,
        points_price=product.points_price,
        validity_days=product.validity_days,
        conditions=product.conditions,
        conditions_version=product.conditions_version,
    )


def _keyset_of(product: CardProduct) -> Keyset:
    return [product.code]


def _code_of(keyset: list[str | int | None] | None) -> str:
    if keyset is None:
        return ""
    match keyset:
        case [str(code)]:
            return code
        case _:
            raise InvalidPageTokenError
