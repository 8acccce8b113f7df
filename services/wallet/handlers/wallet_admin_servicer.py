"""WalletAdminService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.wallet.v1 import wallet_admin_service_pb2 as pb
from cinema.wallet.v1.wallet_admin_service_pb2_grpc import WalletAdminServiceServicer

from services.common import ids
from services.common.errors import RepeatedRequest
from services.common.requests import RequestKey
from services.common.rpc.idempotency import answer_of, request_key
from services.wallet.domain.dates import parse_date
from services.wallet.handlers.actors import current_actor
from services.wallet.handlers.batch_calls import BatchCalls
from services.wallet.handlers.converters import product_of, product_to_proto
from services.wallet.use_cases.credit_points import CreditPoints
from services.wallet.use_cases.define_product import DefineProduct
from services.wallet.use_cases.grant_birthday_places import GrantBirthdayPlaces
from services.wallet.use_cases.issue_cards import BatchWish, IssueCards, IssuedBatch
from services.wallet.use_cases.read_numbers import ReadNumbers

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class WalletAdminServicer(WalletAdminServiceServicer):
    """One use case for each call, and the numbers of fresh cards on top of the kept answer."""

    define_product: DefineProduct
    issue_cards: IssueCards
    read_numbers: ReadNumbers
    credit_points: CreditPoints
    grant_birthday_places: GrantBirthdayPlaces
    batches: BatchCalls
    invitation_product_code: str

    async def DefineProduct(
        self, request: pb.DefineProductRequest, context: Context
    ) -> pb.DefineProductResponse:
        del context
        key = request_key(
            request, lambda product: pb.DefineProductResponse(product=product_to_proto(product))
        )
        product = await self.define_product(key, current_actor(), product_of(request.product))
        return cast("pb.DefineProductResponse", answer_of(key, product))

    async def CreditPoints(
        self, request: pb.CreditPointsRequest, context: Context
    ) -> pb.CreditPointsResponse:
        del context
        key = request_key(
            request, lambda left: pb.CreditPointsResponse(balance=left.balance, debt=left.debt)
        )
        left = await self.credit_points(
            key, current_actor(), UUID(request.account_id), request.points, request.reason
        )
        return cast("pb.CreditPointsResponse", answer_of(key, left))

    async def GrantBirthdayPlaces(
        self, request: pb.GrantBirthdayPlacesRequest, context: Context
    ) -> pb.GrantBirthdayPlacesResponse:
        del context
        key = request_key(request, lambda granted: pb.GrantBirthdayPlacesResponse(granted=granted))
        granted = await self.grant_birthday_places.by_staff(
            key, current_actor(), parse_date(request.date), request.reason
        )
        return cast("pb.GrantBirthdayPlacesResponse", answer_of(key, granted))

    async def ImportCards(
        self, request: pb.ImportCardsRequest, context: Context
    ) -> pb.ImportCardsResponse:
        del context
        return await self.batches.import_cards(request)

    async def ActivateCards(
        self, request: pb.ActivateCardsRequest, context: Context
    ) -> pb.ActivateCardsResponse:
        del context
        return await self.batches.activate_cards(request)

    async def GetPartnerReport(
        self, request: pb.GetPartnerReportRequest, context: Context
    ) -> pb.GetPartnerReportResponse:
        del context
        return await self.batches.get_partner_report(request)

    async def VoidCard(self, request: pb.VoidCardRequest, context: Context) -> pb.VoidCardResponse:
        del context
        return await self.batches.void_card(request)

    async def ExtendValidity(
        self, request: pb.ExtendValidityRequest, context: Context
    ) -> pb.ExtendValidityResponse:
        del context
        return await self.batches.extend_validity(request)

    async def IssueCards(
        self, request: pb.IssueCardsRequest, context: Context
    ) -> pb.IssueCardsResponse:
        del context
        wish = BatchWish(
            product_code=request.product_code,
            count=request.count,
            last_screening_date=parse_date(request.last_screening_date),
            reason=request.reason,
            partner=request.partner,
            printed=request.printed,
            surnames=tuple(request.surnames),
        )
        return await self._issue(request_key(request, _without_numbers), wish)

    async def IssueInvitation(
        self, request: pb.IssueInvitationRequest, context: Context
    ) -> pb.IssueInvitationResponse:
        del context
        wish = BatchWish(
            product_code=self.invitation_product_code,
            count=1,
            last_screening_date=parse_date(request.last_screening_date),
            reason=request.reason,
            owner=ids.parse(request.account_id, field="account_id") if request.account_id else None,
        )
        issued = await self._issue(request_key(request, _without_numbers), wish)
        return pb.IssueInvitationResponse(card=issued.cards[0])

    async def _issue(self, key: RequestKey, wish: BatchWish) -> pb.IssueCardsResponse:
        """Issue cards and open their numbers; the kept answer has none, whichever call it was."""
        try:
            issued = await self.issue_cards(key, current_actor(), wish)
            batch_id, card_ids = str(issued.batch_id), list(issued.card_ids)
        except RepeatedRequest as repeated:
            kept = pb.IssueCardsResponse.FromString(repeated.answer)
            batch_id, card_ids = kept.batch_id, [UUID(card.card_id) for card in kept.cards]
        numbers = await self.read_numbers(card_ids)
        return pb.IssueCardsResponse(
            batch_id=batch_id,
            cards=[
                pb.IssuedCard(card_id=str(card_id), card_number=number)
                for card_id, number in zip(card_ids, numbers, strict=True)
            ],
        )


def _without_numbers(issued: IssuedBatch) -> pb.IssueCardsResponse:
    """Make the answer that is kept: it tells which cards, never their numbers."""
    return pb.IssueCardsResponse(
        batch_id=str(issued.batch_id),
        cards=[pb.IssuedCard(card_id=str(card_id)) for card_id in issued.card_ids],
    )
