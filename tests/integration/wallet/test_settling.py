"""Reservations that nobody decided: booking is asked, and its word is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.common.db.checks import Check, run_checks
from services.common.errors import DependencyUnavailableError
from services.wallet.adapters.reservations import UndecidedReservations
from services.wallet.checks import checks
from services.wallet.domain.leg import LegKey
from services.wallet.use_cases.read_ports import Decision, LegVerdict
from services.wallet.use_cases.settle_reservations import SettleReservations
from tests.kit.wallet_server import Wallet, a_key, a_reserve


@dataclass
class BookingSays:
    """Answers by order; asked for anything else it does not answer."""

    decisions: Mapping[UUID, Decision]
    asked: list[LegKey] = field(default_factory=list)

    async def ask(self, key: LegKey) -> LegVerdict:
        self.asked.append(key)
        if key.order_id not in self.decisions:
            raise DependencyUnavailableError("booking")
        return LegVerdict(self.decisions[key.order_id], timedelta(seconds=120))


def settling(wallet: Wallet, booking: BookingSays) -> SettleReservations:
    return SettleReservations(
        UndecidedReservations(wallet.database),
        booking,
        wallet.parts.capture_leg,
        wallet.parts.release_leg,
        max_reservations=10,
        ask_again_after=timedelta(seconds=30),
    )


async def reserved(wallet: Wallet) -> tuple[UUID, UUID, UUID]:
    """Reserve one place; gives account, card and order."""
    account_id, order_id = uuid4(), uuid4()
    card_id = await wallet.registered_card(account_id)
    await wallet.reserve(a_reserve(account_id, card_id, key=a_key(order_id)))
    return account_id, card_id, order_id


async def pass_time(wallet: Wallet, seconds: int) -> None:
    await wallet.database.execute(
        "UPDATE app_clock_offset SET offset_seconds = offset_seconds + $1", float(seconds)
    )


@pytest.mark.parametrize(
    ("decision", "balances"), [(Decision.CAPTURE, (2, 0, 1)), (Decision.RELEASE, (3, 0, 0))]
)
async def test_what_booking_says_is_done(
    wallet: Wallet, decision: Decision, balances: tuple[int, int, int]
):
    account_id, card_id, order_id = await reserved(wallet)
    await pass_time(wallet, 61)

    settled = await settling(wallet, BookingSays({order_id: decision}))()

    assert settled == 1
    assert await wallet.balances(account_id, card_id) == balances


async def test_nobody_is_asked_before_the_time(wallet: Wallet):
    await reserved(wallet)
    booking = BookingSays({})

    settled = await settling(wallet, booking)()

    assert (settled, booking.asked) == (0, [])


@pytest.mark.rule("CARD-19")
async def test_time_alone_never_frees_a_place(wallet: Wallet):
    account_id, card_id, _ = await reserved(wallet)
    await pass_time(wallet, 30 * 24 * 3_600)

    settled = await settling(wallet, BookingSays({}))()

    assert settled == 0
    assert await wallet.balances(account_id, card_id) == (2, 1, 0)


async def test_an_undecided_reservation_is_asked_for_again_when_booking_says(wallet: Wallet):
    account_id, card_id, order_id = await reserved(wallet)
    booking = BookingSays({order_id: Decision.UNDECIDED})
    settle = settling(wallet, booking)
    await pass_time(wallet, 61)

    for _ in range(3):
        await settle()
    await pass_time(wallet, 121)
    await settle()

    assert len(booking.asked) == 2
    assert await wallet.balances(account_id, card_id) == (2, 1, 0)


async def test_a_healthy_wallet_passes_its_checks(wallet: Wallet):
    _, _, order_id = await reserved(wallet)
    await reserved(wallet)
    await wallet.command("CapturePlaces", a_key(order_id))

    found = await run_checks({"wallet": wallet.database}, {"wallet": own_checks()}, wait_s=0)

    assert found == []


async def test_a_reservation_that_stays_for_too_long_is_a_violation(wallet: Wallet):
    _, _, order_id = await reserved(wallet)
    await pass_time(wallet, 3_600)

    found = await run_checks({"wallet": wallet.database}, {"wallet": own_checks()}, wait_s=0)

    assert [violation.check for violation in found] == ["no reservation is stuck"]
    assert str(order_id) in found[0].subject


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (
            "UPDATE place_lot SET places_left = places_left + 1",
            "balances of places are the sums of their entries",
        ),
        ("UPDATE place_lot SET places_left = places_left + 1", "no place appears or vanishes"),
        (
            "UPDATE reservation SET state = 'CAPTURED', ask_time = NULL",
            "each place of a leg takes each step once",
        ),
        ("UPDATE card SET event_version = event_version + 1", "every version of a card was told"),
    ],
)
async def test_each_kind_of_damage_is_seen(wallet: Wallet, damage: str, check: str):
    await reserved(wallet)
    await wallet.database.execute(damage)

    found = await run_checks({"wallet": wallet.database}, {"wallet": own_checks()}, wait_s=0)

    assert check in {violation.check for violation in found}


def own_checks() -> list[Check]:
    """Wallet's checks without the chassis's, which need a running relay."""
    return [
        check for check in checks() if check.invariant_id in {"I5", "I12"} or "card" in check.name
    ]
