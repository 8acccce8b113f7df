"""`make soak`: every soak with its full counts; the seed is printed and replays the choices.

    python -m tests.load.soak [NAME ...] [--seed N] [--count NAME=N ...] [--no-record]

A soak is a module of `tests/load/soaks`: its full counts in `COUNTS`, how its suite is started in
`OPTIONS`, and `async def run(context)`, which gives figures by name and raises SoakFailedError.
Tests run the same code with small counts.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import pkgutil
import secrets
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local.stack import StackOptions
from tests.load import results, soaks
from tests.load.soak.context import fresh_context

MAX_SEED = 2**31


def known_soaks() -> list[str]:
    """List the soaks by name."""
    return sorted(module.name for module in pkgutil.iter_modules(soaks.__path__))


async def run_one(name: str, seed: int, counts: Mapping[str, int]) -> tuple[bool, list[str]]:
    """Run one soak on a suite of its own; gives whether it held, and what to remember."""
    soak: Any = importlib.import_module(f"tests.load.soaks.{name}")
    full = {**soak.COUNTS, **counts}
    print(f"soak {name}: seed {seed}, {full}", flush=True)
    began = time.monotonic()
    lines = [f"Seed {seed}; {', '.join(f'{key} {value}' for key, value in full.items())}."]
    with tempfile.TemporaryDirectory(prefix="parterre-soak-") as folder:
        options: StackOptions = soak.OPTIONS
        try:
            async with fresh_context(Path(folder) / "state", seed, full, options, _say) as context:
                figures: Mapping[str, object] = await soak.run(context)
            held = True
            lines += [f"- {key}: {value}" for key, value in figures.items()]
        except Exception as error:  # noqa: BLE001 - a soak that breaks down is a verdict too.
            held = False
            traceback.print_exc()
            lines.append(f"- {type(error).__name__}: {error}")
    took = f"{time.monotonic() - began:.0f} s"
    lines.insert(0, f"{'HELD' if held else 'BROKEN'} after {took}.")
    print("\n".join(lines), flush=True)
    return held, lines


async def main(names: list[str], seed: int, counts: Mapping[str, int], *, record: bool) -> int:
    """Run soaks one after the other; 0 when all held."""
    all_held = True
    for name in names:
        held, lines = await run_one(name, seed, counts)
        all_held = all_held and held
        if record:
            results.append(f"soak {name}", lines)
    return 0 if all_held else 1


def _say(line: str) -> None:
    print(line, flush=True)


def _count(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    return name, int(number)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.soak", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(known_soaks())}")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--count", type=_count, action="append", default=[], help="NAME=N")
    parser.add_argument("--no-record", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    if unknown := set(options.names) - set(known_soaks()):
        parser.error(f"unknown soaks: {', '.join(sorted(unknown))}")
    chosen_seed = secrets.randbelow(MAX_SEED) if options.seed is None else options.seed
    sys.exit(
        asyncio.run(
            main(
                options.names or known_soaks(),
                chosen_seed,
                dict(options.count),
                record=not options.no_record,
            )
        )
    )
