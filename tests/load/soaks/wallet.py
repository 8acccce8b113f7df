"""Ten thousand wallets that get commands in any order: no place and no money from nothing.

Each run is a card of two lots and a voucher of a fresh account in the suite's own PostgreSQL, and
random commands of the real use cases: reserved, captured, released and given back, too often, too
late, in any order, with lots that are over, places that get a later date and cards made void. A
model says what must be left; the database's checks judge everything at the end.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from deploy.local.stack import StackOptions
from services.common.db.checks import run_check
from services.common.errors import DomainError
from services.common.ids import new_id
from services.common.money import Money
from services.wallet.adapters.quick_reservations import QuickReservations
from services.wallet.checks import own_checks
from services.wallet.composition import Parts, open_parts
from services.wallet.config import WalletSettings
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.screening import ScreeningFacts, SeatFacts
from services.wallet.domain.voucher import VoucherRequest
from services.wallet.use_cases.issue_voucher import IssueVoucher
from services.wallet.use_cases.own_cards import cards_for, issue_own_cards
from services.wallet.use_cases.reserve_places import ReservePlaces
from services.wallet.use_cases.reserve_voucher import ReserveVoucher
from services.wallet.use_cases.restore_places import RestorePlaces
from services.wallet.use_cases.restore_voucher import RestoreVoucher
from tests.kit.wallet_server import write_keys
from tests.load.soak.wallet_model import LegModel, Reality, reality_of, violations

if TYPE_CHECKING:
    from tests.load.soak.context import SoakContext

COUNTS: Mapping[str, int] = {"runs": 10_000, "steps": 20, "at_once": 8, "legs": 5}
OPTIONS = StackOptions(auto_restart=False, preferred_ports={}, with_emulator=False)
FIRST_DATE = date(2027, 5, 1)
PLACES, VALUE = 3, 5_000
PRODUCT = "carte-3"
S = ReservationState


@dataclass(frozen=True)
class Calls:
    """The use cases as the service makes them."""

    parts: Parts
    reserve_places: ReservePlaces
    restore_places: RestorePlaces
    reserve_voucher: ReserveVoucher
    restore_voucher: RestoreVoucher

    @classmethod
    def of(cls, parts: Parts) -> Calls:
        transactions, grace = parts.transactions, timedelta(days=60)
        return cls(
            parts,
            ReservePlaces(transactions, timedelta(hours=12), QuickReservations(parts.database)),
            RestorePlaces(transactions, new_id, grace),
            ReserveVoucher(transactions, timedelta(hours=12)),
            RestoreVoucher(transactions, grace),
        )


@dataclass
class Run:
    """One account: its card, its voucher, its legs and what the model knows of them."""

    calls: Calls
    random: Random
    account_id: UUID = field(default_factory=new_id)
    card_id: UUID = field(default_factory=new_id)
    voucher_id: UUID = field(default_factory=new_id)
    legs: list[LegModel] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    async def prepare(self, legs: int) -> None:
        parts = self.calls.parts
        [card] = cards_for([self.account_id], parts.codes, new_id)
        self.card_id = card.id
        remedy_id = new_id()
        request = VoucherRequest(
            remedy_id, new_id(), self.account_id, Money("RON", VALUE), FIRST_DATE
        )
        issue = IssueVoucher(parts.codes, new_id, parts.settings.voucher_product_code)
        async with parts.transactions() as tx:
            product = await tx.products.newest(PRODUCT)
            if product is None:
                raise LookupError(PRODUCT)
            await issue_own_cards(tx, new_id(), product, FIRST_DATE, [card], reason="soak")
            await issue(tx, request)
            await tx.commit()
        self.voucher_id = await parts.database.fetchval(
            "SELECT id FROM voucher WHERE remedy_id = $1", remedy_id
        )
        for number in range(legs):
            is_value = number % 2 == 1
            name = "voucher-1" if is_value else "places-1"
            amount = self.random.randint(1, VALUE) if is_value else self.random.randint(1, PLACES)
            self.legs.append(LegModel(LegKey(new_id(), name, 1), new_id(), amount, is_value))

    async def step(self) -> None:
        leg = self.random.choice(self.legs)
        commands = {
            "reserve": self._reserve,
            "capture": self._capture,
            "release": self._release,
            "restore": self._restore,
            "extend": self._extend,
            "void": self._void,
        }
        weights = (12, 8, 2, 4, 1, 0.1)
        [name] = self.random.choices(list(commands), weights)
        try:
            await commands[name](leg)
        except DomainError as refusal:
            self.outcomes[refusal.reason] += 1
        else:
            self.outcomes[name] += 1

    async def _reserve(self, leg: LegModel) -> None:
        day = FIRST_DATE + timedelta(days=self.random.randint(-1, 1))
        screening = ScreeningFacts(leg.screening_id, "1818", day, False, "2D", "FILM", True)
        if leg.is_value:
            await self.calls.reserve_voucher(
                leg.key, self.account_id, self.voucher_id, screening, Money("RON", leg.amount)
            )
        else:
            seats = [SeatFacts(f"F{number}", "STANDARD", None) for number in range(leg.amount)]
            await self.calls.reserve_places(
                leg.key, self.account_id, self.card_id, screening, seats
            )
        if leg.state is None:
            leg.state = S.RESERVED

    async def _capture(self, leg: LegModel) -> None:
        await self.calls.parts.capture_leg(leg.key)
        if leg.state is S.RESERVED:
            leg.state = S.CAPTURED

    async def _release(self, leg: LegModel) -> None:
        await self.calls.parts.release_leg(leg.key)
        if leg.state in {None, S.RESERVED}:
            leg.state = S.RELEASED

    async def _restore(self, leg: LegModel) -> None:
        by_cinema = self.random.random() < 0.5
        restore = self.calls.restore_voucher if leg.is_value else self.calls.restore_places
        await restore(leg.key, caused_by_cinema=by_cinema)
        if leg.state is S.CAPTURED:
            leg.state = S.RESTORED

    async def _extend(self, _: LegModel) -> None:
        later = FIRST_DATE + timedelta(days=self.random.randint(0, 2))
        async with self.calls.parts.transactions() as tx:
            await tx.cards.extend(None, [self.card_id], later)
            await tx.commit()

    async def _void(self, _: LegModel) -> None:
        async with self.calls.parts.transactions() as tx:
            await tx.cards.lock(self.card_id, None)
            await tx.cards.make_void(self.card_id)
            await tx.commit()

    async def let_go(self) -> None:
        """Release what is still reserved, as booking would sooner or later."""
        for leg in self.legs:
            if leg.state is S.RESERVED:
                await self._release(leg)

    async def judged(self) -> list[str]:
        found: Reality = await reality_of(self.calls.parts.database, self.card_id, self.voucher_id)
        return violations(found, self.legs, PLACES, VALUE)


async def run(context: SoakContext) -> Mapping[str, object]:
    """Run them all on the suite's PostgreSQL, and then the checks of `make verify`."""
    if context.stack is None:
        raise ValueError("the soak needs a suite of its own")
    return await drive(context.stack.record.databases["wallet"]["app"], context)


