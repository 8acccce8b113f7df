"""Whoever dies in a cancellation: each part is back once. `make soak` kills everybody everywhere."""

import random

import pytest

from tests.faults.suite import Suite
from tests.load.soaks.giving_back import kill_while_cancelling

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("faults")]
SLICE = (
    ("booking-rpc", "during CancelOrder"),
    ("wallet-rpc", "cancelled, places not restored"),
    ("payment-rpc", "the provider gave it back, answer on its way"),
    ("postgres", "refund on its way"),
    ("booking-worker", "refunded, booking not told"),
)


@pytest.mark.rule("OTC-32b")
@pytest.mark.rule("OTC-44")
@pytest.mark.rule("CARD-18")
@pytest.mark.parametrize(("victim", "step"), SLICE, ids=[f"{v}-{s}" for v, s in SLICE])
async def test_each_part_is_back_once_when_a_part_is_killed(
    suite: Suite, victim: str, step: str
) -> None:
    chance = random.Random(f"20261126 {victim} {step}")  # noqa: S311 - chance that can be had again

    took_s = await kill_while_cancelling(suite, victim, step, chance)

    assert took_s > 0
