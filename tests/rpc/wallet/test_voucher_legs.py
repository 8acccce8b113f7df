"""What booking sees of vouchers that pay in orders."""

import asyncio
from datetime import date
from uuid import uuid4

import grpc
import pytest
from cinema.type.v1 import money_pb2
from cinema.wallet.v1 import events_pb2, voucher_service_pb2, wallet_admin_service_pb2
from cinema.wallet.v1 import tender_service_pb2 as pb

from services.wallet.domain.codes import normalise
from services.wallet.domain.surname import comparable
from tests.kit.wallet_server import (
    Wallet,
    as_account,
    as_staff,
    broken_checks,
    refused,
    set_date,
    settled,
)
from tests.kit.wallet_vouchers import (
    a_spending,
    a_voucher,
    a_voucher_key,
    balances,
    find,
    reserve,
)

RESERVED = pb.RESERVATION_STATE_RESERVED
CAPTURED = pb.RESERVATION_STATE_CAPTURED
RELEASED = pb.RESERVATION_STATE_RELEASED
RESTORED = pb.RESERVATION_STATE_RESTORED


@pytest.mark.rule("OTC-33b")
async def test_a_guest_finds_a_voucher_by_its_code_and_spends_a_part_of_it(wallet: Wallet):
    voucher = await a_voucher(wallet, 5_000)
    key = a_voucher_key()

    found = await find(wallet, voucher.code.lower().replace("-", " "))
    reserved = await reserve(wallet, a_spending(voucher.id, 3_000, key=key))
    held = await balances(wallet, voucher.id)
    spent = await wallet.command("CaptureVoucher", key)

    assert found.voucher_id == str(voucher.id)
    assert found.left.minor_units == 5_000
    assert (reserved.state, held) == (RESERVED, (2_000, 3_000, 0))
    assert (spent.state, await balances(wallet, voucher.id)) == (CAPTURED, (2_000, 0, 3_000))


async def test_spending_and_giving_back_are_told_once_each(wallet: Wallet):
    voucher = await a_voucher(wallet)
    key = a_voucher_key()
    await reserve(wallet, a_spending(voucher.id, 3_000, key=key))

    for command in ("CaptureVoucher", "RestoreVoucher"):
        for _ in range(2):
            await wallet.command(command, key)

    told = await wallet.database.fetch(
        "SELECT type, payload, aggregate_version FROM outbox WHERE aggregate_id = $1"
        " ORDER BY aggregate_version",
        str(voucher.id),
    )
    assert [row["type"] for row in told] == ["VoucherIssued", "VoucherSpent", "VoucherRestored"]
    assert [row["aggregate_version"] for row in told] == [1, 2, 3]
    spent = events_pb2.VoucherSpent.FromString(told[1]["payload"])
    assert (spent.order_id, spent.leg, spent.amount.minor_units) == (
        key.order_id,
        "voucher-1",
        3_000,
    )
    assert await balances(wallet, voucher.id) == (5_000, 0, 0)


async def test_every_voucher_that_cannot_pay_gets_the_same_answer(wallet: Wallet):
    voucher = await a_voucher(wallet)
    foreign = await a_voucher(wallet, account_id=uuid4())
    spent = await a_voucher(wallet)
    await reserve(wallet, a_spending(spent.id, 5_000))

    answers = [
        await refused(find(wallet, "0000-0000-0000-0000-0000")),
        await refused(find(wallet, "no code!")),
        await refused(find(wallet, foreign.code)),
        await refused(find(wallet, foreign.code, account_id=uuid4())),
        await refused(find(wallet, spent.code)),
        await refused(find(wallet, voucher.code, local_date="2027-05-21")),
        await refused(find(wallet, voucher.code, currency="EUR")),
        await refused(find(wallet, voucher_id=voucher.id)),
        await refused(find(wallet, voucher_id=voucher.id, account_id=uuid4())),
        await refused(reserve(wallet, a_spending(uuid4(), 100))),
        await refused(reserve(wallet, a_spending(voucher.id, 5_001))),
        await refused(reserve(wallet, a_spending(voucher.id, 100, currency="EUR"))),
        await refused(reserve(wallet, a_spending(voucher.id, 100, local_date="2027-05-21"))),
        await refused(reserve(wallet, a_spending(foreign.id, 100))),
    ]

    assert {answer.code for answer in answers} == {grpc.StatusCode.FAILED_PRECONDITION}
    assert {answer.reason for answer in answers} == {"VOUCHER_NOT_ACCEPTED"}
    assert len({answer.message for answer in answers}) == 1
    assert all(set(answer.metadata) <= {"request_id"} for answer in answers)
    assert await balances(wallet, voucher.id) == (5_000, 0, 0)


