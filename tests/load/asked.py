"""Processes that are asked and answer: a Python process alone is a slow client."""

from __future__ import annotations

import asyncio
import multiprocessing
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

import uvloop

STOP_TIMEOUT_S = 5.0
Question = tuple[str, Any]


class AskedProcessError(RuntimeError):
    """What was asked of a process failed there; the text is its traceback."""


class Answerer(Protocol):
    """What lives in such a process; made there without arguments."""

    async def answer(self, kind: str, wanted: Any) -> Any:
        """Do what is asked; the answer travels back, so it must be picklable."""
        ...

    async def close(self) -> None:
        """Leave nothing open: nobody asks any more."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """The processes; started with `asked`."""

    pipes: Sequence[Connection]
    processes: Sequence[BaseProcess]

    async def ask(self, questions: Sequence[Question]) -> list[Any]:
        """Ask each process its own question; all work on them at the same time."""
        for pipe, question in zip(self.pipes, questions, strict=True):
            await asyncio.to_thread(pipe.send, question)
        answers = [await asyncio.to_thread(pipe.recv) for pipe in self.pipes]
        for kind, answer in answers:
            if kind == "failed":
                raise AskedProcessError(answer)
        return [answer for _, answer in answers]

    async def ask_all(self, kind: str, wanted: Any = None) -> list[Any]:
        """Ask every process the same."""
        return await self.ask([(kind, wanted)] * len(self.pipes))


@contextmanager
def asked(count: int, name: str, make: Callable[[], Answerer]) -> Iterator[Asked]:
    """Start processes (spawned, never forked) and stop them at the end."""
    context = multiprocessing.get_context("spawn")
    pipes, started = [], []
    for number in range(count):
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_live, args=(theirs, make), name=f"{name}-{number + 1}", daemon=True
        )
        process.start()
        theirs.close()
        pipes.append(ours)
        started.append(process)
    try:
        yield Asked(pipes, started)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in started:
            process.join(STOP_TIMEOUT_S)
            if process.is_alive():
                process.kill()


def _live(pipe: Connection, make: Callable[[], Answerer]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(pipe, make()))


async def _serve(pipe: Connection, answerer: Answerer) -> None:
    while True:
        try:
            kind, wanted = await asyncio.to_thread(pipe.recv)
        except EOFError:
            break
        try:
            told = ("done", await answerer.answer(kind, wanted))
        except Exception:  # noqa: BLE001 - whatever it was, it is told to the one who asked.
            told = ("failed", traceback.format_exc())
        await asyncio.to_thread(pipe.send, told)
    await answerer.close()
