"""Kills every process in the middle of cancellations, and judges what each order gave back.

Whoever dies, at whatever step: each part is back where it came from, once, to the minor unit, the fee
is kept, and `make verify` is green.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from tests.faults.cancelling import Cancelling, judge_return, sell
from tests.faults.steps import RETURN_STEPS, STEP_BY_NAME
from tests.faults.suite import OPTIONS, SMALL, Suite, open_suite
from tests.faults.victims import VICTIMS, Killer
from tests.load.soak.context import SoakContext, SoakFailedError

COUNTS: Mapping[str, int] = MappingProxyType({"kills": 100})
MAX_DELAY_S = 0.030

__all__ = ["COUNTS", "OPTIONS", "run"]


async def run(context: SoakContext) -> Mapping[str, object]:
    """Kill as often as `kills` says; SoakFailedError at the first order that ended wrong."""
    if context.stack is None:
        raise SoakFailedError("Kills need a suite of their own.")
    suite = await open_suite(context.stack, context.stage, SMALL)
    kills = context.counts["kills"]
    steps: Counter[str] = Counter()
    longest_s = 0.0
    for number, (victim, step) in enumerate(pairs_of(context.random, kills), start=1):
        try:
            took_s = await kill_while_cancelling(suite, victim, step, context.random)
        except Exception as error:
            text = f"{victim} killed {step}: {type(error).__name__}: {error}"
            raise SoakFailedError(f"Seed {context.seed}: {text}") from error
        steps[step] += 1
        longest_s = max(longest_s, took_s)
        context.say(f"{number}/{kills} {victim} killed {step}: all back after {took_s:.1f} s")
    return {
        "victims": len(VICTIMS),
        **{f"kills {step}": count for step, count in sorted(steps.items())},
        "given twice, or not back": 0,
        "longest from the kill to the end": f"{longest_s:.1f} s",
        "make verify": "green after every kill",
    }


def pairs_of(chance: random.Random, count: int) -> list[tuple[str, str]]:
    """Pair victims with steps: every pair once, shuffled, and again while more are wanted."""
    pairs: list[tuple[str, str]] = []
    while len(pairs) < count:
        every = [(victim, step.name) for victim in VICTIMS for step in RETURN_STEPS]
        chance.shuffle(every)
        pairs += every
    return pairs[:count]


async def kill_while_cancelling(
    suite: Suite, victim: str, step: str, chance: random.Random
) -> float:
    """Sell, cancel with a kill at the step, judge and verify; gives how long the rest took.

    Raises AssertionError for an order that ended wrong.
    """
    sold = await sell(suite)
    killer = Killer(suite.stack, victim)
    struck_at = 0.0

    async def strike() -> None:
        nonlocal struck_at
        struck_at = time.monotonic()
        await killer.strike()

    delay_s = chance.uniform(0.0, MAX_DELAY_S)
    cancelling = Cancelling(suite, STEP_BY_NAME[step], strike, delay_s=delay_s)
    try:
        order = await cancelling.cancel(sold)
        took_s = time.monotonic() - struck_at
    finally:
        await killer.returned()
    assert cancelling.struck, "nobody was killed"
    await judge_return(suite, sold, order)
    suite.must_be_whole()
    await suite.must_verify()
    return took_s
