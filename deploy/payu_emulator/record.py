"""The durable record: what it says happened, happened, also after kill -9.

SQLite in WAL mode with synchronous=FULL. Changes that come while a commit is under way share the
next one, so that many orders cost one fsync. What need not be safe at once goes with the next one
that must, or follows within `max_lag_s`.
"""

import asyncio
import fcntl
import logging
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from deploy.payu_emulator.order import Order

_log = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id TEXT NOT NULL UNIQUE,
    pos_id TEXT NOT NULL,
    ext_order_id TEXT,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    captured INTEGER NOT NULL,
    refunded INTEGER NOT NULL,
    live INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (pos_id, ext_order_id)
);
DROP INDEX IF EXISTS orders_by_ext;
CREATE INDEX IF NOT EXISTS orders_live ON orders (seq) WHERE live = 1;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
UPSERT = """
INSERT INTO orders (order_id, pos_id, ext_order_id, currency, status, captured, refunded, live,
                    document)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (order_id) DO UPDATE SET status = excluded.status, captured = excluded.captured,
    refunded = excluded.refunded, live = excluded.live, document = excluded.document
"""
max_orders_per_page = 1000
max_lag_s = 0.1
# 40 MB: an order changes some times, and only its last state is then copied into the file.
pages_per_checkpoint = 10_000
EXIT_CODE_RECORD_LOST = 74


class RecordInUseError(Exception):
    """Another process has the record open."""


