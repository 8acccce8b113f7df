"""Several generator processes that act as one: a Python process alone is a slow client."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import uvloop

from tests.load.generator.channels import Channels
from tests.load.generator.drivers import Driver
from tests.load.generator.journey import Journey
from tests.load.generator.precedence import go_ahead, on_the_dot
from tests.load.generator.sample import Sample, merged

START_AFTER_S = 0.1
STOP_TIMEOUT_S = 5.0


class GeneratorError(RuntimeError):
    """A generator process failed; the text is its traceback."""


class Fleet:
    """Generator processes; started with `fleet(n)`."""

    def __init__(self, pipes: list[Connection], processes: list[BaseProcess]) -> None:
        self._pipes = pipes
        self._processes = processes

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes if process.pid]

    async def go_ahead(self) -> bool:
        """Let the generators take the CPU before all others; False when that is not allowed."""
        return all(await self._ask([("go ahead", None)] * len(self._pipes)))

    async def prepare(self, journey: Journey) -> None:
        """Let each process make its requests: outside of what is measured."""
        workers = len(self._pipes)
        shares = [journey.share(worker, workers) for worker in range(workers)]
        await self._ask([("prepare", share) for share in shares])

    async def run(self, driver: Driver) -> Sample:
        """Run what was prepared, starting in all processes at the same instant."""
        start_at = time.monotonic() + START_AFTER_S
        workers = len(self._pipes)
        shares = [driver.share(worker, workers) for worker in range(workers)]
        return merged(await self._ask([("run", (share, start_at)) for share in shares]))

    async def _ask(self, questions: list[tuple[str, Any]]) -> list[Any]:
        for pipe, question in zip(self._pipes, questions, strict=True):
            await asyncio.to_thread(pipe.send, question)
        answers = [await asyncio.to_thread(pipe.recv) for pipe in self._pipes]
        for kind, answer in answers:
            if kind == "failed":
                raise GeneratorError(answer)
        return [answer for _, answer in answers]


@contextmanager
def fleet(processes: int) -> Iterator[Fleet]:
    """Start generator processes (spawned, never forked) and stop them at the end."""
    context = multiprocessing.get_context("spawn")
    pipes, started = [], []
    for number in range(processes):
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_generate, args=(theirs,), name=f"generator-{number + 1}", daemon=True
        )
        process.start()
        theirs.close()
        pipes.append(ours)
        started.append(process)
    try:
        yield Fleet(pipes, list(started))
    finally:
        for pipe in pipes:
            pipe.close()
        for process in started:
            process.join(STOP_TIMEOUT_S)
            if process.is_alive():
                process.kill()


def _generate(pipe: Connection) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    channels = Channels()
    act: Any = None
    while True:
        try:
            kind, wanted = await asyncio.to_thread(pipe.recv)
        except EOFError:
            break
        try:
            answer: Any = None
            match kind:
                case "go ahead":
                    answer = go_ahead()
                case "prepare":
                    act = wanted.prepare(channels)
                case _:
                    driver, start_at = wanted
                    answer = await _run(driver, act, start_at)
        except Exception:  # noqa: BLE001 - whatever it was, it is told to the one who asked.
            import traceback  # noqa: PLC0415

            await asyncio.to_thread(pipe.send, ("failed", traceback.format_exc()))
            continue
        await asyncio.to_thread(pipe.send, ("done", answer))
    await channels.close()


async def _run(driver: Driver, act: Any, start_at: float) -> Sample:
    # A collection of all the prepared requests would make the generator late.
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        with on_the_dot() if driver.by_the_clock else nullcontext():
            return await driver.run(act, start_at)
    finally:
        gc.enable()
