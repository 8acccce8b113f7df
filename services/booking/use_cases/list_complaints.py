"""List complaints."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.booking.domain.complaint import Complaint
from services.booking.domain.staff import Staff
from services.booking.use_cases.complaint_ports import (
    ComplaintFilter,
    ComplaintPlace,
    ComplaintReads,
)
from services.booking.use_cases.staff_reads import StaffReads


@dataclass(frozen=True, slots=True)
class ListComplaints:
    """Give those of the cinemas of the staff's token, the oldest first; each one is audited.

    One more than the page takes is given: it tells whether there is another page.
    """

    complaints: ComplaintReads
    staff_reads: StaffReads

    async def __call__(
        self, staff: Staff, wanted: ComplaintFilter, after: ComplaintPlace | None, page_size: int
    ) -> Sequence[Complaint]:
        found = await self.complaints.list(wanted, after, page_size + 1)
        shown = [str(complaint.id) for complaint in found[:page_size]]
        await self.staff_reads.note(staff, "ListComplaints", shown)
        return found
