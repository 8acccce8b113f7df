"""Our side of a day, and the provider's list of it over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import aiohttp

from services.common.db.database import Database
from services.payment.use_cases.audit_ports import ListedOrder, ProviderDay
from services.payment.use_cases.ports import ProviderDownError

_CAPTURED_BY = """
SELECT a.ext_order_id, p.captured FROM payment_attempt a JOIN payment p ON p.id = a.payment_id
WHERE a.state = 'CAPTURED' AND a.ext_order_id = ANY ($1)
UNION ALL
SELECT ext_order_id, reported_amount FROM exception_case c
WHERE c.ext_order_id = ANY ($1) AND EXISTS (SELECT FROM refund r WHERE r.id = c.id)"""
_CAPTURED_ON = """
SELECT a.ext_order_id, a.provider_order_id, p.captured
FROM journal_entry e JOIN payment_attempt a ON e.key = 'capture:' || a.ext_order_id
JOIN payment p ON p.id = a.payment_id
WHERE e.kind = 'CAPTURE' AND a.pos_id = $1 AND e.occur_time >= $2 AND e.occur_time < $3"""
_KEEP = """
INSERT INTO provider_day (pos_id, day, orders, currency, captured, differences)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (pos_id, day) DO UPDATE SET orders = excluded.orders,
    captured = excluded.captured, differences = excluded.differences, compare_time = app_clock()"""
_MISSING = """
SELECT day::date FROM generate_series(
    (SELECT min(occur_time AT TIME ZONE 'UTC')::date FROM journal_entry WHERE kind = 'CAPTURE'),
    (app_clock() AT TIME ZONE 'UTC')::date - 1, interval '1 day') AS day
WHERE NOT EXISTS (SELECT FROM provider_day d WHERE d.pos_id = $1 AND d.day = day::date)
ORDER BY day LIMIT $2"""
CALL_TIMEOUT_S = 20.0
MAX_PAGES = 1_000


@dataclass(frozen=True, slots=True)
class SqlDays:
    """The port `DayStore`."""

    database: Database

    async def captured_by(self, ext_order_ids: Sequence[str]) -> dict[str, int]:
        rows = await self.database.fetch(_CAPTURED_BY, ext_order_ids)
        return {row["ext_order_id"]: row["captured"] for row in rows}

    async def captured_on(self, pos_id: str, day: date) -> dict[str, ListedOrder]:
        begin = datetime.combine(day, time(), UTC)
        rows = await self.database.fetch(_CAPTURED_ON, pos_id, begin, begin + timedelta(days=1))
        return {
            row["ext_order_id"]: ListedOrder(
                row["provider_order_id"], row["ext_order_id"], row["captured"]
            )
            for row in rows
        }

    async def keep(self, day: ProviderDay) -> None:
        await self.database.execute(
            _KEEP,
            day.pos_id,
            day.day,
            day.orders,
            day.captured.currency,
            day.captured.minor_units,
            day.differences,
        )

    async def missing_days(self, pos_id: str, limit: int) -> Sequence[date]:
        return [row["day"] for row in await self.database.fetch(_MISSING, pos_id, limit)]


@dataclass(frozen=True, slots=True)
class HttpProviderList:
    """Reads the list page by page from an address that we were given for it."""

    session: aiohttp.ClientSession
    url: str

    async def orders_of(self, pos_id: str, day: date) -> Sequence[ListedOrder]:
        found: list[ListedOrder] = []
        after: int | None = 0
        for _ in range(MAX_PAGES):
            if after is None:
                break
            query = {"pos_id": pos_id, "day": day.isoformat(), "after": str(after)}
            page = await self._page(query)
            found += [
                ListedOrder(each["orderId"], each["extOrderId"] or "", int(each["captured"]))
                for each in page["orders"]
            ]
            after = page["next_after"]
        return found

    async def _page(self, query: dict[str, str]) -> Any:
        timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S)
        try:
            async with self.session.get(
                self.url, params=query, timeout=timeout, allow_redirects=False
            ) as response:
                response.raise_for_status()
                return await response.json()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise ProviderDownError(type(error).__name__, was_sent=False) from error
