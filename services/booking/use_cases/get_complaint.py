"""Get a complaint."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.complaint import Complaint
from services.booking.domain.complaint_errors import ComplaintNotFoundError
from services.booking.use_cases.complaint_ports import ComplaintReads
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import OrderReads, Reader
from services.booking.use_cases.staff_reads import StaffReads


@dataclass(frozen=True, slots=True)
class GetComplaint:
    """Give it to who wrote it, to whoever the order belongs to, and to customer service, audited."""

    complaints: ComplaintReads
    orders: OrderReads
    access: OrderAccess
    staff_reads: StaffReads

    async def __call__(self, complaint_id: UUID, reader: Reader) -> Complaint:
        complaint = await self.complaints.read(complaint_id)
        if await self._is_own(complaint, reader):
            return complaint
        if reader.staff is None or not reader.staff.acts_for(complaint.cinema_id):
            raise ComplaintNotFoundError(complaint_id)
        await self.staff_reads.note(reader.staff, "GetComplaint", [str(complaint_id)])
        return complaint

    async def _is_own(self, complaint: Complaint, reader: Reader) -> bool:
        if complaint.owner == reader.principal:
            return True
        if complaint.account_id is not None:
            return complaint.account_id == reader.account_id
        if complaint.order is None:
            return False
        order = await self.orders.read(complaint.order.order_id)
        return self.access.owns(order, reader)