async def test_an_accounts_own_voucher_needs_no_code(wallet: Wallet):
    account_id = uuid4()
    voucher = await a_voucher(wallet, account_id=account_id)
    request = voucher_service_pb2.ListVouchersRequest()

    found = await find(wallet, voucher_id=voucher.id, account_id=account_id)
    reserved = await reserve(wallet, a_spending(voucher.id, 1_200, account_id=account_id))
    listed = await wallet.vouchers.ListVouchers(request, metadata=as_account(account_id))

    [mine] = listed.vouchers
    assert (found.voucher_id, reserved.state) == (str(voucher.id), RESERVED)
    assert (mine.value.minor_units, mine.left.minor_units) == (5_000, 3_800)
    assert (mine.reserved.minor_units, mine.spent.minor_units) == (1_200, 0)
    assert (mine.last_screening_date, mine.partly_usable) == ("2027-05-20", True)
    assert mine.conditions
    assert mine.conditions_version == "1"


async def test_vouchers_are_listed_by_page_newest_first_to_their_owner_alone(wallet: Wallet):
    account_id = uuid4()
    ids = [str((await a_voucher(wallet, account_id=account_id)).id) for _ in range(3)]
    await a_voucher(wallet, account_id=uuid4())
    await a_voucher(wallet)
    request = voucher_service_pb2.ListVouchersRequest(page_size=2)

    first = await wallet.vouchers.ListVouchers(request, metadata=as_account(account_id))
    request.page_token = first.next_page_token
    second = await wallet.vouchers.ListVouchers(request, metadata=as_account(account_id))

    assert [each.id for page in (first, second) for each in page.vouchers] == list(reversed(ids))
    assert second.next_page_token == ""


async def test_a_voucher_that_is_not_partly_usable_is_spent_whole_and_comes_back_whole(
    wallet: Wallet,
):
    product = wallet_admin_service_pb2.CardProduct(
        code="refund-voucher",
        name="Refund voucher",
        areas=["STANDARD"],
        event_kinds=["FILM"],
        valid_on_holidays=True,
        conditions="One order.",
        conditions_version="2",
        kind=wallet_admin_service_pb2.PRODUCT_KIND_VOUCHER,
    )
    define = wallet_admin_service_pb2.DefineProductRequest(product=product, request_id=str(uuid4()))
    await wallet.admin.DefineProduct(define, metadata=as_staff("operator"))
    voucher = await a_voucher(wallet, 5_000)
    key = a_voucher_key()

    await reserve(wallet, a_spending(voucher.id, 3_000, key=key))
    await wallet.command("CaptureVoucher", key)
    spent = await balances(wallet, voucher.id)
    again = await refused(reserve(wallet, a_spending(voucher.id, 100)))
    await wallet.command("RestoreVoucher", key)

    assert (spent, again.reason) == ((0, 0, 5_000), "VOUCHER_NOT_ACCEPTED")
    assert await balances(wallet, voucher.id) == (5_000, 0, 0)


async def test_a_release_frees_the_value_and_a_late_reserve_is_refused(wallet: Wallet):
    voucher = await a_voucher(wallet)
    key, unseen = a_voucher_key(), a_voucher_key()
    await reserve(wallet, a_spending(voucher.id, 3_000, key=key))

    released = await wallet.command("ReleaseVoucher", key)
    buried = await wallet.command("ReleaseVoucher", unseen)
    late = await refused(reserve(wallet, a_spending(voucher.id, 3_000, key=unseen)))
    captured = await refused(wallet.command("CaptureVoucher", key))

    assert (released.state, buried.state) == (RELEASED, RELEASED)
    assert (late.reason, captured.reason) == ("RESERVATION_RELEASED", "RESERVATION_RELEASED")
    assert await balances(wallet, voucher.id) == (5_000, 0, 0)


async def test_a_release_after_the_capture_changes_nothing(wallet: Wallet):
    voucher = await a_voucher(wallet)
    key = a_voucher_key()
    await reserve(wallet, a_spending(voucher.id, 3_000, key=key))
    await wallet.command("CaptureVoucher", key)

    answer = await wallet.command("ReleaseVoucher", key)

    assert answer.state == CAPTURED
    assert await balances(wallet, voucher.id) == (2_000, 0, 3_000)


