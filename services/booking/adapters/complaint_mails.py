"""Makes the e-mails about complaints and comments when they are sent."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.booking.adapters.letter_facts import letter_facts
from services.booking.adapters.order_mails import Words
from services.booking.domain.complaint import Complaint
from services.booking.use_cases.complaint_ports import ComplaintReads
from services.booking.use_cases.order_ports import OrderReads
from services.common.mail.letters import Letters, known_language
from services.common.mail.local_text import writers
from services.common.mail.message import Rendered
from services.common.mail.queue import Mail

COMPLAINT_MAILS = frozenset({"complaint-received", "comment-received", "complaint-answered"})


@dataclass(frozen=True, slots=True)
class ComplaintMails:
    """Renders the letters in the language of the complaint; English when it has no other."""

    complaints: ComplaintReads
    orders: OrderReads
    words: Words
    letters: Letters
    public_url: str

    async def __call__(self, mail: Mail) -> Rendered:
        complaint = await self.complaints.read(UUID(mail.facts["complaint_id"]))
        language = known_language(complaint.language)
        facts = await self._facts(complaint, language)
        return self.letters.write(mail.kind, language, facts)

    async def _facts(self, complaint: Complaint, language: str) -> dict[str, Any]:
        answer = "" if complaint.answer is None else complaint.answer.text
        paragraphs = [part for part in answer.splitlines() if part.strip()]
        facts = {**writers(language), "complaint": complaint, "answer": paragraphs, "order": None}
        if complaint.order is None:
            return facts
        order = await self.orders.read(complaint.order.order_id)
        words = await self.words.of_cinema(order.screening.cinema_id)
        return facts | letter_facts(order, (), words, language, public_url=self.public_url)