class Record:
    """The SQLite file and its group commit. Reads see committed rows only."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(path)
        self._writer = _connect(path)
        self._writer.executescript(SCHEMA)
        self._reader = _connect(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="record")
        self._unsaved: dict[str, Order] = {}
        self._unsaved_lagging: dict[str, Order] = {}
        self._unsaved_settings: dict[str, str] = {}
        self._in_commit: frozenset[str] = frozenset()
        self._commit: asyncio.Future[None] | None = None
        self._next_commit: asyncio.Future[None] | None = None
        self._changed = asyncio.Event()

    def keep(self, order: Order) -> None:
        """Put the order down for the next commit; `durable` tells when it is safe."""
        self._unsaved[order.order_id] = order
        self._changed.set()

    def keep_soon(self, order: Order) -> None:
        """Put the order down for the next commit or one that follows soon; nobody waits for it."""
        if not self._unsaved_lagging:
            asyncio.get_running_loop().call_later(max_lag_s, self._changed.set)
        self._unsaved_lagging[order.order_id] = order

    def keep_setting(self, name: str, value: str) -> None:
        self._unsaved_settings[name] = value
        self._changed.set()

    def is_durable(self, order_id: str) -> bool:
        kept = (self._unsaved, self._unsaved_lagging, self._in_commit)
        return not any(order_id in each for each in kept)

    async def durable(self, order_id: str) -> None:
        """Wait until every change of this order that was kept so far survives a crash.

        Not those that were only to be kept soon.
        """
        if order_id in self._unsaved:
            await asyncio.shield(self._upcoming())
        elif order_id in self._in_commit and self._commit is not None:
            await asyncio.shield(self._commit)

    async def settled(self) -> None:
        """Wait until everything put down so far survives a crash."""
        if self._unsaved or self._unsaved_lagging or self._unsaved_settings:
            self._changed.set()
            await asyncio.shield(self._upcoming())
        elif self._commit is not None:
            await asyncio.shield(self._commit)

    async def run(self) -> None:
        """Commit for ever. A record that cannot be written ends the process: it judges others."""
        loop = asyncio.get_running_loop()
        while True:
            await self._changed.wait()
            self._changed.clear()
            orders = self._unsaved_lagging | self._unsaved
            settings = list(self._unsaved_settings.items())
            if not orders and not settings:
                continue
            rows = [_row(order) for order in orders.values()]
            self._in_commit = frozenset(orders)
            self._commit, self._next_commit = self._upcoming(), None
            self._unsaved.clear()
            self._unsaved_lagging.clear()
            self._unsaved_settings.clear()
            try:
                await loop.run_in_executor(self._thread, self._write, rows, settings)
            except sqlite3.Error:
                _log.exception("The record cannot be written")
                os._exit(EXIT_CODE_RECORD_LOST)
            self._commit.set_result(None)
            self._commit, self._in_commit = None, frozenset()

    def _upcoming(self) -> asyncio.Future[None]:
        if self._next_commit is None:
            self._next_commit = asyncio.get_running_loop().create_future()
        return self._next_commit

    def _write(self, rows: list[tuple[Any, ...]], settings: list[tuple[str, str]]) -> None:
        with self._writer:
            self._writer.execute("BEGIN")
            self._writer.executemany(UPSERT, rows)
            self._writer.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", settings)

    def find(self, order_id: str) -> Order | None:
        return self._one("SELECT document FROM orders WHERE order_id = ?", order_id)

    def find_ext(self, pos_id: str, ext_order_id: str) -> Order | None:
        return self._one(
            "SELECT document FROM orders WHERE pos_id = ? AND ext_order_id = ?",
            pos_id,
            ext_order_id,
        )

    def live_orders(self) -> list[Order]:
        rows = self._reader.execute("SELECT document FROM orders WHERE live = 1 ORDER BY seq")
        return [Order.from_json(document) for (document,) in rows]

    def page(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Read (sequence number, document) in creation order, at most `max_orders_per_page`."""
        return self._reader.execute(
            "SELECT seq, document FROM orders WHERE seq > ? ORDER BY seq LIMIT ?",
            (after, min(limit, max_orders_per_page)),
        ).fetchall()

    def captured_on(
        self, pos_id: str, begin: float, end: float, after: int
    ) -> list[tuple[int, str, str | None, int]]:
        """Read what was captured in a span: sequence number, both names, amount."""
        return self._reader.execute(
            "SELECT seq, order_id, ext_order_id, captured FROM orders "
            "WHERE seq > ? AND pos_id = ? AND captured > 0 "
            "AND json_extract(document, '$.changed_at') >= ? "
            "AND json_extract(document, '$.changed_at') < ? ORDER BY seq LIMIT ?",
            (after, pos_id, begin, end, max_orders_per_page),
        ).fetchall()

    def totals(self) -> list[dict[str, Any]]:
        rows = self._reader.execute(
            "SELECT pos_id, currency, status, count(*), sum(captured), sum(refunded) "
            "FROM orders GROUP BY pos_id, currency, status ORDER BY pos_id, currency, status"
        )
        names = ("pos_id", "currency", "status", "orders", "captured", "refunded")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def setting(self, name: str) -> str | None:
        row = self._reader.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    async def clear_orders(self) -> None:
        """Forget every order; settings stay."""
        await self.settled()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._delete_all)

    def _delete_all(self) -> None:
        with self._writer:
            self._writer.execute("BEGIN")
            self._writer.execute("DELETE FROM orders")

    def close(self) -> None:
        self._thread.shutdown(wait=True)
        self._writer.close()
        self._reader.close()
        self._lock.close()

    def _one(self, query: str, *arguments: str) -> Order | None:
        row = self._reader.execute(query, arguments).fetchone()
        return None if row is None else Order.from_json(row[0])


def _lock(path: Path) -> IO[str]:
    """Keep a second emulator off the same record: each would overwrite the other's orders."""
    lock = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise RecordInUseError(f"Another emulator keeps its record in {path}.") from error
    return lock


def _connect(path: Path) -> sqlite3.Connection:
    # Autocommit: transactions are opened by hand, so that reads never hold a snapshot open.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {pages_per_checkpoint}")
    return connection


def _row(order: Order) -> tuple[Any, ...]:
    return (
        order.order_id,
        order.pos_id,
        order.ext_order_id,
        order.currency,
        str(order.status),
        order.captured,
        order.refunded,
        int(order.is_live),
        order.to_json(),
    )
