"""Kills payment around its captures, in both orders, and judges each purchase.

Once the capture is stored as sent and the provider has not done it yet, and once the provider has
taken the money and our commit has not been made. Either way the customer is charged once, has the
tickets, and it is over within a minute.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from tests.faults.purchase import Purchase
from tests.faults.steps import STEP_BY_NAME
from tests.faults.suite import OPTIONS, SMALL, Suite, open_suite
from tests.faults.verdict import judge
from tests.faults.victims import Killer
from tests.load.soak.context import SoakContext, SoakFailedError

COUNTS: Mapping[str, int] = MappingProxyType({"kills": 200})
VICTIM = "payment-rpc"
ORDERS = ("capture on its way", "the provider took it, answer on its way")
MAX_END_S = 60.0
VERIFY_EVERY = 20

__all__ = ["COUNTS", "OPTIONS", "run"]


async def run(context: SoakContext) -> Mapping[str, object]:
    """Kill as often as `kills` says; SoakFailedError at the first purchase that ended wrong."""
    if context.stack is None:
        raise SoakFailedError("Kills need a suite of their own.")
    suite = await open_suite(context.stack, context.stage, SMALL)
    ends: Counter[str] = Counter()
    longest_s = 0.0
    for number in range(context.counts["kills"]):
        try:
            state, took_s = await kill_around_capture(suite, ORDERS[number % len(ORDERS)])
            if number % VERIFY_EVERY == 0:
                await suite.must_verify()
        except Exception as error:
            text = f"kill {number + 1}: {type(error).__name__}: {error}"
            raise SoakFailedError(f"Seed {context.seed}: {text}") from error
        ends[state] += 1
        longest_s = max(longest_s, took_s)
        context.say(f"{number + 1}/{context.counts['kills']} {state} {took_s:.1f} s after the kill")
    await suite.must_verify()
    return {
        "kills": context.counts["kills"],
        **{f"orders in {state}": ends[state] for state in sorted(ends)},
        "charged twice, or without tickets": 0,
        "longest from the kill to the end": f"{longest_s:.1f} s (at most {MAX_END_S:.0f})",
        "make verify": "green",
    }


async def kill_around_capture(suite: Suite, step: str) -> tuple[str, float]:
    """Buy, and kill payment at the step; gives the order's end and how long after the kill it was.

    Raises AssertionError for a purchase that ended wrong or too late.
    """
    killer = Killer(suite.stack, VICTIM)
    struck_at = 0.0

    async def strike() -> None:
        nonlocal struck_at
        struck_at = time.monotonic()
        await killer.strike()

    purchase = Purchase(suite, STEP_BY_NAME[step], strike)
    try:
        bought = await purchase.buy()
        took_s = time.monotonic() - struck_at
    finally:
        await killer.returned()
    assert purchase.struck, "nobody was killed"
    assert took_s <= MAX_END_S, f"it took {took_s:.0f} s"
    state = await judge(suite, bought)
    orders = await suite.provider_orders_of(bought.order.id)
    assert sum(order["captured"] > 0 for order in orders) == 1, "not charged exactly once"
    return state, took_s
