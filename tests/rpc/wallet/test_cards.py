"""What clients see of WalletService and WalletAdminService."""

from uuid import UUID, uuid4

import grpc
import pytest
from cinema.wallet.v1 import card_pb2
from cinema.wallet.v1 import wallet_admin_service_pb2 as admin_pb2
from cinema.wallet.v1 import wallet_service_pb2 as pb

from services.wallet.domain.codes import is_well_formed, normalise
from tests.kit.wallet_server import Wallet, as_account, as_staff, refused


@pytest.mark.rule("CARD-5")
async def test_a_three_place_card_is_issued_and_registered_with_its_three_places(wallet: Wallet):
    account_id = uuid4()
    [issued] = await wallet.issue()

    card = await wallet.register(account_id, issued.card_number)

    assert card.id == issued.card_id
    assert card.product_code == "carte-3"
    assert card.state == card_pb2.Card.STATE_REGISTERED
    assert (card.places_left, card.places_reserved, card.places_used) == (3, 0, 0)
    assert [(lot.places_left, lot.last_screening_date) for lot in card.lots] == [(3, "2027-05-20")]


async def test_numbers_are_long_random_and_carry_a_check_character(wallet: Wallet):
    issued = await wallet.issue(20)

    numbers = [normalise(card.card_number) for card in issued]

    assert len(set(numbers)) == 20
    assert all(len(number) == 20 and is_well_formed(number) for number in numbers)


async def test_blanks_dashes_and_case_of_a_number_do_not_matter(wallet: Wallet):
    account_id = uuid4()
    [issued] = await wallet.issue()
    typed = " ".join(issued.card_number.lower().split("-"))

    card = await wallet.register(account_id, typed)

    assert card.id == issued.card_id


@pytest.mark.rule("CARD-4")
async def test_registering_again_in_the_same_wallet_succeeds(wallet: Wallet):
    account_id = uuid4()
    [issued] = await wallet.issue()
    first = await wallet.register(account_id, issued.card_number)

    again = await wallet.register(account_id, issued.card_number)

    assert again == first


@pytest.mark.rule("CARD-4")
@pytest.mark.rule("CARD-13")
async def test_every_failed_registration_gets_the_same_answer(wallet: Wallet):
    account_id, other_id = uuid4(), uuid4()
    foreign, void, fresh = (card.card_number for card in await wallet.issue(3))
    await wallet.register(other_id, foreign)
    await wallet.database.execute(
        "UPDATE card SET state = 'VOID' WHERE number_hash = ANY($1)",
        list(wallet.parts.codes.hashes(void)),
    )
    nominative = pb.CARD_KIND_NOMINATIVE

    answers = [
        await refused(wallet.register(account_id, "0000-0000-0000-0000-0000")),
        await refused(wallet.register(account_id, "no number at all!")),
        await refused(wallet.register(account_id, foreign)),
        await refused(wallet.register(account_id, void)),
        await refused(wallet.register(account_id, fresh, kind=nominative, surname="Popescu")),
    ]

    assert {answer.reason for answer in answers} == {"CARD_NOT_ACCEPTED"}
    assert {answer.code for answer in answers} == {grpc.StatusCode.FAILED_PRECONDITION}
    assert len({answer.message for answer in answers}) == 1
    assert all(set(answer.metadata) <= {"request_id"} for answer in answers)


async def test_a_refused_registration_can_be_repeated_with_the_same_request_id(wallet: Wallet):
    account_id, request_id = uuid4(), str(uuid4())
    request = pb.RegisterCardRequest(
        kind=pb.CARD_KIND_PLACE_CARD, card_number="1234-1234", request_id=request_id
    )

    answers = [
        await refused(wallet.cards.RegisterCard(request, metadata=as_account(account_id)))
        for _ in range(2)
    ]

    assert [answer.reason for answer in answers] == ["CARD_NOT_ACCEPTED"] * 2


@pytest.mark.rule("CARD-16")
async def test_only_the_owner_sees_the_full_number_with_the_conditions(wallet: Wallet):
    account_id = uuid4()
    [issued] = await wallet.issue()
    registered = await wallet.register(account_id, issued.card_number)
    request = pb.GetCardRequest(card_id=registered.id)

    seen = await wallet.cards.GetCard(request, metadata=as_account(account_id))
    hidden = await refused(wallet.cards.GetCard(request, metadata=as_account(uuid4())))

    assert seen.card_number == issued.card_number
    assert seen.conditions
    assert seen.conditions_version == "1"
    assert seen.card.masked_number == "****-****-****-****-" + issued.card_number[-4:]
    assert (hidden.code, hidden.reason) == (grpc.StatusCode.NOT_FOUND, "CARD_NOT_FOUND")
    assert hidden.metadata["card_id"] == registered.id