async def test_reserving_again_is_the_same_and_something_else_is_refused(wallet: Wallet):
    voucher = await a_voucher(wallet)
    request = a_spending(voucher.id, 3_000)
    other = pb.ReserveVoucherRequest()
    other.CopyFrom(request)
    other.amount.CopyFrom(money_pb2.Money(currency_code="RON", minor_units=100))

    answers = [await reserve(wallet, request) for _ in range(2)]
    differs = await refused(reserve(wallet, other))

    assert [answer.state for answer in answers] == [RESERVED, RESERVED]
    assert (differs.code, differs.reason) == (
        grpc.StatusCode.ALREADY_EXISTS,
        "RESERVATION_DIFFERS",
    )
    assert await balances(wallet, voucher.id) == (2_000, 3_000, 0)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("CaptureVoucher", "RESERVATION_NOT_FOUND"),
        ("RestoreVoucher", "RESERVATION_NOT_FOUND"),
    ],
)
async def test_an_unknown_leg_is_not_found(wallet: Wallet, command: str, reason: str):
    answer = await refused(wallet.command(command, a_voucher_key()))

    assert (answer.code, answer.reason) == (grpc.StatusCode.NOT_FOUND, reason)


async def test_only_spent_value_can_be_given_back(wallet: Wallet):
    voucher = await a_voucher(wallet)
    key = a_voucher_key()
    await reserve(wallet, a_spending(voucher.id, 3_000, key=key))

    answer = await refused(wallet.command("RestoreVoucher", key))

    assert answer.reason == "RESERVATION_NOT_CAPTURED"


@pytest.mark.rule("CARD-18")
@pytest.mark.parametrize(
    ("by_cinema", "last_date"), [(False, date(2027, 5, 20)), (True, date(2027, 7, 31))]
)
async def test_value_given_back_after_the_expiry_is_usable_only_when_the_cinema_is_the_cause(
    wallet: Wallet, last_date: date, *, by_cinema: bool
):
    voucher = await a_voucher(wallet)
    key = a_voucher_key()
    await reserve(wallet, a_spending(voucher.id, 3_000, key=key))
    await wallet.command("CaptureVoucher", key)
    await set_date(wallet, date(2027, 6, 1))

    answer = await wallet.command("RestoreVoucher", key, caused_by_cinema=by_cinema)

    stored = await wallet.database.fetchval("SELECT last_screening_date FROM voucher")
    assert answer.state == RESTORED
    assert await balances(wallet, voucher.id) == (5_000, 0, 0)
    assert stored == last_date


async def test_two_orders_that_race_for_the_same_value_have_one_winner(wallet: Wallet):
    voucher = await a_voucher(wallet)
    requests = [a_spending(voucher.id, 3_000) for _ in range(4)]

    answers = await settled(*(reserve(wallet, request) for request in requests))

    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(won) == 1
    assert await balances(wallet, voucher.id) == (2_000, 3_000, 0)


async def test_the_checks_agree_after_every_step(wallet: Wallet):
    voucher = await a_voucher(wallet)
    keys = [a_voucher_key() for _ in range(3)]
    await asyncio.gather(*(reserve(wallet, a_spending(voucher.id, 1_000, key=k)) for k in keys))
    await wallet.command("CaptureVoucher", keys[0])
    await wallet.command("RestoreVoucher", keys[0])
    await wallet.command("CaptureVoucher", keys[1])

    found = await broken_checks(wallet)

    assert found == []


async def test_a_stolen_database_without_its_keys_shows_no_code_and_no_surname(wallet: Wallet):
    voucher = await a_voucher(wallet)
    request = wallet_admin_service_pb2.IssueCardsRequest(
        product_code="nominative",
        count=1,
        last_screening_date="2027-05-20",
        reason="a test",
        surnames=["Unmistakable"],
        request_id=str(uuid4()),
    )
    issued = await wallet.admin.IssueCards(request, metadata=as_staff("operator"))
    tables = await wallet.database.fetch(
        "SELECT table_name AS name FROM information_schema.table_privileges"
        " WHERE table_schema = 'public' AND grantee = current_user AND privilege_type = 'SELECT'"
    )

    stolen = ""
    for table in tables:
        rows = await wallet.database.fetch(f'SELECT t::text FROM "{table["name"]}" t')
        stolen += " ".join(str(row[0]) for row in rows)

    assert str(voucher.id) in stolen
    for secret in (voucher.code, issued.cards[0].card_number, "Unmistakable"):
        for written in (secret, normalise(secret), secret.lower(), comparable(secret)):
            assert written not in stolen
            assert written.encode().hex() not in stolen
