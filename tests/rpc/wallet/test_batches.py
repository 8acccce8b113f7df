"""What staff do with many cards, and how nominative ones are registered."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.wallet.v1 import card_pb2, wallet_service_pb2
from cinema.wallet.v1 import tender_service_pb2 as tender
from cinema.wallet.v1 import wallet_admin_service_pb2 as pb

from tests.kit.wallet_server import (
    Wallet,
    a_key,
    a_reserve,
    a_screening,
    a_seat,
    as_booking,
    as_staff,
    broken_checks,
    refused,
)

NOMINATIVE = wallet_service_pb2.CARD_KIND_NOMINATIVE
OPERATOR = as_staff("operator", "customer_service")


def admin_request(kind: Any, **fields: Any) -> Any:
    if "reason" in kind.DESCRIPTOR.fields_by_name:
        fields.setdefault("reason", "a test")
    return kind(request_id=str(uuid4()), **fields)


async def issue(wallet: Wallet, product: str, **fields: Any) -> pb.IssueCardsResponse:
    request = admin_request(
        pb.IssueCardsRequest,
        product_code=product,
        last_screening_date="2027-05-20",
        **{"count": 1, **fields},
    )
    return await wallet.admin.IssueCards(request, metadata=OPERATOR)


async def import_cards(
    wallet: Wallet, *numbers: str, product: str = "place-2d", **fields: Any
) -> pb.ImportCardsResponse:
    request = admin_request(
        pb.ImportCardsRequest,
        product_code=product,
        partner="Works council of ACME",
        last_screening_date="2027-05-20",
        cards=fields.pop("cards", [pb.ImportedCard(card_number=each) for each in numbers]),
        **fields,
    )
    return await wallet.admin.ImportCards(request, metadata=OPERATOR)


async def report(wallet: Wallet) -> pb.BatchReport:
    request = pb.GetPartnerReportRequest(partner="Works council of ACME")
    answer = await wallet.admin.GetPartnerReport(request, metadata=OPERATOR)
    [batch] = answer.batches
    return batch


async def extend(wallet: Wallet, **fields: Any) -> pb.ExtendValidityResponse:
    request = admin_request(pb.ExtendValidityRequest, **fields)
    return await wallet.admin.ExtendValidity(request, metadata=OPERATOR)


@pytest.mark.rule("CARD-10")
@pytest.mark.rule("CARD-14")
async def test_a_nominative_card_is_registered_by_its_number_and_surname(wallet: Wallet):
    account_id = uuid4()
    issued = await issue(wallet, "nominative", surnames=["Ștefănescu-Țepeș"])
    number = issued.cards[0].card_number

    wrong = await refused(wallet.register(account_id, number, kind=NOMINATIVE, surname="Popescu"))
    none = await refused(wallet.register(account_id, number, kind=NOMINATIVE))
    as_place = await refused(wallet.register(account_id, number))
    unknown = await refused(
        wallet.register(account_id, "0000-0000", kind=NOMINATIVE, surname="Stefanescu Tepes")
    )
    card = await wallet.register(account_id, number, kind=NOMINATIVE, surname="STEFANESCU TEPES")

    answers = [wrong, none, as_place, unknown]
    assert {answer.reason for answer in answers} == {"CARD_NOT_ACCEPTED"}
    assert len({(answer.code, answer.message) for answer in answers}) == 1
    assert card.state == card_pb2.Card.STATE_REGISTERED
    assert card.places_unlimited


@pytest.mark.rule("CARD-13")
async def test_a_place_card_is_not_registered_as_a_nominative_one(wallet: Wallet):
    [issued] = await wallet.issue()

    answer = await refused(
        wallet.register(uuid4(), issued.card_number, kind=NOMINATIVE, surname="Pop")
    )

    assert answer.reason == "CARD_NOT_ACCEPTED"


@pytest.mark.rule("CARD-10")
async def test_a_nominative_card_pays_one_seat_of_a_screening_over_all_orders(wallet: Wallet):
    account_id = uuid4()
    issued = await issue(wallet, "nominative", surnames=["Pop"])
    card = await wallet.register(
        account_id, issued.cards[0].card_number, kind=NOMINATIVE, surname="pop"
    )
    card_id, screening, key = UUID(card.id), a_screening(), a_key()
    listed = await wallet.tenders.ListEligiblePlaces(
        tender.ListEligiblePlacesRequest(
            account_id=str(account_id), screening=screening, seats=[a_seat("F7"), a_seat("F8")]
        ),
        metadata=as_booking(),
    )

    two = await refused(
        wallet.reserve(
            a_reserve(account_id, card_id, screening=screening, seats=[a_seat("F7"), a_seat("F8")])
        )
    )
    await wallet.reserve(a_reserve(account_id, card_id, key=key, screening=screening))
    await wallet.command("CapturePlaces", key)
    second = a_reserve(account_id, card_id, screening=screening, seats=[a_seat("F8")])
    again = await refused(wallet.reserve(second))
    elsewhere = await wallet.reserve(a_reserve(account_id, card_id))
    await wallet.command("RestorePlaces", key)
    restored = await wallet.reserve(second)

    [eligibility] = listed.cards
    assert (eligibility.places_usable, eligibility.holder_checked) == (1, True)
    assert two.metadata["ineligible_reason"] == "ONE_SEAT_PER_SCREENING"
    assert again.metadata["ineligible_reason"] == "ONE_SEAT_PER_SCREENING"
    assert elsewhere.state == restored.state == tender.RESERVATION_STATE_RESERVED
    assert await broken_checks(wallet) == []


@pytest.mark.parametrize(
    ("product", "surnames"), [("nominative", []), ("place-2d", ["Pop"]), ("nominative", ["A", "B"])]
)
async def test_each_nominative_card_needs_its_surname_and_no_other_card_has_one(
    wallet: Wallet, product: str, surnames: list[str]
):
    answer = await refused(issue(wallet, product, surnames=surnames))

    assert (answer.reason, answer.fields) == ("INVALID_FIELD", ("surnames",))


@pytest.mark.rule("CARD-6")
@pytest.mark.rule("CARD-13")
async def test_a_partners_own_numbers_are_imported_normalised_and_registered(wallet: Wallet):
    account_id = uuid4()

    imported = await import_cards(wallet, "ce-2027 0001", "CE-2027-0002")
    card = await wallet.register(account_id, "CE20270001")

    assert (imported.imported, list(imported.refused)) == (2, [])
    assert card.product_code == "place-2d"
    assert card.masked_number.endswith("0001")


async def test_good_cards_are_imported_and_the_others_are_named_with_their_reason(
    wallet: Wallet,
):
    await import_cards(wallet, "CE-1-0001")

    imported = await import_cards(wallet, "ce10001", "CE-1-0002", "ce 1 0002", "--1--")

    reasons = pb.RefusedCard
    assert imported.imported == 1
    assert [(each.index, each.reason) for each in imported.refused] == [
        (0, reasons.REASON_ALREADY_KNOWN),
        (2, reasons.REASON_REPEATED),
        (3, reasons.REASON_TOO_SHORT),
    ]


async def test_of_two_imports_of_a_number_at_once_one_has_it_and_the_other_is_told(
    wallet: Wallet,
):
    both = await asyncio.gather(*(import_cards(wallet, "CE-7-0001") for _ in range(2)))

    assert sorted(each.imported for each in both) == [0, 1]
    [refused_card] = [card for each in both for card in each.refused]
    assert refused_card.reason == pb.RefusedCard.REASON_ALREADY_KNOWN


async def test_an_imported_nominative_card_needs_a_surname(wallet: Wallet):
    cards = [
        pb.ImportedCard(card_number="N-0001", surname="Ionescu"),
        pb.ImportedCard(card_number="N-0002", surname=" - "),
    ]

    imported = await import_cards(wallet, product="nominative", cards=cards)
    card = await wallet.register(uuid4(), "n0001", kind=NOMINATIVE, surname="IONESCU")

    assert imported.imported == 1
    assert [each.reason for each in imported.refused] == [pb.RefusedCard.REASON_SURNAME_MISSING]
    assert card.product_code == "nominative"


async def test_printed_cards_are_accepted_once_they_are_activated_and_reported_by_state(
    wallet: Wallet,
):
    account_id = uuid4()
    imported = await import_cards(wallet, "P-0001", "P-0002", "P-0003", "P-0004", printed=True)
    too_early = await refused(wallet.register(account_id, "P-0001"))
    printed = await report(wallet)
    activate = admin_request(pb.ActivateCardsRequest, batch_id=imported.batch_id)
    activated = await wallet.admin.ActivateCards(activate, metadata=OPERATOR)
    used, kept = [await wallet.register(account_id, number) for number in ("P-0001", "P-0002")]
    key = a_key()
    await wallet.reserve(a_reserve(account_id, UUID(used.id), key=key))
    await wallet.command("CapturePlaces", key)
    await wallet.admin.VoidCard(
        admin_request(pb.VoidCardRequest, card_id=kept.id), metadata=OPERATOR
    )

    now = await report(wallet)

    assert too_early.reason == "CARD_NOT_ACCEPTED"
    assert printed.printed == 4
    assert activated.activated == 4
    assert (now.printed, now.activated, now.registered, now.used, now.voided) == (0, 2, 0, 1, 1)
    assert (now.places_left, now.places_used) == (2, 1)


async def test_a_void_card_pays_nothing_and_is_not_offered(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    request = admin_request(pb.VoidCardRequest, card_id=str(card_id))

    for _ in range(2):
        await wallet.admin.VoidCard(request, metadata=OPERATOR)

    listed = await wallet.tenders.ListEligiblePlaces(
        tender.ListEligiblePlacesRequest(
            account_id=str(account_id), screening=a_screening(), seats=[a_seat()]
        ),
        metadata=as_booking(),
    )
    refusal = await refused(wallet.reserve(a_reserve(account_id, card_id)))
    unknown = admin_request(pb.VoidCardRequest, card_id=str(uuid4()))
    missing = await refused(wallet.admin.VoidCard(unknown, metadata=OPERATOR))
    assert not listed.cards
    assert (refusal.reason, missing.reason) == ("CARD_NOT_FOUND", "CARD_NOT_FOUND")
    assert (
        await wallet.database.fetchval("SELECT count(*) FROM audit WHERE action = 'VoidCard'") == 1
    )


@pytest.mark.rule("CARD-8")
async def test_an_invitation_is_registered_by_its_number_or_comes_by_itself(wallet: Wallet):
    account_id = uuid4()
    manager = as_staff("cinema_manager")
    by_number = admin_request(pb.IssueInvitationRequest, last_screening_date="2027-05-20")
    direct = admin_request(
        pb.IssueInvitationRequest, account_id=str(account_id), last_screening_date="2027-05-20"
    )

    issued = await wallet.admin.IssueInvitation(by_number, metadata=manager)
    again = await wallet.admin.IssueInvitation(by_number, metadata=manager)
    given = await wallet.admin.IssueInvitation(direct, metadata=manager)
    await wallet.register(account_id, issued.card.card_number)

    reasons = await wallet.database.fetch("SELECT reason FROM card_batch")
    assert again == issued
    assert await wallet.balances(account_id, UUID(given.card.card_id)) == (1, 0, 0)
    assert await wallet.balances(account_id, UUID(issued.card.card_id)) == (1, 0, 0)
    assert [row["reason"] for row in reasons] == ["a test", "a test"]


@pytest.mark.rule("CARD-15")
async def test_places_left_get_a_later_date_in_a_lot_of_their_own(wallet: Wallet):
    account_id, key = uuid4(), a_key()
    issued = await issue(wallet, "carte-3", count=2)
    card_id = UUID(issued.cards[0].card_id)
    await wallet.register(account_id, issued.cards[0].card_number)
    await wallet.reserve(a_reserve(account_id, card_id, key=key))
    fields = {"batch_id": issued.batch_id, "last_screening_date": "2027-12-31"}

    tried = await extend(wallet, dry_run=True, **fields)
    untouched = await wallet.card(account_id, card_id)
    done = await extend(wallet, **fields)
    again = await extend(wallet, **fields)

    card = await wallet.card(account_id, card_id)
    await wallet.command("CapturePlaces", key)
    assert (tried.cards, tried.places) == (done.cards, done.places) == (2, 5)
    assert [lot.last_screening_date for lot in untouched.lots] == ["2027-05-20"]
    assert (again.cards, again.places) == (0, 0)
    assert [(lot.places_left, lot.last_screening_date) for lot in card.lots] == [
        (0, "2027-05-20"),
        (2, "2027-12-31"),
    ]
    assert await broken_checks(wallet) == []


@pytest.mark.parametrize("call", ["ActivateCards", "ExtendValidity"])
async def test_an_unknown_batch_is_not_found(wallet: Wallet, call: str):
    kind = getattr(pb, f"{call}Request")
    fields = {"last_screening_date": "2027-12-31"} if call == "ExtendValidity" else {}
    request = admin_request(kind, batch_id=str(uuid4()), **fields)

    answer = await refused(getattr(wallet.admin, call)(request, metadata=OPERATOR))

    assert (answer.code, answer.reason) == (grpc.StatusCode.NOT_FOUND, "BATCH_NOT_FOUND")