@pytest.mark.rule("CARD-15")
async def test_the_wallet_lists_the_owners_cards_by_page_newest_first(wallet: Wallet):
    account_id = uuid4()
    card_ids = [str(await wallet.registered_card(account_id)) for _ in range(3)]
    await wallet.registered_card(uuid4())
    request = pb.ListCardsRequest(page_size=2)

    first = await wallet.cards.ListCards(request, metadata=as_account(account_id))
    request.page_token = first.next_page_token
    second = await wallet.cards.ListCards(request, metadata=as_account(account_id))

    listed = [card.id for page in (first, second) for card in page.cards]
    assert listed == list(reversed(card_ids))
    assert second.next_page_token == ""
    assert all(card.lots[0].last_screening_date == "2027-05-20" for card in first.cards)


async def test_issuing_again_with_the_same_request_gives_the_same_numbers(wallet: Wallet):
    request = admin_pb2.IssueCardsRequest(
        product_code="carte-3",
        count=3,
        last_screening_date="2027-05-20",
        reason="a partner",
        request_id=str(uuid4()),
    )

    first = await wallet.admin.IssueCards(request, metadata=as_staff("operator"))
    again = await wallet.admin.IssueCards(request, metadata=as_staff("operator"))

    kept = await wallet.database.fetchval("SELECT answer FROM request")
    assert again == first
    assert await wallet.database.fetchval("SELECT count(*) FROM card") == 3
    for card in first.cards:
        assert card.card_number.encode() not in kept
        assert normalise(card.card_number).encode() not in kept


async def test_issuing_leaves_an_audit_row_and_one_event_per_card(wallet: Wallet):
    issued = await wallet.issue(2)

    audit = await wallet.database.fetch("SELECT actor, action FROM audit")
    events = await wallet.database.fetch("SELECT type, aggregate_id, aggregate_version FROM outbox")
    assert [tuple(row) for row in audit] == [("staff:staff-1", "IssueCards")]
    assert sorted(tuple(row) for row in events) == sorted(
        ("CardIssued", card.card_id, 1) for card in issued
    )


async def test_a_product_is_defined_as_data_and_old_cards_keep_their_terms(wallet: Wallet):
    account_id = uuid4()
    old_card = await wallet.registered_card(account_id)
    product = admin_pb2.CardProduct(
        code="carte-3",
        name="Carte 3 places",
        places=5,
        areas=["STANDARD"],
        event_kinds=["FILM"],
        valid_on_holidays=True,
        conditions="New conditions.",
        conditions_version="2",
        kind=admin_pb2.PRODUCT_KIND_PLACE_CARD,
    )
    request = admin_pb2.DefineProductRequest(product=product, request_id=str(uuid4()))

    answer = await wallet.admin.DefineProduct(request, metadata=as_staff("operator"))
    new_card = await wallet.registered_card(account_id)

    assert answer.product == product
    assert await wallet.balances(account_id, old_card) == (3, 0, 0)
    assert await wallet.balances(account_id, new_card) == (5, 0, 0)


@pytest.mark.parametrize(
    ("product_code", "last_date", "reason"),
    [("unknown", "2027-05-20", "PRODUCT_NOT_FOUND"), ("carte-3", "2027-02-30", "INVALID_DATE")],
)
async def test_a_wrong_batch_is_refused(
    wallet: Wallet, product_code: str, last_date: str, reason: str
):
    answer = await refused(wallet.issue(product=product_code, last_date=last_date))

    assert answer.reason == reason
    assert await wallet.database.fetchval("SELECT count(*) FROM card") == 0


async def test_customers_issue_no_cards(wallet: Wallet):
    request = admin_pb2.IssueCardsRequest(
        product_code="carte-3",
        count=1,
        last_screening_date="2027-05-20",
        reason="mine",
        request_id=str(uuid4()),
    )

    answer = await refused(wallet.admin.IssueCards(request, metadata=as_account(uuid4())))

    assert answer.code is grpc.StatusCode.PERMISSION_DENIED


async def test_no_number_is_readable_in_the_database_or_the_log(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    request = pb.GetCardRequest(card_id=str(card_id))
    seen = await wallet.cards.GetCard(request, metadata=as_account(account_id))

    tables = ("card", "card_batch", "place_lot", "place_entry", "request", "outbox", "audit")
    rows = [str(await wallet.database.fetch(f"SELECT t::text FROM {table} t")) for table in tables]

    for written in (*rows, wallet.log.getvalue()):
        assert seen.card_number not in written
        assert normalise(seen.card_number) not in written
        assert normalise(seen.card_number).encode().hex() not in written


async def test_the_application_role_cannot_change_an_entry(wallet: Wallet):
    await wallet.registered_card(uuid4())

    with pytest.raises(Exception, match="permission denied"):
        await wallet.database.execute("UPDATE place_entry SET left_delta = 9")
    with pytest.raises(Exception, match="permission denied"):
        await wallet.database.execute("DELETE FROM place_entry")


async def test_two_accounts_cannot_both_register_a_card(wallet: Wallet):
    [issued] = await wallet.issue()
    first, second = uuid4(), uuid4()
    await wallet.register(first, issued.card_number)

    answer = await refused(wallet.register(second, issued.card_number))

    owner = await wallet.database.fetchval("SELECT account_id FROM card")
    assert answer.reason == "CARD_NOT_ACCEPTED"
    assert owner == UUID(str(first))
