"""The commands behind `python -m deploy.local`."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import identities
from deploy.local.backing import external_from
from deploy.local.errors import StackError
from deploy.local.next_steps import next_steps
from deploy.local.process_tree import is_alive
from deploy.local.programme_loader import load_into, some_screening_id
from deploy.local.record import running_stack
from deploy.local.stack import LocalStack, StackOptions
from deploy.local.state_folder import StateFolder
from deploy.local.tokens import Person, mint_token
from deploy.local.topology import PREFERRED_PORTS, SERVICES, ServiceSpec


@dataclass(frozen=True)
class RunOptions:
    """What `run` was asked for."""

    state: Path
    test_clock: bool = True
    services: tuple[ServiceSpec, ...] = SERVICES
    preferred_ports: Mapping[str, int] = field(default_factory=lambda: PREFERRED_PORTS)


def run(options: RunOptions) -> int:
    """Run the stack until Ctrl-C, SIGTERM or a part that cannot be kept alive."""
    return asyncio.run(_run(options))


def reset(state: Path) -> int:
    """Wipe the state folder. Raises StateInUseError while a stack runs on it."""
    StateFolder(state).wipe()
    print(f"{state} is wiped.")
    return 0


def token(state: Path, somebody: Person, ttl_seconds: int) -> int:
    """Print a token. Makes the keys if no stack has run yet."""
    folder = StateFolder(state)
    folder.create()
    files = identities.create(folder, tuple(spec.name for spec in SERVICES))
    print(mint_token(files.provider_key, somebody, ttl_seconds=ttl_seconds))
    return 0


def status(state: Path) -> int:
    """Say what runs; the exit code is 0 only when a stack is ready."""
    record = running_stack(StateFolder(state))
    if record is None:
        print(f"No stack runs on {state}.")
        return 1
    print(f"A stack {'runs' if record.ready else 'is starting'} on {record.state}:")
    for name, pid in record.processes.items():
        print(f"  {name:<16} pid {pid:<8} {'up' if is_alive(pid) else 'ended'}")
    return 0 if record.ready else 1


async def _run(options: RunOptions) -> int:
    began = time.monotonic()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    stack_options = StackOptions(
        services=options.services,
        external=external_from(),
        test_clock=options.test_clock,
        preferred_ports=options.preferred_ports,
        say=_say,
    )
    stack = LocalStack(options.state, stack_options)
    _say(f"Starting Parterre on {options.state.absolute()}:")
    stopped = asyncio.create_task(stop.wait())
    if not await _started(stack, stopped):
        _say("Stopped while starting.")
        return 1
    _say(f"All parts are ready after {time.monotonic() - began:.1f} s.")
    try:
        await _welcome(stack, stopped, has_catalog=options.services == SERVICES)
        return await _until_the_end(stack, stopped)
    finally:
        _say("Stopping ...")
        await stack.stop()
        _say("Stopped; the data stays.")


async def _welcome(stack: LocalStack, stopped: asyncio.Task[bool], *, has_catalog: bool) -> None:
    """Load the sample programme, and say what to try; stops at once when told to."""

    async def load() -> str:
        await load_into(stack.record, tell=_say)
        return await some_screening_id(stack.record)

    screening_id = ""
    if has_catalog:
        loading = asyncio.create_task(load())
        await asyncio.wait({loading, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            loading.cancel()
            return
        screening_id = loading.result()
    _say(next_steps(stack.record, screening_id))


async def _started(stack: LocalStack, stopped: asyncio.Task[bool]) -> bool:
    """Start, unless we are told to stop meanwhile."""
    starting = asyncio.create_task(stack.start())
    await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        await starting
        return True
    starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await starting
    return False


async def _until_the_end(stack: LocalStack, stopped: asyncio.Task[bool]) -> int:
    """Wait for the signal to stop (0) or for a part that cannot be kept alive (raises)."""
    failed = asyncio.create_task(stack.wait_failed())
    await asyncio.wait({failed, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if failed.done():
        raise StackError(f"The stack stops. {failed.result()}")
    failed.cancel()
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
