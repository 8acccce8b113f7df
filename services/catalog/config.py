"""Catalog's settings: `PARTERRE_CATALOG_*`."""

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from services.catalog.adapters.import_stage import ImportLimits
from services.catalog.handlers.admin_limits import AdminLimits
from services.common.config import ServiceSettings

Count = Annotated[int, Field(ge=1, le=1_000)]
Milliseconds = Annotated[int, Field(ge=1, le=600_000)]


class CatalogSettings(ServiceSettings):
    """What the catalog reads at start besides what all services share."""

    service_name: ClassVar[str] = "catalog"

    # How long after the published start seats are still sold.
    sales_end_after_start_minutes: Annotated[int, Field(ge=0, le=240)] = 15

    # How long booking is asked for orders, and told of a screening that is off.
    booking_call_timeout_ms: Milliseconds = 1_500

    # What a process remembers of listings: how old it may be (0: it is checked at each call), and
    # of how many screenings, about 1 KiB each.
    max_listing_age_ms: Annotated[int, Field(ge=0, le=1_000)] = 250
    max_listed_screenings: Annotated[int, Field(ge=1_000, le=1_000_000)] = 30_000

    # Imports: the file, how many at once and waiting, and what their transaction may take.
    max_feed_bytes: Annotated[int, Field(ge=1_024, le=1024 * 1024 * 1024)] = 64 * 1024 * 1024
    max_concurrent_imports: Count = 4
    max_queued_imports: Annotated[int, Field(ge=0, le=10_000)] = 32
    max_import_wait_ms: Milliseconds = 10_000
    import_statement_timeout_ms: Milliseconds = 60_000
    import_lock_timeout_ms: Milliseconds = 30_000

    def sales_end_after_start(self) -> timedelta:
        return timedelta(minutes=self.sales_end_after_start_minutes)

    def import_limits(self) -> ImportLimits:
        return ImportLimits(self.import_statement_timeout_ms, self.import_lock_timeout_ms)

    def admin_limits(self) -> AdminLimits:
        return AdminLimits(
            max_feed_bytes=self.max_feed_bytes,
            max_concurrent_imports=self.max_concurrent_imports,
            max_queued_imports=self.max_queued_imports,
            max_import_wait_ms=self.max_import_wait_ms,
            sales_end_after_start=self.sales_end_after_start(),
        )
