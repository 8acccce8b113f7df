"""Statements that many share: one round trip and one commit for all who come at the same time."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cache, wraps
from typing import Any, Generic, Protocol, TypeVar

import asyncpg

from services.common.errors import ConcurrentChangeError
from services.common.gathering import Gathering, Pace

P = TypeVar("P")
R = TypeVar("R")
P_contra = TypeVar("P_contra", contravariant=True)
D = TypeVar("D")
D_contra = TypeVar("D_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)
# What undid the statement without anything written: the one part's own fault, or a conflict.
_UNDONE = (asyncpg.PostgresError, asyncpg.InterfaceError, ConcurrentChangeError)


class Run(Protocol[P_contra, R_co]):
    """A statement for many parts, each of which happens as a whole or not at all.

    Gives each part's row, or None for a part that it left out. Unless `waits`, it leaves out parts
    whose rows somebody else has locked, so that nobody waits for another's lock.
    """

    async def __call__(
        self, parts: Sequence[P_contra], *, waits: bool
    ) -> Sequence[R_co | None]: ...


class RunOn(Protocol[D_contra, P_contra, R_co]):
    """A `Run` that is told on what: a connection inside a transaction, or the database."""

    async def __call__(
        self, runner: D_contra, parts: Sequence[P_contra], /, *, waits: bool
    ) -> Sequence[R_co | None]: ...


def once_each(
    key: Callable[[Any], Hashable],
) -> Callable[[RunOn[D, P, R]], RunOn[D, P, R]]:
    """Keep the second part of the same key out of a statement, as if somebody had it locked.

    Both would change the same row: one would win, and both be told that they had.
    """

    def of(run: RunOn[D, P, R]) -> RunOn[D, P, R]:
        @wraps(run)
        async def run_firsts(
            runner: D, parts: Sequence[P], /, *, waits: bool
        ) -> Sequence[R | None]:
            firsts = {key(part): part for part in reversed(parts)}
            if len(firsts) == len(parts):
                return await run(runner, parts, waits=waits)
            rows = await run(runner, list(firsts.values()), waits=waits)
            row_of = dict(zip(firsts, rows, strict=True))
            return [row_of[key(part)] if part is firsts[key(part)] else None for part in parts]

        return run_firsts

    return of


@dataclass(slots=True)
class Together(Generic[P, R]):
    """Runs a statement for a part: alone when nobody else does, else with those who wait too.

    What a statement for many left out, and all its parts when one of them broke it, run again each
    alone: a part ends as if it had always been by itself. A lost connection is everybody's.
    `pace`: who comes too soon after the last statement waits for its turn, with whoever else comes.
    """

    run: Run[P, R]
    max_parts: int = 32
    pace: Pace = field(default_factory=Pace)
    _gathering: Gathering[P, R | None] = field(init=False)
    _alone: int = 0

    def __post_init__(self) -> None:
        self._gathering = Gathering(self._run_many, self.max_parts, self.pace)

    async def __call__(self, part: P) -> R | None:
        row = await self._gathering.ask(part) if self._must_gather else None
        if row is not None:
            return row
        self._alone += 1
        self.pace.begin()
        try:
            (row,) = await self.run((part,), waits=True)
            return row
        finally:
            self._alone -= 1

    @property
    def _must_gather(self) -> bool:
        return bool(self._alone) or self._gathering.busy or self.pace.wait_s > 0

    async def _run_many(self, parts: Sequence[P]) -> Sequence[R | None]:
        try:
            return await self.run(parts, waits=False)
        except _UNDONE:
            return [None] * len(parts)


@dataclass(frozen=True, slots=True)
class PartColumns:
    """What a statement is told of each part: columns with their types, such as `id uuid, name text`.

    They are parameters from the `first` on. Who is alone travels as plain values: arrays of one cost
    the driver and PostgreSQL more.
    """

    columns: str

    def told(self, parts: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Any]]:
        """Give how these parts are selected, and the arguments; always the same few texts."""
        alone = len(parts) == 1
        return (_one if alone else _many)(self), part_arguments(parts, alone=alone)

    def one(self, first: int = 1) -> str:
        """Select the one part that there is."""
        numbered = enumerate(self._split(), first)
        values = (f"${number}::{kind} AS {name}" for number, (name, kind) in numbered)
        return f"SELECT {', '.join(values)}"

    def many(self, first: int = 1) -> str:
        """Select parts that come as arrays."""
        names, kinds = zip(*self._split(), strict=True)
        arrays = (f"${number}::{kind}[]" for number, kind in enumerate(kinds, first))
        # Only constants of ours are put in.
        return f"SELECT * FROM unnest({', '.join(arrays)}) AS part ({', '.join(names)})"  # noqa: S608

    def __len__(self) -> int:
        return len(self._split())

    def _split(self) -> list[list[str]]:
        return [column.split() for column in self.columns.split(",")]


def part_arguments(parts: Sequence[Sequence[Any]], *, alone: bool) -> Sequence[Any]:
    """Give the arguments that `PartColumns.one` takes, or else `many`."""
    if not alone:
        return list(zip(*parts, strict=True))
    (only,) = parts
    return only


@cache
def _one(columns: PartColumns) -> str:
    return columns.one()


@cache
def _many(columns: PartColumns) -> str:
    return columns.many()


def columns(rows: Sequence[Sequence[Any]], count: int) -> Sequence[Sequence[Any]]:
    """Turn rows into the arrays that `unnest` takes; no rows make so many empty ones."""
    return list(zip(*rows, strict=True)) if rows else [()] * count
