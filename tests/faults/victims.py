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


async def kill(stack: LocalStack, victim: str) -> None:
    """SIGKILL all processes of the victim at once."""
    await asyncio.gather(*(stack.kill(part) for part in VICTIMS[victim]))


async def bring_back(stack: LocalStack, victim: str) -> None:
    """Start what was killed, and wait until it serves."""
    await asyncio.sleep(OUTAGE_S)
    await asyncio.gather(*(_start(stack, part) for part in VICTIMS[victim]))


async def _start(stack: LocalStack, part: str) -> None:
    await stack.start_part(part)
    await stack.wait_ready(part)


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
