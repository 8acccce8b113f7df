"""What happened to a card's places, as its owner sees it."""

from uuid import UUID, uuid4

import pytest
from cinema.wallet.v1 import card_pb2, voucher_service_pb2, wallet_service_pb2

from tests.kit.wallet_server import (
    Wallet,
    a_key,
    a_reserve,
    a_screening,
    a_seat,
    as_account,
    as_guest,
    refused,
)
from tests.kit.wallet_vouchers import a_voucher

Entry = card_pb2.CardEntry


async def history(
    wallet: Wallet, account_id: UUID, card_id: UUID, page_size: int = 0
) -> list[card_pb2.CardEntry]:
    request = wallet_service_pb2.ListCardEntriesRequest(card_id=str(card_id), page_size=page_size)
    entries: list[card_pb2.CardEntry] = []
    while True:
        answer = await wallet.cards.ListCardEntries(request, metadata=as_account(account_id))
        entries += answer.entries
        request.page_token = answer.next_page_token
        if not request.page_token:
            return entries


@pytest.mark.rule("CARD-15")
async def test_a_cards_history_tells_what_when_and_for_which_screening(wallet: Wallet):
    account_id, key, screening = uuid4(), a_key(), a_screening()
    card_id = await wallet.registered_card(account_id)
    seats = [a_seat("F7"), a_seat("F8")]
    await wallet.reserve(a_reserve(account_id, card_id, key=key, screening=screening, seats=seats))
    await wallet.command("CapturePlaces", key)

    entries = await history(wallet, account_id, card_id)
    by_ones = await history(wallet, account_id, card_id, page_size=1)

    assert [entry.kind for entry in entries] == [
        Entry.KIND_CAPTURE,
        Entry.KIND_CAPTURE,
        Entry.KIND_RESERVE,
        Entry.KIND_RESERVE,
        Entry.KIND_ISSUE,
    ]
    assert by_ones == entries
    used = entries[0]
    assert (used.order_id, used.screening_id) == (key.order_id, screening.screening_id)
    assert (used.left_delta, used.reserved_delta, used.used_delta) == (0, -1, 1)
    assert {entry.seat_id for entry in entries[:2]} == {"F7", "F8"}
    assert (entries[-1].left_delta, entries[-1].screening_id) == (3, "")
    assert {entry.last_screening_date for entry in entries} == {"2027-05-20"}
    assert all(entry.time.seconds for entry in entries)


async def test_nobody_sees_the_history_of_another_ones_card(wallet: Wallet):
    card_id = await wallet.registered_card(uuid4())

    foreign = await refused(history(wallet, uuid4(), card_id))
    unknown = await refused(history(wallet, uuid4(), uuid4()))

    assert foreign.reason == unknown.reason == "CARD_NOT_FOUND"


async def test_an_account_reads_its_own_voucher_without_the_code(wallet: Wallet):
    account_id = uuid4()
    voucher = await a_voucher(wallet, account_id=account_id)
    request = voucher_service_pb2.GetVoucherRequest(voucher_id=str(voucher.id))

    answer = await wallet.vouchers.GetVoucher(request, metadata=as_account(account_id))
    foreign = await refused(wallet.vouchers.GetVoucher(request, metadata=as_account(uuid4())))
    guest = await refused(wallet.vouchers.GetVoucher(request, metadata=as_guest()))

    assert answer.voucher.id == str(voucher.id)
    assert foreign.reason == guest.reason == "VOUCHER_NOT_FOUND"


async def test_a_voucher_is_asked_for_in_one_way(wallet: Wallet):
    request = voucher_service_pb2.GetVoucherRequest()

    neither = await refused(wallet.vouchers.GetVoucher(request, metadata=as_guest()))

    assert (neither.reason, neither.fields) == ("INVALID_FIELD", ("voucher_code",))
