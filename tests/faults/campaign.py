"""One kill with its verdict; and all kills there are, for the soak."""

from __future__ import annotations

import random

from tests.faults.purchase import Purchase
from tests.faults.steps import STEP_BY_NAME, STEPS
from tests.faults.suite import Suite
from tests.faults.verdict import judge
from tests.faults.victims import VICTIMS, Killer

Pair = tuple[str, str]
MAX_DELAY_S = 0.030


def every_kill(chance: random.Random) -> list[Pair]:
    """Pair every victim with every step, shuffled."""
    pairs = [(victim, step.name) for victim in VICTIMS for step in STEPS]
    chance.shuffle(pairs)
    return pairs


async def kill_once(suite: Suite, pair: Pair, seed: int) -> str:
    """Kill, buy, judge, verify; returns the name of the order's final state.

    Raises AssertionError for an order that ended wrong, and what the path itself raised.
    """
    victim, step = pair
    chance = random.Random(f"{seed} {victim} {step}")  # noqa: S311 - chance that can be had again
    killer = Killer(suite.stack, victim)
    purchase = Purchase(
        suite, STEP_BY_NAME[step], killer.strike, delay_s=chance.uniform(0.0, MAX_DELAY_S)
    )
    try:
        bought = await purchase.buy()
    finally:
        await killer.returned()
    assert purchase.struck, "nobody was killed"
    state = await judge(suite, bought)
    suite.must_be_whole()
    await suite.must_verify()
    return state
