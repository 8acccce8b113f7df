"""What a whole purchase costs at fixed rates: CPU by process, commits, flushes and rows.

    python -m tests.load.purchase_cost [--rates 10 30] [--seconds 10] [--pids]

For comparing two states of the code on a machine with other work on it: CPU per purchase says what
rates cannot. `--pids` shows the processes before it begins, for a profiler.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Mapping

import asyncpg

from tests.load.bench.paths import Paths
from tests.load.bench.plan import QUICK
from tests.load.bench.suite import AROUND, Suite, open_suite
from tests.load.cpu import used
from tests.load.generator.drivers import OpenLoop
from tests.load.generator.sample import OK, percentile
from tests.load.journeys.purchases import Purchases

SETTLE_S = 2.0
_AROUND = {*AROUND, "generator", "echo"}
_COMMITS = "SELECT datname, xact_commit FROM pg_stat_database WHERE datname IS NOT NULL"
_WAL = "SELECT wal_records, wal_fpi, wal_bytes FROM pg_stat_wal"
_FLUSHES = "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'"
_ROWS = """
SELECT relname, n_tup_ins AS inserted, n_tup_upd AS updated, n_tup_hot_upd AS hot
FROM pg_stat_user_tables"""


async def main(rates: list[float], seconds: float, *, pids: bool) -> None:
    async with open_suite(QUICK.size) as suite:
        paths = Paths(suite, QUICK)
        await paths.warm_up()
        if pids:
            print("pids:", suite.record.processes, flush=True)
        for rate in rates:
            await measure(suite, rate, seconds)


async def measure(suite: Suite, rate: float, seconds: float) -> None:
    """Sell at a rate and print what each finished purchase cost."""
    driver = OpenLoop(rate, seconds)
    offers = suite.stock.across(driver.arrivals)
    await suite.fleet.prepare(Purchases(suite.booking, offers, suite.sessions))
    cpu_before, counts_before = suite.cpu(), await counts(suite)
    sample = await suite.fleet.run(driver)
    await asyncio.sleep(SETTLE_S)
    cpu_s, counts_after = used(cpu_before, suite.cpu()), await counts(suite)
    bought = max(1, sample.counts[OK])
    total_ms = sum(s for name, s in cpu_s.items() if name not in _AROUND) / bought * 1_000
    p50_s, p99_s = (percentile(sample.latencies_s, percent) for percent in (50, 99))
    print(f"\n{rate}/s: {dict(sample.counts)}, p50 {p50_s:.3f} s, p99 {p99_s:.3f} s")
    print(f"suite CPU {total_ms:.2f} ms each:")
    for name, spent in sorted(cpu_s.items(), key=lambda entry: -entry[1]):
        if spent / bought > 50e-6:
            print(f"  {name:20} {spent / bought * 1_000:7.2f}")
    print(f"of each purchase (in {seconds + SETTLE_S:.0f} s):")
    for name, count in sorted((counts_after - counts_before).items()):
        if count / bought >= 0.05:
            print(f"  {name:50} {count / bought:9.2f}", flush=True)


async def counts(suite: Suite) -> Counter[str]:
    """Read PostgreSQL's own counters."""
    admin = suite.record.postgres_admin_url
    found: Counter[str] = Counter()
    for row in await _rows(admin, _COMMITS):
        found[f"commits {row['datname']}"] = row["xact_commit"]
    for row in await _rows(admin, _WAL):
        found.update({name: int(value) for name, value in row.items()})
    for row in await _rows(admin, _FLUSHES):
        found["flushes"] = int(row[0] or 0)
    for service, urls in suite.record.databases.items():
        for row in await _rows(urls["owner"], _ROWS):
            found.update(_of_table(service, dict(row)))
    return found


def _of_table(service: str, row: Mapping[str, int]) -> dict[str, int]:
    table = f"{service} {row['relname']}"
    return {f"{table}: {what}": row[what] for what in ("inserted", "updated", "hot")}


async def _rows(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=[10.0, 30.0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pids", action="store_true")
    options = parser.parse_args()
    asyncio.run(main(options.rates, options.seconds, pids=options.pids))
