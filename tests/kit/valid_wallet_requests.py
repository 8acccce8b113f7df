"""Valid requests of wallet."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

from cinema.type.v1 import money_pb2
from cinema.wallet.v1 import card_pb2, profile_pb2, voucher_service_pb2
from cinema.wallet.v1 import card_sale_service_pb2 as sales
from cinema.wallet.v1 import points_service_pb2 as points
from cinema.wallet.v1 import subject_service_pb2 as subjects
from cinema.wallet.v1 import tender_service_pb2 as tender
from cinema.wallet.v1 import wallet_admin_service_pb2 as wallet_admin
from cinema.wallet.v1 import wallet_service_pb2 as wallet

from tests.kit.scene import Scene, utc_date
from tests.kit.valid_money_requests import decide_authorization, decide_authorizations
from tests.kit.valid_request import Valid, staff


async def _register_card(scene: Scene) -> Valid:
    request = wallet.RegisterCardRequest(
        kind=wallet.CARD_KIND_PLACE_CARD,
        card_number=await scene.unregistered_number(),
        request_id=str(uuid4()),
    )
    return Valid(request, (await scene.account()).metadata())


async def _list_cards(scene: Scene) -> Valid:
    await scene.card()
    return Valid(wallet.ListCardsRequest(page_size=1), (await scene.account()).metadata())


async def _get_card(scene: Scene) -> Valid:
    request = wallet.GetCardRequest(card_id=(await scene.card()).id)
    return Valid(request, (await scene.account()).metadata(), is_owned=True)


async def _define_product(scene: Scene) -> Valid:
    request = wallet_admin.DefineProductRequest(
        product=scene.new_product(), request_id=str(uuid4())
    )
    return Valid(request, staff(scene, "operator"), unknown={"product.cinema_ids[0]": "OK"})


async def _issue_cards(scene: Scene) -> Valid:
    request = wallet_admin.IssueCardsRequest(
        product_code=await scene.product(),
        count=1,
        last_screening_date=utc_date(await scene.now()),
        reason="A test.",
        request_id=str(uuid4()),
    )
    return Valid(request, staff(scene, "customer_service"))


async def _list_eligible_places(scene: Scene) -> Valid:
    await scene.card()
    request = tender.ListEligiblePlacesRequest(
        account_id=(await scene.account()).account_id,
        screening=await _facts(scene),
        seats=[_seat()],
    )
    unknown = {
        "account_id": "OK",
        "screening.screening_id": "OK",
        "screening.cinema_id": "OK",
        "seats[0].seat_id": "OK",
    }
    return _as_booking(scene, request, unknown=unknown)


async def _reserve_places(scene: Scene) -> Valid:
    request = tender.ReservePlacesRequest(
        key=_new_key(),
        account_id=(await scene.account()).account_id,
        card_id=(await scene.card()).id,
        screening=await _facts(scene),
        seats=[_seat()],
        request_id=str(uuid4()),
    )
    unknown = {
        "key.order_id": "OK",
        "account_id": "CARD_NOT_FOUND",
        # The first of these reserves, the others ask for something else under the same key.
        "screening.screening_id": "OK",
        "screening.cinema_id": "RESERVATION_DIFFERS",
        "seats[0].seat_id": "RESERVATION_DIFFERS",
    }
    return _as_booking(scene, request, unknown=unknown, keeps_no_answer=True)


async def _capture_places(scene: Scene) -> Valid:
    request = tender.CapturePlacesRequest(key=_new_key(), request_id=str(uuid4()))
    return _as_booking(scene, request, answer="RESERVATION_NOT_FOUND", unknown=_NO_RESERVATION)


async def _release_places(scene: Scene) -> Valid:
    request = tender.ReleasePlacesRequest(key=_new_key(), request_id=str(uuid4()))
    return _as_booking(scene, request, unknown={"key.order_id": "OK"}, keeps_no_answer=True)


async def _restore_places(scene: Scene) -> Valid:
    request = tender.RestorePlacesRequest(key=_new_key(), request_id=str(uuid4()))
    return _as_booking(scene, request, answer="RESERVATION_NOT_FOUND", unknown=_NO_RESERVATION)


async def _get_voucher_code(scene: Scene) -> Valid:
    request = tender.GetVoucherCodeRequest(voucher_id=str(uuid4()))
    return _as_booking(scene, request, answer="VOUCHER_NOT_FOUND")


async def _get_order_points(scene: Scene) -> Valid:
    request = tender.GetOrderPointsRequest(order_id=str(uuid4()))
    return _as_booking(scene, request, unknown={"order_id": "OK"})


async def _get_voucher(scene: Scene) -> Valid:
    request = voucher_service_pb2.GetVoucherRequest(voucher_code="ABCD-EFGH-JKLM-NPQR")
    # A code and an ID together are one too many.
    unknown = {"voucher_code": "VOUCHER_NOT_FOUND", "voucher_id": "INVALID_FIELD"}
    caller = (await scene.guest()).metadata()
    return Valid(request, caller, answer="VOUCHER_NOT_FOUND", unknown=unknown)


async def _list_card_entries(scene: Scene) -> Valid:
    request = wallet.ListCardEntriesRequest(card_id=(await scene.card()).id, page_size=1)
    return Valid(request, (await scene.account()).metadata(), is_owned=True)


async def _export_subject(scene: Scene) -> Valid:
    request = subjects.ExportSubjectRequest(account_id=str(uuid4()), request_id=str(uuid4()))
    unknown = {"account_id": "OK", "order_ids[0]": "OK"}
    return _as_booking(scene, request, unknown=unknown, keeps_no_answer=True)


async def _erase_subject(scene: Scene) -> Valid:
    request = subjects.EraseSubjectRequest(
        account_id=str(uuid4()), subject_id=str(uuid4()), request_id=str(uuid4())
    )
    return _as_booking(scene, request, unknown={"account_id": "OK", "subject_id": "OK"})


async def _rectify_subject(scene: Scene) -> Valid:
    request = subjects.RectifySubjectRequest(
        account_id=str(uuid4()), email="ana@example.com", request_id=str(uuid4())
    )
    return _as_booking(scene, request, unknown={"account_id": "OK"})


async def _stop_reminders(scene: Scene) -> Valid:
    request = subjects.StopRemindersRequest(account_id=str(uuid4()), request_id=str(uuid4()))
    return _as_booking(scene, request, unknown={"account_id": "OK"})


async def _find_voucher(scene: Scene) -> Valid:
    request = tender.FindVoucherRequest(
        voucher_code="ABCD-EFGH-JKLM-NPQR",
        principal="guest:bad-input",
        peer_address="ipv4:127.0.0.1:1",
        screening=await _facts(scene),
        currency_code="RON",
    )
    return _as_booking(scene, request, answer="VOUCHER_NOT_ACCEPTED", unknown=_NOT_ACCEPTED)


async def _reserve_voucher(scene: Scene) -> Valid:
    request = tender.ReserveVoucherRequest(
        key=_new_key("voucher-1"),
        voucher_id=str(uuid4()),
        screening=await _facts(scene),
        amount=_ron(100),
        request_id=str(uuid4()),
    )
    return _as_booking(scene, request, answer="VOUCHER_NOT_ACCEPTED", unknown=_NOT_ACCEPTED)


async def _capture_voucher(scene: Scene) -> Valid:
    request = tender.CaptureVoucherRequest(key=_new_key("voucher-1"), request_id=str(uuid4()))
    return _as_booking(scene, request, answer="RESERVATION_NOT_FOUND", unknown=_NO_RESERVATION)


async def _release_voucher(scene: Scene) -> Valid:
    request = tender.ReleaseVoucherRequest(key=_new_key("voucher-1"), request_id=str(uuid4()))
    return _as_booking(scene, request, unknown={"key.order_id": "OK"}, keeps_no_answer=True)


async def _restore_voucher(scene: Scene) -> Valid:
    request = tender.RestoreVoucherRequest(key=_new_key("voucher-1"), request_id=str(uuid4()))
    return _as_booking(scene, request, answer="RESERVATION_NOT_FOUND", unknown=_NO_RESERVATION)


async def _list_vouchers(scene: Scene) -> Valid:
    request = voucher_service_pb2.ListVouchersRequest(page_size=1)
    return Valid(request, (await scene.account()).metadata())


async def _get_points(scene: Scene) -> Valid:
    return Valid(points.GetPointsRequest(), (await scene.account()).metadata())


async def _list_point_entries(scene: Scene) -> Valid:
    request = points.ListPointEntriesRequest(page_size=1)
    return Valid(request, (await scene.account()).metadata())


async def _redeem_points(scene: Scene) -> Valid:
    request = points.RedeemPointsRequest(product_code="loyalty-5-7", request_id=str(uuid4()))
    return Valid(request, (await scene.account()).metadata(), answer="INSUFFICIENT_POINTS")


async def _credit_points(scene: Scene) -> Valid:
    request = wallet_admin.CreditPointsRequest(
        account_id=str(uuid4()), points=1, reason="A test.", request_id=str(uuid4())
    )
    return Valid(request, staff(scene, "customer_service"), unknown={"account_id": "OK"})


async def _grant_birthday_places(scene: Scene) -> Valid:
    request = wallet_admin.GrantBirthdayPlacesRequest(
        date="1990-01-01", reason="A test.", request_id=str(uuid4())
    )
    return Valid(request, staff(scene, "operator"))


async def _get_profile(scene: Scene) -> Valid:
    return Valid(wallet.GetProfileRequest(), (await scene.account()).metadata())


async def _set_profile(scene: Scene) -> Valid:
    request = wallet.SetProfileRequest(
        profile=profile_pb2.Profile(birth_date="1990-05-20", surname="Pop", language_code="ro"),
        request_id=str(uuid4()),
    )
    unknown = {"profile.language_code": "OK"}
    return Valid(request, (await scene.account()).metadata(), unknown=unknown)


async def _list_offers(scene: Scene) -> Valid:
    return Valid(sales.ListOffersRequest(page_size=1), (await scene.guest()).metadata())


async def _buy_card(scene: Scene) -> Valid:
    request = sales.BuyCardRequest(
        product_code="carte-3",
        conditions_version="1",
        first_name="Ana",
        last_name="Pop",
        email="ana@example.com",
        language_code="ro",
        return_url="http://localhost/thank-you",
        request_id=str(uuid4()),
    )
    return Valid(request, (await scene.account()).metadata(), unknown={"language_code": "OK"})


async def _get_card_purchase(scene: Scene) -> Valid:
    request = sales.GetCardPurchaseRequest(purchase_id=str(uuid4()))
    return Valid(request, (await scene.account()).metadata(), answer="PURCHASE_NOT_FOUND")


async def _cancel_card_purchase(scene: Scene) -> Valid:
    request = sales.CancelCardPurchaseRequest(purchase_id=str(uuid4()), request_id=str(uuid4()))
    return Valid(request, (await scene.account()).metadata(), answer="PURCHASE_NOT_FOUND")


_NO_RESERVATION = {"key.order_id": "RESERVATION_NOT_FOUND"}
_NOT_ACCEPTED = dict.fromkeys(
    (
        "key.order_id",
        "account_id",
        "voucher_id",
        "voucher_code",
        "screening.screening_id",
        "screening.cinema_id",
        "currency_code",
    ),
    "VOUCHER_NOT_ACCEPTED",
)


def _as_booking(scene: Scene, request: Any, **more: Any) -> Valid:
    return Valid(request, scene.callers.peer("booking", server="wallet"), **more)


def _new_key(leg: str = "places-1") -> tender.LegKey:
    return tender.LegKey(order_id=str(uuid4()), leg=leg, attempt=1)


def _ron(minor_units: int) -> money_pb2.Money:
    return money_pb2.Money(currency_code="RON", minor_units=minor_units)


def _seat() -> card_pb2.SeatFacts:
    return card_pb2.SeatFacts(seat_id="F7", area="STANDARD", supplement=_ron(0))


async def _facts(scene: Scene) -> card_pb2.ScreeningFacts:
    screening = await scene.screening()
    return card_pb2.ScreeningFacts(
        screening_id=screening.id,
        cinema_id=screening.cinema_id,
        local_date=utc_date(await scene.now()),
        format="2D",
        event_kind="FILM",
        cards_accepted=True,
    )


BUILDERS: dict[str, Callable[[Scene], Awaitable[Valid]]] = {
    "CardSaleService.ListOffers": _list_offers,
    "CardSaleService.BuyCard": _buy_card,
    "CardSaleService.GetCardPurchase": _get_card_purchase,
    "CardSaleService.CancelCardPurchase": _cancel_card_purchase,
    "wallet/PaymentDecisionService.DecideAuthorization": partial(
        decide_authorization, owner="wallet"
    ),
    "wallet/PaymentDecisionService.DecideAuthorizations": partial(
        decide_authorizations, owner="wallet"
    ),
    "PointsService.GetPoints": _get_points,
    "PointsService.ListPointEntries": _list_point_entries,
    "PointsService.RedeemPoints": _redeem_points,
    "WalletAdminService.CreditPoints": _credit_points,
    "WalletAdminService.GrantBirthdayPlaces": _grant_birthday_places,
    "WalletService.ListCardEntries": _list_card_entries,
    "wallet/SubjectService.ExportSubject": _export_subject,
    "wallet/SubjectService.EraseSubject": _erase_subject,
    "SubjectService.RectifySubject": _rectify_subject,
    "SubjectService.StopReminders": _stop_reminders,
    "WalletService.GetProfile": _get_profile,
    "WalletService.SetProfile": _set_profile,
    "WalletService.RegisterCard": _register_card,
    "WalletService.ListCards": _list_cards,
    "WalletService.GetCard": _get_card,
    "WalletAdminService.DefineProduct": _define_product,
    "WalletAdminService.IssueCards": _issue_cards,
    "TenderService.ListEligiblePlaces": _list_eligible_places,
    "TenderService.ReservePlaces": _reserve_places,
    "TenderService.CapturePlaces": _capture_places,
    "TenderService.ReleasePlaces": _release_places,
    "TenderService.RestorePlaces": _restore_places,
    "TenderService.GetVoucherCode": _get_voucher_code,
    "TenderService.GetOrderPoints": _get_order_points,
    "VoucherService.GetVoucher": _get_voucher,
    "TenderService.FindVoucher": _find_voucher,
    "TenderService.ReserveVoucher": _reserve_voucher,
    "TenderService.CaptureVoucher": _capture_voucher,
    "TenderService.ReleaseVoucher": _release_voucher,
    "TenderService.RestoreVoucher": _restore_voucher,
    "VoucherService.ListVouchers": _list_vouchers,
}
