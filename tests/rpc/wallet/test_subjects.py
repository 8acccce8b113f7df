"""What the wallet keeps about a person is told whole, and becomes nobody's when it is erased."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import grpc
import pytest
from cinema.wallet.v1 import profile_pb2, wallet_service_pb2
from cinema.wallet.v1 import subject_service_pb2 as pb

from services.common.db.retention import delete_expired
from services.common.mail.queue import take_due
from services.wallet.adapters.personal_data_retention import personal_data_rules
from services.wallet.use_cases.remind import RemindOfExpiry
from tests.integration.wallet.test_buying import Shop, shop
from tests.kit.traces import anywhere, tables_with
from tests.kit.wallet_points import an_order, points, redeem, settle
from tests.kit.wallet_server import (
    Wallet,
    a_key,
    a_reserve,
    a_seat,
    as_account,
    as_booking,
    as_guest,
    as_staff,
    broken_checks,
    refused,
    set_date,
)
from tests.kit.wallet_vouchers import a_spending, a_voucher, find, reserve

__all__ = ["shop"]

EMAIL = "ana@example.test"
ENTRIES = 20_000


async def export(wallet: Wallet, account_id: UUID, **more: Any) -> list[tuple[str, Any]]:
    """Read all pages; none is larger than a message may be."""
    request = pb.ExportSubjectRequest(account_id=str(account_id), request_id=str(uuid4()), **more)
    records = []
    while True:
        answer = await wallet.subjects.ExportSubject(request, metadata=as_booking())
        assert answer.ByteSize() < 1_500_000
        records += [(record.kind, json.loads(record.json)) for record in answer.records]
        request.page_token = answer.next_page_token
        if not request.page_token:
            return records


async def erase(
    wallet: Wallet, account_id: UUID, subject_id: UUID | None = None, *, dry_run: bool = False
) -> pb.EraseSubjectResponse:
    request = pb.EraseSubjectRequest(
        account_id=str(account_id),
        subject_id=str(subject_id or uuid4()),
        dry_run=dry_run,
        request_id=str(uuid4()),
    )
    return await wallet.subjects.EraseSubject(request, metadata=as_booking())


async def set_profile(wallet: Wallet, account_id: UUID) -> None:
    request = wallet_service_pb2.SetProfileRequest(
        profile=profile_pb2.Profile(
            birth_date="1990-05-20",
            surname="Ionescu",
            email=EMAIL,
            language_code="ro",
            reminders_agreed=True,
        ),
        request_id=str(uuid4()),
    )
    await wallet.cards.SetProfile(request, metadata=as_account(account_id))


async def full_wallet(shop: Shop) -> tuple[UUID, str, str]:
    """Give the account some of everything: a registered card, its number, and a voucher's code."""
    wallet, account_id = shop.wallet, shop.account_id
    await set_profile(wallet, account_id)
    await shop.bought()
    [issued] = await wallet.issue()
    await wallet.register(account_id, issued.card_number)
    card_id, key = UUID(issued.card_id), a_key()
    await wallet.reserve(
        a_reserve(account_id, card_id, key=key, seats=[a_seat("F7"), a_seat("F8")])
    )
    await wallet.command("CapturePlaces", key)
    voucher = await a_voucher(wallet, account_id=account_id)
    spending = a_spending(voucher.id, 1_000, account_id=account_id)
    await reserve(wallet, spending)
    await wallet.command("CaptureVoucher", spending.key)
    await an_order(wallet, account_id, 25_000)
    await settle(wallet)
    await redeem(wallet, account_id, "loyalty-5-7")
    return card_id, issued.card_number, voucher.code


@pytest.mark.rule("OTC-48.8")
async def test_the_export_has_everything_and_no_number_or_code(shop: Shop):
    wallet, account_id = shop.wallet, shop.account_id
    card_id, number, code = await full_wallet(shop)

    records = await export(wallet, account_id)

    kinds = Counter(kind for kind, _ in records)
    assert kinds == {
        "profile": 1,
        "card": 3,
        "place_entry": 3 + 4,
        "reservation": 2,
        "voucher": 1,
        "voucher_entry": 3,
        "points": 1,
        "point_lot": 1,
        "point_entry": 3,
        "card_purchase": 1,
        "mail": 1,
    }
    [profile] = [value for kind, value in records if kind == "profile"]
    assert (profile["surname"], profile["birth_date"]) == ("Ionescu", "1990-05-20")
    [card] = [value for kind, value in records if kind == "card" and value["id"] == str(card_id)]
    assert (card["last_four"], card["lots"][0]["places_used"]) == (number[-4:], 2)
    assert number not in json.dumps(records)
    assert code not in json.dumps(records)
    assert await export(wallet, uuid4()) == []


