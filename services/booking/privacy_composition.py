"""Puts the privacy calls together, for the RPC process and the worker."""

from services.booking.adapters.erasures import ERASURES_ARE_DUE, StoredErasures
from services.booking.adapters.order_store import OrderDatabase
from services.booking.adapters.privacy_rows import SubjectReader
from services.booking.adapters.staff_audit import StaffReadRows
from services.booking.adapters.subject_clients import (
    PaymentSubjectsClient,
    WalletSubjectsClient,
)
from services.booking.composition import Parts
from services.booking.handlers.privacy_servicer import PrivacyServicer
from services.booking.order_parts import order_tokens
from services.booking.use_cases.choose_processing import ChooseProcessing, GetPrivacySettings
from services.booking.use_cases.erase_customer import DriveErasure, EraseCustomer
from services.booking.use_cases.export_customer import ExportCustomer
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.person_access import PersonAccess
from services.booking.use_cases.rectify_customer import RectifyCustomer
from services.common.bus.purge import PURGES_ARE_DUE, BusPurge
from services.common.ids import new_id
from services.common.rpc.paging import PageTokens
from services.common.worker import Worker

MAX_ERASURES_AT_ONCE = 20


def privacy_servicer(parts: Parts, page_tokens: PageTokens) -> PrivacyServicer:
    """Make the servicer with its use cases."""
    subjects = SubjectReader(parts.database)
    wallet, payment = _peers(parts)
    transactions, drive = parts.transactions, drive_erasure(parts)
    store, reads = OrderDatabase(parts.database), StaffReadRows(parts.database)
    return PrivacyServicer(
        access=PersonAccess(OrderAccess(store, order_tokens(parts.settings), reads)),
        export_customer=ExportCustomer(subjects, wallet, payment, transactions),
        erase_customer=EraseCustomer(
            subjects, wallet, payment, drive.erasures, transactions, drive, new_id
        ),
        rectify_customer=RectifyCustomer(wallet, transactions),
        choose_processing=ChooseProcessing(subjects, wallet, transactions),
        get_privacy_settings=GetPrivacySettings(subjects),
        page_tokens=page_tokens,
    )


def drive_erasure(parts: Parts) -> DriveErasure:
    """Make what carries erasures on."""
    wallet, payment = _peers(parts)
    return DriveErasure(
        SubjectReader(parts.database),
        wallet,
        payment,
        StoredErasures(parts.database),
        parts.transactions,
    )


def add_privacy_tasks(worker: Worker, parts: Parts) -> None:
    """Carry erasures on, and purge from the bus what was erased."""
    drive = drive_erasure(parts)

    async def drive_due() -> None:
        for erasure in await drive.erasures.take_due(MAX_ERASURES_AT_ONCE):
            await drive(erasure)

    worker.add_due("drive-erasures", drive_due, due=ERASURES_ARE_DUE)
    purge = BusPurge(parts.settings.service_name, parts.database, parts.bus)
    worker.add_due("purge-bus", purge, due=PURGES_ARE_DUE)


def _peers(parts: Parts) -> tuple[WalletSubjectsClient, PaymentSubjectsClient]:
    timeout_ms = parts.settings.privacy_call_timeout_ms
    return (
        WalletSubjectsClient(parts.wallet, timeout_ms),
        PaymentSubjectsClient(parts.payment, timeout_ms),
    )
