"""Booking's PrivacyService on a process, with a wallet and a payment that keep their promises."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from cinema.booking.v1.privacy_service_pb2_grpc import (
    PrivacyServiceStub,
    add_PrivacyServiceServicer_to_server,
)

from services.booking.adapters.erasures import StoredErasures
from services.booking.adapters.order_store import OrderDatabase
from services.booking.adapters.privacy_rows import SubjectReader
from services.booking.adapters.staff_audit import StaffReadRows
from services.booking.domain.erasure import Losses
from services.booking.domain.privacy import Person
from services.booking.domain.privacy_errors import ErasureBlockedError
from services.booking.handlers.privacy_servicer import PrivacyServicer
from services.booking.use_cases.choose_processing import ChooseProcessing, GetPrivacySettings
from services.booking.use_cases.erase_customer import DriveErasure, EraseCustomer
from services.booking.use_cases.export_customer import ExportCustomer
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.person_access import PersonAccess
from services.booking.use_cases.privacy_ports import Correction, WalletPage
from services.booking.use_cases.rectify_customer import RectifyCustomer
from services.common.db.database import Database
from services.common.errors import DependencyUnavailableError
from services.common.ids import new_id
from services.common.money import Money
from services.common.rpc.paging import PageTokens
from services.common.subjects import SubjectRecord
from tests.kit.booking_orders import TOKENS
from tests.kit.booking_rpc import served


@dataclass
class FakeWalletSubjects:
    """A wallet with two pages about anybody; `is_away` and `blocked_by` stand in the way."""

    purchase_id: UUID
    is_away: bool = False
    blocked_by: list[str] = field(default_factory=list)
    erased: list[tuple[UUID, UUID]] = field(default_factory=list)
    rectified: list[tuple[UUID, Correction]] = field(default_factory=list)
    stopped: dict[UUID, bool] = field(default_factory=dict)

    async def page(self, person: Person, page_token: str, request_id: UUID) -> WalletPage:
        del person, request_id
        self._answer()
        if not page_token:
            return WalletPage([SubjectRecord("profile", '{"surname": "Ionescu"}')], "2")
        purchase = f'{{"id": "{self.purchase_id}"}}'
        return WalletPage([SubjectRecord("card_purchase", purchase)], "")

    async def erase(self, account_id: UUID, subject_id: UUID, *, dry_run: bool) -> Losses:
        self._answer()
        if self.blocked_by:
            raise ErasureBlockedError(self.blocked_by)
        if not dry_run:
            self.erased.append((account_id, subject_id))
        return Losses(3, 10, [Money("RON", 500)], [self.purchase_id])

    async def rectify(self, account_id: UUID, correction: Correction) -> None:
        self._answer()
        self.rectified.append((account_id, correction))

    async def stop_reminders(self, account_id: UUID, *, stopped: bool) -> None:
        self._answer()
        self.stopped[account_id] = stopped

    def _answer(self) -> None:
        if self.is_away:
            raise DependencyUnavailableError("wallet")


@dataclass
class FakePaymentSubjects:
    """A payment that knows every purchase."""

    is_away: bool = False
    blocked_by: list[str] = field(default_factory=list)
    erased: list[UUID] = field(default_factory=list)

    async def records(self, reference_ids: Sequence[UUID]) -> Sequence[SubjectRecord]:
        return [SubjectRecord("payment", f'{{"reference_id": "{each}"}}') for each in reference_ids]

    async def erase(self, reference_ids: Sequence[UUID], *, dry_run: bool) -> None:
        if self.is_away:
            raise DependencyUnavailableError("payment")
        if self.blocked_by:
            raise ErasureBlockedError(self.blocked_by)
        if not dry_run:
            self.erased += reference_ids


@dataclass
class Privacy:
    """The calls, and what stands behind them."""

    calls: Any
    wallet: FakeWalletSubjects
    payment: FakePaymentSubjects
    drive: DriveErasure

    async def drive_due(self) -> None:
        """Do what the worker does."""
        for erasure in await self.drive.erasures.take_due(10):
            await self.drive(erasure)


@asynccontextmanager
async def privacy_served(database: Database, transactions: Any) -> AsyncIterator[Privacy]:
    """Serve PrivacyService."""
    subjects, erasures = SubjectReader(database), StoredErasures(database)
    wallet, payment = FakeWalletSubjects(new_id()), FakePaymentSubjects()
    drive = DriveErasure(subjects, wallet, payment, erasures, transactions)
    servicer = PrivacyServicer(
        access=PersonAccess(OrderAccess(OrderDatabase(database), TOKENS, StaffReadRows(database))),
        export_customer=ExportCustomer(subjects, wallet, payment, transactions),
        erase_customer=EraseCustomer(
            subjects, wallet, payment, erasures, transactions, drive, new_id
        ),
        rectify_customer=RectifyCustomer(wallet, transactions),
        choose_processing=ChooseProcessing(subjects, wallet, transactions),
        get_privacy_settings=GetPrivacySettings(subjects),
        page_tokens=PageTokens.from_secret(b"pages"),
    )
    async with served(partial(add_PrivacyServiceServicer_to_server, servicer)) as channel:
        yield Privacy(PrivacyServiceStub(channel), wallet, payment, drive)