@pytest.mark.rule("OTC-48.8")
async def test_after_an_erasure_nothing_names_the_person_and_the_books_balance(shop: Shop):
    wallet, account_id, subject_id = shop.wallet, shop.account_id, uuid4()
    card_id, number, code = await full_wallet(shop)
    left = await erase(wallet, account_id, dry_run=True)
    personal = anywhere([str(account_id), EMAIL, "Ionescu", "1990-05-20", number[-4:]])
    known_before = await tables_with(database_of(wallet), personal)

    first = await erase(wallet, account_id, subject_id)
    again = await erase(wallet, account_id, subject_id)

    assert (left.places_lost, left.points_lost) == (5 + 1 + 1, 10)
    assert [value.minor_units for value in left.value_lost] == [4_000]
    assert first == left
    assert list(again.purchase_ids) == list(first.purchase_ids)
    assert again.places_lost == again.points_lost == 0
    assert {"wallet public.card", "wallet public.outbox", "wallet public.point_entry"} <= set(
        known_before
    )
    # What the bus still holds is purged by the worker, which reads there what.
    assert await tables_with(database_of(wallet), personal) == ["wallet public.bus_purge"]
    assert await export(wallet, account_id) == []
    assert await broken_checks(wallet) == []
    assert await points(wallet, account_id) == (0, 0, 0)
    refusal = await refused(wallet.card(account_id, card_id))
    assert refusal.reason == "CARD_NOT_FOUND"
    register = await refused(wallet.register(uuid4(), number))
    assert register.reason == "CARD_NOT_ACCEPTED"
    voucher = await refused(find(wallet, code, account_id=account_id))
    assert voucher.reason == "VOUCHER_NOT_ACCEPTED"
    audited = await wallet.database.fetchval(
        "SELECT count(*) FROM audit WHERE action = 'EraseSubject' AND subject = $1",
        f"subject/{subject_id}",
    )
    assert audited == 2


@pytest.mark.rule("OTC-48.8")
async def test_an_erased_account_may_begin_anew(shop: Shop):
    wallet, account_id = shop.wallet, shop.account_id
    await full_wallet(shop)
    await erase(wallet, account_id)

    await an_order(wallet, account_id, 25_000)
    await settle(wallet)

    assert await points(wallet, account_id) == (250, 0, 0)
    await erase(wallet, account_id)
    assert await export(wallet, account_id) == []
    assert await broken_checks(wallet) == []


@pytest.mark.rule("OTC-48.8")
async def test_nothing_is_erased_while_places_are_held_or_a_card_is_bought(shop: Shop):
    wallet, account_id, key = shop.wallet, shop.account_id, a_key()
    card_id = await wallet.registered_card(account_id)
    await wallet.reserve(a_reserve(account_id, card_id, key=key))
    purchase = await shop.buy()
    before = await export(wallet, account_id)

    both = await refused(erase(wallet, account_id))
    looked = await refused(erase(wallet, account_id, dry_run=True))
    untouched = await export(wallet, account_id)
    await wallet.command("ReleasePlaces", key)
    one = await refused(erase(wallet, account_id))
    await shop.decide(purchase.id)
    await shop.confirm(purchase.id)

    assert (both.reason, both.metadata) == (
        "ERASURE_BLOCKED",
        {"blocked_by": "RESERVATION,CARD_PURCHASE"},
    )
    assert looked.metadata == both.metadata
    assert untouched == before
    assert one.metadata == {"blocked_by": "CARD_PURCHASE"}
    assert (await erase(wallet, account_id)).places_lost == 3 + 5


