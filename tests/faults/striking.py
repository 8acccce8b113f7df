"""A path of calls that is struck at one of its steps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tests.faults.patience import persist
from tests.faults.steps import Hold, Step
from tests.faults.suite import Suite
from tests.faults.victims import Frozen
from tests.faults.watch import Watch

Answer = TypeVar("Answer")


@dataclass
class Striking:
    """Makes calls patiently while `strike` happens at `step`.

    `delay_s` is how long after its beginning a call is struck, for steps that lie in a call.
    """

    suite: Suite
    step: Step
    strike: Callable[[], Awaitable[None]]
    delay_s: float = 0.0
    struck: bool = False
    _watch: Watch = field(init=False)

    async def _at(self, call: str, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make a call of the path, and kill around it if the step is here."""
        if self.step.call != call:
            return await persist(make)
        if self.step.before:
            await self._strike()
            return await persist(make)
        if self.step.inside is None:
            trap = asyncio.create_task(self._strike(self.delay_s))
        else:
            frozen = await self._prepare(self.step.inside)
            trap = asyncio.create_task(self._spring(self.step.inside, frozen))
        try:
            return await persist(make)
        finally:
            await trap

    async def _prepare(self, hold: Hold) -> Frozen:
        for fault in hold.faults:
            await self.suite.tell_provider("faults", fault)
        frozen = Frozen(self.suite.stack)
        frozen.freeze(hold.frozen)
        return frozen

    async def _spring(self, hold: Hold, frozen: Frozen) -> None:
        try:
            if hold.first is not None:
                await self._watch.until(hold.first)
                frozen.freeze(hold.then_frozen)
            await self._watch.until(hold.reached)
            await self._strike()
        finally:
            frozen.thaw()

    async def _strike(self, delay_s: float = 0.0) -> None:
        await asyncio.sleep(delay_s)
        await self.strike()
        self.struck = True
