"""Catalog's transactions: the chassis's, with the stores of cinemas, prices and screenings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.catalog.adapters.catalog_events import CatalogEvents
from services.catalog.adapters.cinemas import CinemaStoreRows
from services.catalog.adapters.films import FilmStoreRows
from services.catalog.adapters.halls import HallStoreRows
from services.catalog.adapters.holidays import HolidayStoreRows
from services.catalog.adapters.import_stage import ImportLimits, ImportStageRows
from services.catalog.adapters.price_lists import PriceStoreRows
from services.catalog.adapters.promotions import PromotionStoreRows
from services.catalog.adapters.screenings import ScreeningStoreRows
from services.catalog.adapters.staff_audit import StaffAuditRows
from services.catalog.adapters.terms import TermsStoreRows
from services.catalog.domain.cinema import Cinema
from services.common.db.database import Database
from services.common.db.idempotency import RequestStore
from services.common.db.transaction import AfterCommit, Transaction


@dataclass(slots=True)
class CatalogTransaction:
    """One transaction of the catalog."""

    inner: Transaction
    import_limits: ImportLimits
    cinemas: CinemaStoreRows = field(init=False)
    halls: HallStoreRows = field(init=False)
    films: FilmStoreRows = field(init=False)
    prices: PriceStoreRows = field(init=False)
    promotions: PromotionStoreRows = field(init=False)
    holidays: HolidayStoreRows = field(init=False)
    terms: TermsStoreRows = field(init=False)
    screenings: ScreeningStoreRows = field(init=False)
    events: CatalogEvents = field(init=False)
    audit: StaffAuditRows = field(init=False)

    def __post_init__(self) -> None:
        driver, outbox = self.inner.driver, self.inner.outbox
        self.cinemas = CinemaStoreRows(driver)
        self.halls = HallStoreRows(driver)
        self.films = FilmStoreRows(driver)
        self.prices = PriceStoreRows(driver)
        self.promotions = PromotionStoreRows(driver)
        self.holidays = HolidayStoreRows(driver)
        self.terms = TermsStoreRows(driver)
        self.screenings = ScreeningStoreRows(driver, outbox)
        self.events = CatalogEvents(driver, outbox)
        self.audit = StaffAuditRows(self.inner.audit)

    @property
    def requests(self) -> RequestStore:
        return self.inner.requests

    def import_stage(self, cinema: Cinema) -> ImportStageRows:
        return ImportStageRows(self.inner.driver, self.inner.outbox, cinema, self.import_limits)

    async def commit(self) -> None:
        await self.inner.commit()


@dataclass(frozen=True, slots=True)
class CatalogTransactions:
    """Opens transactions: `async with transactions() as tx: ...; await tx.commit()`.

    `forget_versions` is called after each commit, so that a process lists its own changes at once.
    """

    database: Database
    forget_versions: AfterCommit
    import_limits: ImportLimits = field(default_factory=ImportLimits)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[CatalogTransaction]:
        async with self.database.transaction() as inner:
            inner.after_commit(self.forget_versions)
            yield CatalogTransaction(inner, self.import_limits)
