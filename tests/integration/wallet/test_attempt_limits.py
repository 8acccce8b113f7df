"""Trying codes is limited: through Redis, and tighter without it."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from cinema.wallet.v1 import tender_service_pb2
from cinema.wallet.v1 import voucher_service_pb2 as voucher_pb2

from services.common.limits import Attempt, AttemptLimit, AttemptLimiter
from tests.kit.databases import DatabaseFactory
from tests.kit.wallet_server import (
    Wallet,
    a_reserve,
    a_screening,
    a_wallet,
    as_guest,
    migrate_wallet,
    refused,
)
from tests.kit.wallet_vouchers import a_voucher, find

LIMIT = AttemptLimit("test", 8, 60_000)
NO_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture
async def strict_wallet(
    databases: DatabaseFactory, tmp_path: Path, redis_url: str
) -> AsyncIterator[Wallet]:
    database = databases.create("wallet", migrate_wallet)
    limits = {"max_attempts_per_caller": 3, "max_attempts_per_code": 4}
    async with a_wallet(database, tmp_path, redis_url=redis_url, **limits) as running:
        yield running


@pytest.mark.rule("CARD-13")
async def test_an_account_that_guesses_numbers_has_to_wait(strict_wallet: Wallet):
    account_id = uuid4()
    answers = [
        await refused(strict_wallet.register(account_id, f"0000-{number:04}"))
        for number in range(4)
    ]

    assert [answer.reason for answer in answers] == ["CARD_NOT_ACCEPTED"] * 3 + [
        "TOO_MANY_ATTEMPTS"
    ]
    assert answers[-1].code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert 0 < answers[-1].retry_after_ms <= 600_000


@pytest.mark.rule("CARD-13")
async def test_one_number_tried_from_many_accounts_has_to_wait(strict_wallet: Wallet):
    [issued] = await strict_wallet.issue()
    await strict_wallet.register(uuid4(), issued.card_number)

    answers = [await refused(strict_wallet.register(uuid4(), issued.card_number)) for _ in range(4)]

    assert [answer.reason for answer in answers] == ["CARD_NOT_ACCEPTED"] * 3 + [
        "TOO_MANY_ATTEMPTS"
    ]


async def test_guests_who_guess_voucher_codes_have_to_wait(strict_wallet: Wallet):
    answers = []
    for number in range(4):
        request = voucher_pb2.GetVoucherRequest(voucher_code=f"GUESS-{number}")
        answers.append(
            await refused(strict_wallet.vouchers.GetVoucher(request, metadata=as_guest()))
        )

    assert [answer.reason for answer in answers] == ["VOUCHER_NOT_FOUND"] * 3 + [
        "TOO_MANY_ATTEMPTS"
    ]


async def test_processes_count_together_through_redis(redis_url: str):
    processes = [AttemptLimiter.from_url(redis_url) for _ in range(2)]

    waits = [await processes[number % 2].take([Attempt(LIMIT, "somebody")]) for number in range(10)]
    other = await processes[0].take([Attempt(LIMIT, "somebody else")])

    assert waits[:8] == [0] * 8
    assert all(0 < wait <= 60_000 for wait in waits[8:])
    assert other == 0
    for process in processes:
        await process.close()


async def test_a_refused_attempt_counts_under_no_limit(redis_url: str):
    limiter = AttemptLimiter.from_url(redis_url)
    tight = AttemptLimit("tight", 1, 60_000)
    await limiter.take([Attempt(tight, "a")])

    refusals = [await limiter.take([Attempt(tight, "a"), Attempt(LIMIT, "b")]) for _ in range(9)]
    allowed = await limiter.take([Attempt(LIMIT, "b")])

    assert all(refusals)
    assert allowed == 0
    await limiter.close()


@pytest.mark.parametrize("url", ["", NO_REDIS])
async def test_without_redis_a_process_allows_a_quarter(url: str):
    limiter = AttemptLimiter.from_url(url)

    waits = [await limiter.take([Attempt(LIMIT, "somebody")]) for _ in range(4)]

    assert waits[:2] == [0, 0]
    assert all(wait > 0 for wait in waits[2:])
    await limiter.close()


async def test_a_buyer_who_guesses_voucher_codes_has_to_wait(strict_wallet: Wallet):
    voucher = await a_voucher(strict_wallet)
    for number in range(3):
        await refused(find(strict_wallet, f"0000-0000-{number:04}"))

    right = await refused(find(strict_wallet, voucher.code))
    elsewhere = await find(strict_wallet, voucher.code, principal="guest:2")

    assert right.reason == "TOO_MANY_ATTEMPTS"
    assert right.retry_after_ms > 0
    assert elsewhere.voucher_id == str(voucher.id)


@pytest.mark.rule("CARD-17")
async def test_a_chain_that_counts_by_business_days_takes_the_show_at_00_15(
    databases: DatabaseFactory, tmp_path: Path
):
    database, account_id = databases.create("wallet", migrate_wallet), uuid4()
    show = a_screening(local_date="2027-05-21", business_day="2027-05-20")
    async with a_wallet(database, tmp_path, valid_by_business_day=True) as counting:
        card_id = await counting.registered_card(account_id)
        taken = await counting.reserve(a_reserve(account_id, card_id, screening=show))
    async with a_wallet(database, tmp_path) as usual:
        refusal = await refused(usual.reserve(a_reserve(account_id, card_id, screening=show)))

    assert taken.state == tender_service_pb2.RESERVATION_STATE_RESERVED
    assert refusal.metadata["ineligible_reason"] == "EXPIRES_BEFORE_SCREENING"
