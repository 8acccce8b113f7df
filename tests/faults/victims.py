"""Whom we kill with -9: every process of path 1 besides the provider and the mailbox."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from deploy.local.stack import LocalStack
from deploy.local.topology import SERVICES

VICTIMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {f"{spec.name}-rpc": spec.rpc_names for spec in SERVICES}
    | {spec.worker_name: (spec.worker_name,) for spec in SERVICES}
    | {name: (name,) for name in ("nats", "redis", "postgres")}
)
# How long a victim stays dead at least; a Python process takes longer to come back by itself.
OUTAGE_S = 0.3


class Killer:
    """Kills a victim, and sees to it that it comes back."""

    def __init__(self, stack: LocalStack, victim: str) -> None:
        self._stack = stack
        self._parts = VICTIMS[victim]
        self._return: asyncio.Task[None] | None = None

    async def strike(self) -> None:
        """SIGKILL all processes of the victim at once; they are started again by and by."""
        await asyncio.gather(*(self._stack.kill(part) for part in self._parts))
        self._return = asyncio.create_task(self._bring_back())

    async def returned(self) -> None:
        """Wait until the victim serves again."""
        if self._return is not None:
            await self._return

    async def _bring_back(self) -> None:
        await asyncio.sleep(OUTAGE_S)
        await asyncio.gather(*(self._start(part) for part in self._parts))

    async def _start(self, part: str) -> None:
        await self._stack.start_part(part)
        await self._stack.wait_ready(part)


class Frozen:
    """Parts that stand still (SIGSTOP) while others go on."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._pids: dict[str, int] = {}

    def freeze(self, parts: Sequence[str]) -> None:
        """Stop the parts where they are."""
        for part in parts:
            self._pids[part] = self._stack.parts.pids()[part]
            os.kill(self._pids[part], signal.SIGSTOP)

    def thaw(self) -> None:
        """Let those go on that were not killed meanwhile."""
        running = self._stack.parts.pids()
        for part, pid in self._pids.items():
            if running.get(part) == pid:
                os.kill(pid, signal.SIGCONT)
        self._pids.clear()
