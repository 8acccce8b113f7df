"""Kills, one after the other, each followed by a purchase's verdict and `make verify`."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.faults.kill_run import KillRun
from tests.faults.steps import STEP_BY_NAME, STEPS
from tests.faults.suite import Suite, a_suite
from tests.faults.verdict import judge
from tests.faults.victims import VICTIMS

Pair = tuple[str, str]


@dataclass(frozen=True)
class Kill:
    """What came of one kill: the order's final state, or the problem found."""

    victim: str
    step: str
    state: str
    seconds: float
    problem: str = ""

    def text(self) -> str:
        """Write it on one line."""
        end = self.problem or self.state
        return f"{self.victim} killed {self.step}: {end} ({self.seconds:.1f} s)"


def every_kill(seed: int) -> list[Pair]:
    """Pair every victim with every step, in an order that depends on the seed alone."""
    pairs = [(victim, step.name) for victim in VICTIMS for step in STEPS]
    random.Random(seed).shuffle(pairs)  # noqa: S311 - chance that can be had again
    return pairs


async def kill_once(suite: Suite, pair: Pair, seed: int) -> str:
    """Kill, buy, judge; returns the name of the order's final state.

    Raises AssertionError for an order that ended wrong, and what the path itself raised.
    """
    victim, step = pair
    chance = random.Random(f"{seed} {victim} {step}")  # noqa: S311 - chance that can be had again
    run = KillRun(suite, victim, STEP_BY_NAME[step], chance)
    buyer, card_id, order = await run.buy()
    assert run.struck, "nobody was killed"
    state = await judge(suite, buyer, card_id, order)
    suite.must_be_whole()
    await suite.must_verify()
    return state


async def run_campaign(
    folder: Path, pairs: Sequence[Pair], seed: int, say: Callable[[str], None]
) -> list[Kill]:
    """Kill at all pairs, in a suite under `folder`; after a problem the rest gets a fresh suite.

    The state of a suite with a problem stays for whoever looks for the cause.
    """
    kills: list[Kill] = []
    waiting = iter(pairs)
    while len(kills) < len(pairs):
        async with AsyncExitStack() as stack:
            state = folder / f"suite-{len(kills)}"
            suite = await stack.enter_async_context(a_suite(state))
            async for kill in _until_a_problem(suite, waiting, seed):
                kills.append(kill)
                say(f"{len(kills)}/{len(pairs)} {kill.text()}")
    return kills


async def _until_a_problem(suite: Suite, pairs: Iterator[Pair], seed: int) -> AsyncIterator[Kill]:
    for pair in pairs:
        began = time.monotonic()
        state, problem = "", ""
        try:
            state = await kill_once(suite, pair, seed)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding to report.
            problem = f"{type(error).__name__}: {error}"
        yield Kill(*pair, state, time.monotonic() - began, problem)
        if problem:
            return
