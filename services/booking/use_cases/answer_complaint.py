"""Answer a complaint."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.complaint import Complaint, ComplaintDecision
from services.booking.domain.staff import Staff
from services.booking.use_cases.complaint_ports import DeskTransactions, DeskTx
from services.common.requests import RequestKey

ANSWERED_MAIL = "complaint-answered"


@dataclass(frozen=True, slots=True)
class AnswerComplaint:
    """Answer once, by e-mail, noted in the order's timeline and audited: one transaction.

    COMPLAINT_NOT_FOUND, WRONG_CINEMA, COMPLAINT_ALREADY_ANSWERED.
    """

    transactions: DeskTransactions

    async def __call__(
        self,
        staff: Staff,
        complaint_id: UUID,
        decision: ComplaintDecision,
        text: str,
        key: RequestKey,
    ) -> Complaint:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            complaint = await tx.complaints.read_locked(complaint_id)
            staff.must_act_for(complaint.cinema_id)
            complaint.decide(decision, text)
            await tx.complaints.save_answer(complaint)
            contact_email = await _noted(tx, complaint, decision)
            if recipient := complaint.reply_email or contact_email:
                await tx.mails.add(
                    key=f"{ANSWERED_MAIL}:{complaint_id}",
                    kind=ANSWERED_MAIL,
                    recipient=recipient,
                    facts={"complaint_id": str(complaint_id)},
                )
            await tx.requests.store(key, complaint)
            await tx.audit.add(staff, "AnswerComplaint", str(complaint_id), (decision, text))
            await tx.commit()
        return complaint


async def _noted(tx: DeskTx, complaint: Complaint, decision: ComplaintDecision) -> str:
    """Note the answer in the timeline of the order, if any; gives the address of its contact."""
    if complaint.order is None:
        return ""
    order = await tx.orders.read_locked(complaint.order.order_id)
    order.note(f"{complaint.kind}_ANSWERED", f"{complaint.number} {decision}")
    await tx.orders.save(order)
    return order.contact.email
