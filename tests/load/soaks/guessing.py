"""A hundred thousand guesses: no hit, one answer, and nothing to be learnt from the time.

Numbers that are random, real ones with one character wrong, somebody else's, void ones, and
nominative ones with a wrong surname take turns through the real use case on PostgreSQL, without the
limits on attempts, which would end it after twenty. The times of each sort are compared with those
of random numbers.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import UUID

from deploy.local.stack import StackOptions
from services.common.ids import new_id
from services.common.requests import RequestKey
from services.wallet.adapters.card_reader import CardReader
from services.wallet.composition import Parts, open_parts
from services.wallet.config import WalletSettings
from services.wallet.domain.card import CardKind
from services.wallet.domain.codes import ALPHABET, normalise
from services.wallet.domain.errors import CardNotAcceptedError
from services.wallet.use_cases.code_ports import Attempt
from services.wallet.use_cases.issue_cards import BatchWish, IssueCards
from services.wallet.use_cases.ports import Actor
from services.wallet.use_cases.read_numbers import ReadNumbers
from services.wallet.use_cases.register_card import RegisterCard, TypedCard
from tests.kit.wallet_server import write_keys

if TYPE_CHECKING:
    from tests.load.soak.context import SoakContext

COUNTS: Mapping[str, int] = {"guesses": 100_000, "cards": 200, "max_difference_percent": 15}
OPTIONS = StackOptions(auto_restart=False, preferred_ports={}, with_emulator=False)
SORTS = ("random", "near_miss", "foreign", "void", "wrong_surname")
NUMBER_LENGTH = 20


class NoLimits:
    """The port `AttemptGuard`, that lets everything pass."""

    async def check(self, attempt: Attempt) -> None:
        del attempt


async def run(context: SoakContext) -> Mapping[str, object]:
    """Guess on the suite's PostgreSQL."""
    if context.stack is None:
        raise ValueError("the soak needs a suite of its own")
    return await drive(context.stack.record.databases["wallet"]["app"], context)


async def drive(database_url: str, context: SoakContext) -> Mapping[str, object]:
    """Do the same on a wallet's database."""
    with tempfile.TemporaryDirectory(prefix="parterre-guess-") as folder:
        async with AsyncExitStack() as stack:
            options: dict[str, Any] = {
                "database_url": database_url,
                "nats_url": "nats://127.0.0.1:1",
                "redis_url": "",
                "booking_address": "127.0.0.1:1",
                "payment_address": "127.0.0.1:1",
                "test_clock": True,
                **write_keys(Path(folder)),
            }
            parts = await open_parts(WalletSettings(**options), stack, role="rpc")
            return await _guess(parts, context)


async def _guess(parts: Parts, context: SoakContext) -> Mapping[str, object]:
    count = context.counts["cards"]
    numbers = {
        "foreign": await _issue(parts, "carte-3", count),
        "void": await _issue(parts, "carte-3", count),
        "near_miss": await _issue(parts, "carte-3", count),
        "wrong_surname": await _issue(parts, "nominative", count),
    }
    register = RegisterCard(parts.transactions, parts.codes, NoLimits())
    for number in numbers["foreign"]:
        await register(_key(), new_id(), "", CardKind.PLACE_CARD, TypedCard(number))
    for number in numbers["void"]:
        await parts.database.execute(
            "UPDATE card SET state = 'VOID' WHERE number_hash = ANY($1)",
            list(parts.codes.hashes(number)),
        )
    times: dict[str, list[float]] = {sort: [] for sort in SORTS}
    answers: set[tuple[str, str]] = set()
    guesser = new_id()
    for turn in range(context.counts["guesses"]):
        sort = SORTS[turn % len(SORTS)]
        typed = _typed(sort, numbers, context)
        kind = CardKind.NOMINATIVE if sort == "wrong_surname" else CardKind.PLACE_CARD
        began = time.perf_counter()
        try:
            await register(_key(), guesser, "", kind, typed)
        except CardNotAcceptedError as refusal:
            times[sort].append(time.perf_counter() - began)
            answers.add((refusal.reason, str(refusal)))
        else:
            context.must(holds=False, text=f"a guess of sort {sort} was accepted")
        if turn % 1_000 == 0:
            await asyncio.sleep(0)
    return _verdict(times, answers, context)


def _verdict(
    times: dict[str, list[float]], answers: set[tuple[str, str]], context: SoakContext
) -> Mapping[str, object]:
    context.must(len(answers) == 1, f"there are different answers: {answers}")
    base = median(times["random"])
    figures: dict[str, object] = {"answers": len(answers)}
    for sort in SORTS:
        difference = (median(times[sort]) / base - 1) * 100
        figures[sort] = f"{median(times[sort]) * 1_000:.3f} ms, {difference:+.1f} %"
        context.must(
            abs(difference) <= context.counts["max_difference_percent"],
            f"{sort} takes {difference:+.1f} % of the time of a random number",
        )
    return figures


def _typed(sort: str, numbers: Mapping[str, list[str]], context: SoakContext) -> TypedCard:
    random = context.random
    if sort == "random":
        return TypedCard("".join(random.choices(ALPHABET, k=NUMBER_LENGTH)), "Popescu")
    number = random.choice(numbers[sort])
    if sort == "near_miss":
        plain, at = normalise(number), random.randrange(NUMBER_LENGTH)
        other = random.choice([each for each in ALPHABET if each != plain[at]])
        number = plain[:at] + other + plain[at + 1 :]
    return TypedCard(number, "Popescu")


async def _issue(parts: Parts, product: str, count: int) -> list[str]:
    surnames = ["Ionescu"] * count if product == "nominative" else []
    wish = BatchWish(product, count, date(2030, 1, 1), "soak", surnames=surnames)
    issue = IssueCards(parts.transactions, parts.codes, new_id)
    issued = await issue(_key(), Actor("staff:soak", (), ""), wish)
    return await ReadNumbers(CardReader(parts.database), parts.codes)(issued.card_ids)


def _key() -> RequestKey:
    request_id: UUID = new_id()
    return RequestKey("account:soak", "RegisterCard", request_id, bytes(32), lambda _: b"")
