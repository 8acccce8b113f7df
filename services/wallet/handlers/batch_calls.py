"""The calls of WalletAdminService about many cards: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from cinema.wallet.v1 import wallet_admin_service_pb2 as pb

from services.common import ids
from services.common.rpc.idempotency import answer_of, request_key
from services.wallet.domain.dates import parse_date
from services.wallet.handlers.actors import current_actor
from services.wallet.use_cases.change_cards import (
    ActivateCards,
    ExtendValidity,
    Extension,
    VoidCard,
)
from services.wallet.use_cases.import_cards import (
    ImportCards,
    Imported,
    ImportProblem,
    ImportWish,
)
from services.wallet.use_cases.partner_report import GetPartnerReport
from services.wallet.use_cases.ports import Extended
from services.wallet.use_cases.register_card import TypedCard

_PROBLEMS = {problem: pb.RefusedCard.Reason.Value(f"REASON_{problem}") for problem in ImportProblem}


@dataclass(frozen=True)
class BatchCalls:
    """One use case for each call."""

    import_partner_cards: ImportCards
    activate: ActivateCards
    report: GetPartnerReport
    void: VoidCard
    extend: ExtendValidity

    async def import_cards(self, request: pb.ImportCardsRequest) -> pb.ImportCardsResponse:
        key = request_key(request, _imported)
        wish = ImportWish(
            product_code=request.product_code,
            partner=request.partner,
            last_screening_date=parse_date(request.last_screening_date),
            printed=request.printed,
            cards=[TypedCard(card.card_number, card.surname) for card in request.cards],
            reason=request.reason,
        )
        imported = await self.import_partner_cards(key, current_actor(), wish)
        return cast("pb.ImportCardsResponse", answer_of(key, imported))

    async def activate_cards(self, request: pb.ActivateCardsRequest) -> pb.ActivateCardsResponse:
        key = request_key(request, lambda count: pb.ActivateCardsResponse(activated=count))
        activated = await self.activate(
            key, current_actor(), UUID(request.batch_id), request.reason
        )
        return cast("pb.ActivateCardsResponse", answer_of(key, activated))

    async def get_partner_report(
        self, request: pb.GetPartnerReportRequest
    ) -> pb.GetPartnerReportResponse:
        reports = await self.report(request.partner)
        return pb.GetPartnerReportResponse(
            batches=[
                pb.BatchReport(
                    batch_id=str(each.batch_id),
                    product_code=each.product_code,
                    printed=each.printed,
                    activated=each.activated,
                    registered=each.registered,
                    used=each.used,
                    voided=each.voided,
                    places_left=each.places_left,
                    places_used=each.places_used,
                )
                for each in reports
            ]
        )

    async def void_card(self, request: pb.VoidCardRequest) -> pb.VoidCardResponse:
        key = request_key(request, lambda _: pb.VoidCardResponse())
        await self.void(key, current_actor(), UUID(request.card_id), request.reason)
        return cast("pb.VoidCardResponse", answer_of(key, None))

    async def extend_validity(self, request: pb.ExtendValidityRequest) -> pb.ExtendValidityResponse:
        key = request_key(request, _extended)
        extension = Extension(
            batch_id=ids.parse(request.batch_id, field="batch_id") if request.batch_id else None,
            card_ids=[UUID(card_id) for card_id in request.card_ids],
            last_screening_date=parse_date(request.last_screening_date),
            reason=request.reason,
        )
        extended = await self.extend(key, current_actor(), extension, dry_run=request.dry_run)
        return cast("pb.ExtendValidityResponse", answer_of(key, extended))


def _imported(imported: Imported) -> pb.ImportCardsResponse:
    return pb.ImportCardsResponse(
        batch_id=str(imported.batch_id) if imported.batch_id else "",
        imported=imported.number,
        refused=[
            pb.RefusedCard(index=index, reason=_PROBLEMS[problem])
            for index, problem in imported.refused
        ],
    )


def _extended(extended: Extended) -> pb.ExtendValidityResponse:
    return pb.ExtendValidityResponse(cards=extended.cards, places=extended.places)
