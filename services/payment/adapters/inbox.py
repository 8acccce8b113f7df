"""The inbox of notifications, by the digest of their bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from services.common.db.database import Database
from services.common.db.together import PartColumns, Together, part_arguments
from services.common.gathering import Pace
from services.payment.adapters.payment_rows import notification_row
from services.payment.adapters.payment_saving import Runner
from services.payment.domain.refund import RefundEffect
from services.payment.domain.report import Effect
from services.payment.use_cases.ports import NotificationFacts

_COLUMNS = PartColumns(
    "digest bytea, pos_id text, ext_order_id text, provider_order_id text, status text, effect text"
)
_ADD = """
WITH loose AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO notification (digest, pos_id, ext_order_id, provider_order_id, status, effect)
SELECT notice.* FROM ({PARTS}) notice, loose ON CONFLICT DO NOTHING RETURNING digest"""
_ADD_ONE, _ADD_MANY = (_ADD.replace("{PARTS}", each) for each in (_COLUMNS.one(), _COLUMNS.many()))


@dataclass(slots=True)
class SqlInbox:
    """Notifications from which nothing was learnt: a crash may lose them, and they share commits.

    The others are stored with what they changed.
    """

    database: Database
    min_interval_ms: int = 0
    _adding: Together[tuple[Any, ...], bool] = field(init=False)

    def __post_init__(self) -> None:
        run = partial(_add_notifications, self.database)
        self._adding = Together(run, pace=Pace(self.min_interval_ms))

    async def add(self, facts: NotificationFacts, effect: Effect | RefundEffect) -> bool:
        return bool(await self._adding(notification_row(facts, effect)))


async def _add_notifications(
    runner: Runner, parts: Sequence[tuple[Any, ...]], *, waits: bool
) -> list[bool | None]:
    del waits
    # The same one twice in a statement is stored, and true, once.
    wanted = {part[0]: part for part in reversed(parts)}
    alone = len(wanted) == 1
    query = _ADD_ONE if alone else _ADD_MANY
    rows = await runner.fetch(query, *part_arguments([*wanted.values()], alone=alone))
    added = {row["digest"] for row in rows}
    return [True if part is wanted[part[0]] and part[0] in added else None for part in parts]
