"""Places new orders, many in one statement when many come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters import order_sql as sql
from services.booking.adapters.order_messages import event_message
from services.booking.adapters.order_rows import (
    allocation_rows,
    line_rows,
    new_leg_entries,
    policy_text,
    screening_json,
)
from services.booking.domain.order import Order
from services.booking.domain.order_events import OrderPlaced
from services.booking.domain.order_steps import TAKE_OVER_AFTER_MS
from services.common.db.database import Database
from services.common.db.outbox import Trace
from services.common.db.together import columns
from services.common.ids import new_id
from services.common.requests import RequestKey

_LINE_COLUMNS = 11
_ALLOCATION_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Placing:
    """A new order as the statement takes it: its own values, and those of its other rows."""

    order_id: UUID
    values: tuple[Any, ...]
    lines: list[tuple[Any, ...]]
    allocations: list[tuple[Any, ...]]
    legs: list[dict[str, Any]]


async def place_orders(
    database: Database, parts: Sequence[Placing], *, waits: bool
) -> list[Record | None]:
    """Run `PLACE` for all parts: the `Run` of `Together`."""
    rows = await database.fetch(
        sql.PLACE if waits else sql.PLACE_FREE,
        *zip(*(part.values for part in parts), strict=True),
        *columns([line for part in parts for line in part.lines], _LINE_COLUMNS),
        *columns([share for part in parts for share in part.allocations], _ALLOCATION_COLUMNS),
        json.dumps([leg for part in parts for leg in part.legs]),
    )
    placed = {row["id"]: row for row in rows}
    return [placed.get(part.order_id) for part in parts]


def placing_of(order: Order, key: RequestKey, min_time_left: timedelta, trace: Trace) -> Placing:
    """Write down a new order for `PLACE`."""
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
        ),
        line_rows(order.id, order.lines),
        allocation_rows(order.id, order.lines),
        new_leg_entries(order.id, order.legs),
    )
