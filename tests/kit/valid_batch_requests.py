"""Valid requests of wallet about batches of cards."""

from typing import Any
from uuid import uuid4

from cinema.wallet.v1 import wallet_admin_service_pb2 as pb

from tests.kit.scene import Scene, utc_date
from tests.kit.valid_request import Valid, staff


async def _import_cards(scene: Scene) -> Valid:
    request = _request(
        pb.ImportCardsRequest,
        product_code=await scene.product(),
        partner="A works council",
        last_screening_date=utc_date(await scene.now()),
        cards=[pb.ImportedCard(card_number=str(uuid4()))],
    )
    return Valid(request, staff(scene, "operator"))


async def _activate_cards(scene: Scene) -> Valid:
    request = _request(pb.ActivateCardsRequest, batch_id=str(uuid4()))
    return Valid(request, staff(scene, "operator"), answer="BATCH_NOT_FOUND")


async def _get_partner_report(scene: Scene) -> Valid:
    request = pb.GetPartnerReportRequest(partner="A works council")
    return Valid(request, staff(scene, "finance"))


async def _issue_invitation(scene: Scene) -> Valid:
    request = _request(pb.IssueInvitationRequest, last_screening_date=utc_date(await scene.now()))
    return Valid(request, staff(scene, "customer_service"), unknown={"account_id": "OK"})


async def _void_card(scene: Scene) -> Valid:
    request = _request(pb.VoidCardRequest, card_id=str(uuid4()))
    return Valid(request, staff(scene, "customer_service"), answer="CARD_NOT_FOUND")


async def _extend_validity(scene: Scene) -> Valid:
    request = _request(
        pb.ExtendValidityRequest, last_screening_date=utc_date(await scene.now()), dry_run=True
    )
    return Valid(
        request, staff(scene, "operator"), unknown={"card_ids[0]": "OK"}, keeps_no_answer=True
    )


def _request(kind: Any, **fields: Any) -> Any:
    return kind(reason="A test.", request_id=str(uuid4()), **fields)


BUILDERS = {
    "WalletAdminService.ImportCards": _import_cards,
    "WalletAdminService.ActivateCards": _activate_cards,
    "WalletAdminService.GetPartnerReport": _get_partner_report,
    "WalletAdminService.IssueInvitation": _issue_invitation,
    "WalletAdminService.VoidCard": _void_card,
    "WalletAdminService.ExtendValidity": _extend_validity,
}
