"""Submit a complaint about an order, or a plain comment."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.booking.domain.complaint import (
    Complaint,
    ComplaintKind,
    ComplaintScope,
    OrderInQuestion,
    calendar_years,
    terms_for,
)
from services.booking.domain.complaint_errors import (
    OrderNumberUnknownError,
    TooManyComplaintsError,
)
from services.booking.domain.order import Order
from services.booking.use_cases.complaint_ports import (
    CommentLimiter,
    DeskTransactions,
    DeskTx,
    Holidays,
    NewNumber,
    OrderNumbers,
)
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import Reader
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.requests import RequestKey

NO_HOLIDAYS: AbstractSet[date] = frozenset()
RECEIVED_MAIL = {
    ComplaintKind.COMPLAINT: "complaint-received",
    ComplaintKind.COMMENT: "comment-received",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What the customer says; `address` is the network's, by which comments are limited."""

    kind: ComplaintKind
    order_number: str
    scope: ComplaintScope
    text: str
    reply_email: str
    language: str
    address: str

    def must_be_sound(self) -> None:
        """Raise INVALID_FIELD for a complaint about nothing, and for what nobody can answer."""
        if self.kind is ComplaintKind.COMPLAINT and not self.order_number.strip():
            raise InvalidRequestError(FieldViolation("order_number", "is needed for a complaint"))
        if not self.text.strip():
            raise InvalidRequestError(FieldViolation("text", "must say something"))
        if not self.order_number.strip() and not self.reply_email:
            raise InvalidRequestError(
                FieldViolation("reply_email", "is needed without an order number")
            )


@dataclass(frozen=True, slots=True)
class SubmitComplaint:
    """Take it, tell by e-mail that it came, and note it in the order's timeline: one transaction.

    A complaint is judged by the order's terms and by the database's clock, read after the order's
    row is locked. Catalog may be asked for holidays before that.
    """

    numbers: OrderNumbers
    access: OrderAccess
    holidays: Holidays
    limiter: CommentLimiter
    transactions: DeskTransactions
    new_id: Callable[[], UUID]
    new_number: NewNumber
    max_complaints_per_order: int

    async def __call__(self, words: Words, reader: Reader, key: RequestKey) -> Complaint:
        words.must_be_sound()
        order = await self._order(words.order_number, reader)
        if words.kind is ComplaintKind.COMMENT:
            await self._let_pass(words, reader, key)
        holidays = await self._holidays(words.kind, order)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            complaint = await self._taken(tx, words, reader, order, holidays)
            await tx.complaints.add(complaint)
            await tx.requests.store(key, complaint)
            if reader.staff is not None:
                about = (complaint.kind, complaint.scope, order.id if order else None)
                await tx.audit.add(reader.staff, "SubmitComplaint", str(complaint.id), about)
            await tx.commit()
        return complaint

    async def _order(self, number: str, reader: Reader) -> Order | None:
        """Find the order among those of the number; somebody else's is as unknown as none."""
        if not number.strip():
            return None
        staff = reader.staff
        for order in await self.numbers.numbered(number):
            if self.access.owns(order, reader):
                return order
            if staff is not None and staff.acts_for(order.screening.cinema_id):
                return order
        raise OrderNumberUnknownError

    async def _let_pass(self, words: Words, reader: Reader, key: RequestKey) -> None:
        """Refuse too many comments, but give a repeat its answer."""
        if reader.staff is not None:
            return
        wait_ms = await self.limiter.wait_ms(reader.principal, words.address)
        if wait_ms:
            async with self.transactions() as tx:
                await tx.requests.claim(key)  # Not committed: a claim that is new is given back.
            raise TooManyComplaintsError(retry_after_ms=wait_ms)

    async def _holidays(self, kind: ComplaintKind, order: Order | None) -> AbstractSet[date]:
        if order is None or kind is not ComplaintKind.COMPLAINT:
            return NO_HOLIDAYS
        screening = order.screening
        years = calendar_years(order.read_at, screening.time_zone)
        return await self.holidays.of_years(screening.country_code, years)

    async def _taken(
        self,
        tx: DeskTx,
        words: Words,
        reader: Reader,
        seen: Order | None,
        holidays: AbstractSet[date],
    ) -> Complaint:
        if seen is None:
            complaint = self._complaint(words, reader, None, await tx.complaints.now())
            await _tell(tx, complaint, complaint.reply_email)
            return complaint
        await tx.orders.lock(seen.id)
        if await tx.complaints.count_of_order(seen.id) >= self.max_complaints_per_order:
            raise TooManyComplaintsError
        order = await tx.orders.read(seen.id, with_timeline=True)
        complaint = self._complaint(words, reader, order, order.read_at)
        if words.kind is ComplaintKind.COMPLAINT:
            complaint.terms = terms_for(order, order.read_at, holidays)
        order.note(f"{words.kind}_RECEIVED", _detail(complaint))
        await tx.orders.save(order)
        await _tell(tx, complaint, complaint.reply_email or order.contact.email)
        return complaint

    def _complaint(
        self, words: Words, reader: Reader, order: Order | None, now: datetime
    ) -> Complaint:
        wrote_it_down = reader.staff is not None
        return Complaint(
            id=self.new_id(),
            number=f"C-{self.new_number()}",
            kind=words.kind,
            scope=words.scope,
            text=words.text,
            order=None if order is None else _in_question(order),
            owner="" if wrote_it_down else reader.principal,
            account_id=order.account_id if order is not None else reader.account_id,
            reply_email=words.reply_email,
            language=words.language or (order.language if order is not None else ""),
            received_at=now,
            read_at=now,
        )


def _in_question(order: Order) -> OrderInQuestion:
    return OrderInQuestion(order.screening_id, order.id, order.number, order.screening.cinema_id)


def _detail(complaint: Complaint) -> str:
    return f"{complaint.number} LATE" if complaint.is_late else complaint.number


async def _tell(tx: DeskTx, complaint: Complaint, recipient: str) -> None:
    if recipient:  # An order whose contact was erased has nobody to tell.
        kind = RECEIVED_MAIL[complaint.kind]
        facts = {"complaint_id": str(complaint.id)}
        await tx.mails.add(
            key=f"{kind}:{complaint.id}", kind=kind, recipient=recipient, facts=facts
        )
