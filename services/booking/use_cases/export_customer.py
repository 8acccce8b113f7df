"""Tell what the three services keep about a person."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.booking.domain.privacy import Person
from services.booking.use_cases.privacy_ports import (
    Asker,
    PaymentSubjects,
    PrivacyTransactions,
    Subjects,
    WalletSubjects,
)
from services.common.subjects import SubjectPlace, SubjectRecord


class WalletPlace(NamedTuple):
    """Where to go on in the wallet."""

    page_token: str


class Told(NamedTuple):
    """A record and the service that keeps it."""

    service: str
    record: SubjectRecord


class ExportPage(NamedTuple):
    records: Sequence[Told]
    next_place: SubjectPlace | WalletPlace | None


@dataclass(frozen=True, slots=True)
class ExportCustomer:
    """Give a page: booking's own first, then the wallet's; payment's story beside each purchase.

    Payment knows purchases only, and is asked about those that the page tells of.
    """

    subjects: Subjects
    wallet: WalletSubjects
    payment: PaymentSubjects
    transactions: PrivacyTransactions

    async def __call__(
        self,
        asker: Asker,
        person: Person,
        place: SubjectPlace | WalletPlace | None,
        request_id: UUID,
    ) -> ExportPage:
        if place is None:
            await self._note(asker, person, request_id)
        if isinstance(place, WalletPlace):
            found = await self.wallet.page(person, place.page_token, request_id)
            token = found.next_page_token
            payments = await self._payments(found.records, "card_purchase")
            records = [Told("wallet", record) for record in found.records]
            return ExportPage([*records, *payments], WalletPlace(token) if token else None)
        page = await self.subjects.page(person, place)
        payments = await self._payments(page.records, "order")
        records = [Told("booking", record) for record in page.records]
        return ExportPage([*records, *payments], page.next_place or WalletPlace(""))

    async def _payments(self, records: Sequence[SubjectRecord], kind: str) -> list[Told]:
        purchases = [UUID(json.loads(each.json)["id"]) for each in records if each.kind == kind]
        return [Told("payment", each) for each in await self.payment.records(purchases)]

    async def _note(self, asker: Asker, person: Person, request_id: UUID) -> None:
        async with self.transactions() as tx:
            await tx.privacy.note_access(person, request_id, "EXPORT", asker.name)
            if asker.officer:
                await tx.audit.add(asker.officer, "ExportCustomer", f"access/{request_id}", "")
            await tx.commit()
