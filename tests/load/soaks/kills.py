"""Kills every process at every step of a purchase, once each, and judges each order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from tests.faults.campaign import every_kill, kill_once
from tests.faults.steps import STEPS
from tests.faults.suite import OPTIONS, SMALL, open_suite
from tests.faults.victims import VICTIMS
from tests.load.soak.context import SoakContext, SoakFailedError

COUNTS: Mapping[str, int] = MappingProxyType({"kills": len(VICTIMS) * len(STEPS)})


__all__ = ["COUNTS", "OPTIONS", "run"]


async def run(context: SoakContext) -> Mapping[str, object]:
    """Kill as often as `kills` says; gives how the orders ended.

    Raises SoakFailedError at the first order that ended wrong: nothing after it would count.
    """
    if context.stack is None:
        raise SoakFailedError("Kills need a suite of their own.")
    suite = await open_suite(context.stack, context.stage, SMALL)
    pairs = every_kill(context.random)[: context.counts["kills"]]
    ends: Counter[str] = Counter()
    for number, (victim, step) in enumerate(pairs, start=1):
        try:
            state = await kill_once(suite, (victim, step), context.seed)
        except Exception as error:
            text = f"{victim} killed {step}: {type(error).__name__}: {error}"
            raise SoakFailedError(f"Seed {context.seed}: {text}") from error
        ends[state] += 1
        context.say(f"{number}/{len(pairs)} {victim} killed {step}: {state}")
    return {
        "victims": len(VICTIMS),
        "steps": len(STEPS),
        "kills": len(pairs),
        **{f"orders in {state}": ends[state] for state in sorted(ends)},
        "charged without tickets": 0,
        "make verify": "green after every kill",
    }
