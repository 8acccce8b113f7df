"""`make bench`: what the suite does on this machine, against the bare echo of the same machine.

    python -m tests.load.bench [--quick] [--record] [--rounds N] [--only PATH ...]

Exit code 0 when every goal is met, 1 when not, 2 when figures are void.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import replace

from tests.load import results
from tests.load.bench.plan import FULL, QUICK, Plan
from tests.load.bench.report import report_lines, unmet_goals
from tests.load.bench.run import ORDER, Bench
from tests.load.bench.suite import open_suite

EXIT_UNMET = 1
EXIT_VOID = 2


async def main(plan: Plan, only: frozenset[str], *, record: bool, profiled: bool) -> int:
    """Measure, print, and remember when asked to."""
    began = time.monotonic()
    async with open_suite(plan.size, profiled=profiled) as suite:
        bench = Bench(suite, plan, only)
        figures = await bench.run()
    lines = list(report_lines(figures, bench.notes))
    took = f"{plan.rounds} rounds in {time.monotonic() - began:.0f} s."
    print("\n".join(["", results.heading("bench"), "", *lines, "", took]))
    if record:
        results.append("bench", [*lines, "", took])
    if any(figure.void for figure in figures.values()):
        return EXIT_VOID
    return EXIT_UNMET if unmet_goals(figures) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, for development")
    parser.add_argument("--record", action="store_true", help="add the result to RESULTS.md")
    parser.add_argument("--rounds", type=int, help="how many rounds")
    parser.add_argument("--only", nargs="*", choices=ORDER[1:], default=[], help="only these paths")
    parser.add_argument(
        "--profile", action="store_true", help="sample booking's processes; figures suffer"
    )
    options = parser.parse_args()
    chosen = QUICK if options.quick else FULL
    if options.rounds:
        chosen = replace(chosen, rounds=options.rounds)
    sys.exit(
        asyncio.run(
            main(
                chosen,
                frozenset(options.only),
                record=options.record,
                profiled=options.profile,
            )
        )
    )