@pytest.mark.rule("OTC-48.8")
async def test_no_reminder_goes_to_who_restricted_or_objected(shop: Shop):
    wallet, account_id = shop.wallet, shop.account_id
    await set_profile(wallet, account_id)
    await wallet.registered_card(account_id, last_date="2027-05-20")
    await set_date(wallet, date(2027, 5, 13))
    remind = RemindOfExpiry(wallet.parts.transactions, timedelta(days=14), 100)
    for stopped in (False, True):
        request = pb.StopRemindersRequest(
            account_id=str(account_id), stopped=stopped, request_id=str(uuid4())
        )
        await wallet.subjects.StopReminders(request, metadata=as_booking())

    told = await remind()

    assert told == 1
    assert await take_due(wallet.database, 10) == []


@pytest.mark.rule("OTC-48.8")
async def test_a_correction_reaches_the_profile_and_mails_that_wait(shop: Shop):
    wallet, account_id = shop.wallet, shop.account_id
    await set_profile(wallet, account_id)
    await shop.bought()
    request = pb.RectifySubjectRequest(
        account_id=str(account_id), email="right@example.test", request_id=str(uuid4())
    )

    await wallet.subjects.RectifySubject(request, metadata=as_booking())

    answer = await wallet.cards.GetProfile(
        wallet_service_pb2.GetProfileRequest(), metadata=as_account(account_id)
    )
    [mail] = await take_due(wallet.database, 10)
    assert (answer.profile.surname, answer.profile.email) == ("Ionescu", "right@example.test")
    assert mail.recipient == "right@example.test"


@pytest.mark.rule("OTC-48.9")
async def test_who_bought_a_card_is_forgotten_when_the_term_is_over(shop: Shop):
    wallet = shop.wallet
    await shop.bought()
    rules = personal_data_rules(wallet.parts.settings)
    too_soon = await delete_expired(wallet.database, rules)
    await wallet.database.execute(
        "UPDATE app_clock_offset SET offset_seconds = offset_seconds + 1096 * 86400"
    )

    gone = await delete_expired(wallet.database, rules)

    buyers = await wallet.database.fetch("SELECT email, last_name, state FROM card_purchase")
    assert (too_soon["buyer"], gone["buyer"]) == (0, 1)
    assert [tuple(row) for row in buyers] == [("", "", "PAID")]


async def test_only_booking_asks_about_persons(wallet: Wallet):
    request = pb.ExportSubjectRequest(account_id=str(uuid4()), request_id=str(uuid4()))

    for caller in (as_account(uuid4()), as_guest(), as_staff("privacy_officer")):
        answer = await refused(wallet.subjects.ExportSubject(request, metadata=caller))
        assert answer.code is grpc.StatusCode.PERMISSION_DENIED


async def test_an_account_does_not_become_itself(wallet: Wallet):
    account_id = uuid4()

    answer = await refused(erase(wallet, account_id, account_id))

    assert (answer.reason, answer.fields) == ("INVALID_FIELD", ("subject_id",))


async def test_vouchers_of_a_guests_orders_are_told_too(wallet: Wallet):
    voucher = await a_voucher(wallet)
    order_id = await wallet.database.fetchval(
        "SELECT order_id FROM voucher WHERE id = $1", voucher.id
    )
    request = pb.ExportSubjectRequest(order_ids=[str(order_id)], request_id=str(uuid4()))

    answer = await wallet.subjects.ExportSubject(request, metadata=as_booking())

    assert [record.kind for record in answer.records] == ["voucher", "voucher_entry"]


async def test_any_number_of_entries_comes_in_pages(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    connection = await asyncpg.connect(wallet.database_url)
    await connection.execute(
        """
        INSERT INTO place_entry (card_id, lot_id, kind, left_delta, reserved_delta, used_delta)
        SELECT $1, id, 'EXTEND', 0, 0, 0 FROM place_lot, generate_series(1, $2) WHERE card_id = $1
        """,
        card_id,
        ENTRIES,
    )
    await connection.close()

    records = await export(wallet, account_id)

    assert sum(kind == "place_entry" for kind, _ in records) == ENTRIES + 1


def database_of(wallet: Wallet) -> dict[str, str]:
    return {"wallet": wallet.database_url}
