"""The worker's part of the audit: compares finished days, and keeps the metrics true."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import Gauge

from services.common.errors import DomainError
from services.common.logging import get_logger
from services.payment.use_cases.audit_ports import AuditReader, SettlementScope
from services.payment.use_cases.compare_days import CompareDays
from services.payment.use_cases.ports import PointOfSale, ProviderDownError, ProviderRefusedError

_log = get_logger(__name__)
_parts = Gauge(
    "payment_settlement_minor_units", "What the captured money became.", ["currency", "part"]
)
_open = Gauge("payment_exceptions_open", "Contradictions that have not ended.", ["currency"])
PARTS = ("captured", "refunds_pending", "refunded", "vouchers", "exceptions", "unexplained")


@dataclass(frozen=True, slots=True)
class AuditLoop:
    """Runs every `interval_ms`; without a provider's list only the metrics are kept."""

    audit: AuditReader
    compare_days: CompareDays | None
    points_of_sale: Sequence[PointOfSale]
    interval_ms: int = 300_000

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.run_once()
            except (DomainError, ProviderDownError, ProviderRefusedError) as error:
                _log.warning("audit_postponed", problem=type(error).__name__)
            await asyncio.sleep(self.interval_ms / 1_000)

    async def run_once(self) -> None:
        """Add up the books, then compare the days that are over."""
        for found in await self.audit.settlements(SettlementScope()):
            for part in PARTS:
                _parts.labels(found.currency, part).set(getattr(found, part))
            _open.labels(found.currency).set(found.open_exceptions)
            if found.unexplained:
                _log.error("money_unexplained", currency=found.currency, units=found.unexplained)
        if self.compare_days is not None:
            for point_of_sale in self.points_of_sale:
                await self._compare(self.compare_days, point_of_sale)

    async def _compare(self, compare_days: CompareDays, point_of_sale: PointOfSale) -> None:
        for day in await compare_days.due(point_of_sale):
            tell = _log.error if day.differences else _log.info
            tell("day_compared", pos_id=day.pos_id, day=str(day.day), orders=day.orders,
                 differences=day.differences)  # fmt: skip
