"""Places new orders, many in one statement when many come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.leg_rows import legs_text
from services.booking.adapters.order_messages import event_message
from services.booking.adapters.order_rows import (
    lines_text,
    policy_text,
    screening_json,
)
from services.booking.domain.order import Order
from services.booking.domain.order_events import OrderPlaced
from services.booking.domain.order_steps import TAKE_OVER_AFTER_MS
from services.common.db.database import Database
from services.common.db.outbox import Trace
from services.common.db.together import PartColumns
from services.common.ids import new_id
from services.common.requests import RequestKey

_COLUMNS = PartColumns(
    "screening_id uuid, id uuid, hold_id uuid, owner text, min_seconds_left float8, method text, "
    "request_id uuid, fingerprint bytea, number text, account_id uuid, channel text, "
    "currency text, total bigint, money_due bigint, gtc_version text, otc_version text, "
    "policy text, screening text, return_url text, take_over_ms float8, first_name text, "
    "last_name text, email text, language text, ip_address text, event_id uuid, event_type text, "
    "payload bytea, correlation_id text, traceparent text, hold_changes integer, lines text, "
    "legs text"
)
# Many orders are placed by one statement; each stands for itself. A hold's row decides: it is locked
# first, whoever has it, and only then the clock is read by which it is judged. (A condition of the
# update itself would be judged before the wait, and again only if the row changed meanwhile.) A
# claim that exists breaks the unique key, and with it everything.
_PLACE = """
WITH {SHARED}locked AS (
    SELECT wanted.id
    FROM hold JOIN {WANTED}
        ON hold.screening_id = wanted.screening_id AND hold.id = wanted.hold_id
    FOR NO KEY UPDATE OF hold {SKIPS}
), free AS MATERIALIZED (
    SELECT id, app_clock() AS now FROM locked
), bound AS (
    UPDATE hold SET state = 'ORDERED', order_id = wanted.id
    FROM {WANTED} JOIN free USING (id)
    WHERE hold.screening_id = wanted.screening_id AND hold.id = wanted.hold_id
      AND hold.owner = wanted.owner AND hold.state = 'ACTIVE' AND hold.changes = wanted.hold_changes
      AND hold.expires_at > free.now
      AND hold.expires_at >= free.now + make_interval(secs => wanted.min_seconds_left)
    RETURNING wanted.*, hold.expires_at, hold.extended_by_s, hold.promotion, free.now
), claim AS (
    INSERT INTO request (principal, method, request_id, fingerprint, work_id)
    SELECT owner, method, request_id, fingerprint, id FROM bound
), placed AS (
    INSERT INTO customer_order (screening_id, id, number, hold_id, owner, account_id, channel,
        state, currency, total, money_due, gtc_version, otc_version, accepted_at, policy,
        screening, promotion, return_url, request_id, created_at, expires_at, extended_by_s,
        next_step_at, event_version, lines, legs, timeline)
    SELECT screening_id, id, number, hold_id, owner, account_id, channel, 'PLACED', currency, total,
        money_due, gtc_version, otc_version, now, policy::jsonb, screening::jsonb, promotion,
        return_url, request_id, now, expires_at, extended_by_s,
        now + make_interval(secs => take_over_ms / 1000), 1, lines::json, legs::json,
        ARRAY['["' || now || '",[["ORDER_PLACED",""]]]']
    FROM bound
), contact AS (
    INSERT INTO order_contact (screening_id, order_id, first_name, last_name, email, language,
        ip_address)
    SELECT screening_id, id, first_name, last_name, email, language, ip_address FROM bound
), told AS (
    INSERT INTO outbox (id, type, aggregate_id, aggregate_version, payload, correlation_id,
        traceparent)
    SELECT event_id, event_type, id::text, 1, payload, correlation_id, traceparent FROM bound
)
SELECT id, bound.now, bound.expires_at, bound.extended_by_s FROM free LEFT JOIN bound USING (id)"""


@dataclass(frozen=True, slots=True)
class Placing:
    """A new order as the statement takes it."""

    order_id: UUID
    values: tuple[Any, ...]


async def place_orders(
    database: Database, parts: Sequence[Placing], *, waits: bool
) -> list[Record | None]:
    """Place all parts: the `Run` of `Together`."""
    wanted, arguments = _COLUMNS.told([part.values for part in parts])
    rows = await database.fetch(_place(wanted, waits=waits), *arguments)
    placed = {row["id"]: row for row in rows}
    return [placed.get(part.order_id) for part in parts]


@cache
def _place(wanted: str, *, waits: bool) -> str:
    """Give the statement; unless it waits it leaves out whose hold somebody else has locked."""
    if waits:  # Plain values stand where they are used: no part of the plan of their own.
        return _PLACE.format(SHARED="", WANTED=f"({wanted}) AS wanted", SKIPS="")
    return _PLACE.format(SHARED=f"wanted AS ({wanted}), ", WANTED="wanted", SKIPS="SKIP LOCKED")


def placing_of(
    order: Order, key: RequestKey, min_time_left: timedelta, hold_changes: int, trace: Trace
) -> Placing:
    """Write down a new order for the statement."""
    contact = order.contact
    return Placing(
        order.id,
        (
            order.screening_id,
            order.id,
            order.hold_id,
            order.owner,
            min_time_left.total_seconds(),
            key.method,
            key.request_id,
            key.fingerprint,
            order.number,
            order.account_id,
            order.channel,
            order.currency,
            order.total.minor_units,
            order.money_due.minor_units,
            order.terms.gtc_version,
            order.terms.otc_version,
            policy_text(order.policy),
            screening_json(order.screening),
            order.return_url,
            float(TAKE_OVER_AFTER_MS),
            contact.first_name,
            contact.last_name,
            contact.email,
            contact.language,
            contact.ip_address,
            new_id(),
            OrderPlaced.__name__,
            event_message(order, OrderPlaced(order.total)).SerializeToString(),
            trace.correlation_id,
            trace.traceparent,
            hold_changes,
            lines_text(order.lines),
            legs_text(order.legs),
        ),
    )