async def drive(database_url: str, context: SoakContext) -> Mapping[str, object]:
    """Do the same on a wallet's database."""
    outcomes: Counter[str] = Counter()
    seeds = [context.random.randrange(2**32) for _ in range(context.counts["runs"])]
    with tempfile.TemporaryDirectory(prefix="parterre-wallet-") as folder:
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
            settings = WalletSettings(**options)
            calls = Calls.of(await open_parts(settings, stack, role="rpc"))
            workers = context.counts["at_once"]
            shares = [seeds[first::workers] for first in range(workers)]
            await asyncio.gather(*(_worker(calls, context, share, outcomes) for share in shares))
            broken = [
                f"{each.check}: {each.subject} {each.detail}"
                for check in own_checks()
                for each in await run_check(calls.parts.database, "wallet", check)
            ]
            context.must(not broken, "; ".join(broken))
    return {
        "runs": len(seeds),
        "commands": sum(outcomes.values()),
        "outcomes": json.dumps(dict(outcomes.most_common())),
    }


async def _worker(
    calls: Calls, context: SoakContext, seeds: list[int], outcomes: Counter[str]
) -> None:
    for seed in seeds:
        one = Run(calls, Random(seed))  # noqa: S311 - replayable, not secret.
        await one.prepare(context.counts["legs"])
        for _ in range(context.counts["steps"]):
            await one.step()
        found = await one.judged()
        context.must(not found, f"run {seed}: {'; '.join(found)}")
        await one.let_go()
        outcomes.update(one.outcomes)
