"""Makes the e-mails about orders when they are sent: nothing personal waits in the queue."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from services.booking.adapters.cinema_words import CinemaWords, TermsTexts
from services.booking.adapters.letter_facts import letter_facts
from services.booking.adapters.order_calendar import calendar_of
from services.booking.domain.order import Order
from services.booking.domain.screening import RemedyMode, ScreeningFacts
from services.booking.domain.ticket import Ticket
from services.booking.use_cases.order_ports import OrderStore
from services.common.mail.letters import Letters, known_language
from services.common.mail.message import Attachment, Image, Rendered
from services.common.mail.queue import Mail
from services.common.turns import Turns

CONFIRMATION = "order-confirmed"
CONTRACT = "_contract"
CHANGED = "screening-changed"
# Kinds that take the entry out of the calendar again.
CALLED_OFF = frozenset({"order-cancelled", "screening-cancelled"})

VoucherCode = Callable[[UUID], Awaitable[str]]
# What catalog says of a screening now; a refusal when it does not answer.
FactsNow = Callable[[UUID], Awaitable[ScreeningFacts]]


class Words(Protocol):
    """What is asked from catalog."""

    async def of_cinema(self, cinema_id: str) -> CinemaWords: ...

    async def terms(self, policy_code: str, otc_version: str) -> TermsTexts: ...


@dataclass(frozen=True, slots=True)
class OrderMails:
    """Renders the letters of booking in the buyer's language; English when it has no other.

    A voucher's code is fetched at this moment and kept nowhere. `address` is the sender's. Their
    orders are read together; each is written in a turn of its own, so that nobody's tickets wait for
    a dozen letters.
    """

    orders: OrderStore
    voucher_code: VoucherCode
    now: FactsNow
    words: Words
    letters: Letters
    draw: Callable[[bytes], bytes]
    public_url: str
    address: str
    turns: Turns = field(default_factory=Turns)

    async def __call__(self, mail: Mail) -> Rendered:
        order, tickets = await self.orders.read_with_tickets(UUID(mail.facts["order_id"]))
        await self.turns.wait()
        language = known_language(order.language)
        is_confirmation = mail.kind == CONFIRMATION
        words = await self.words.of_cinema(order.screening.cinema_id)
        facts = letter_facts(
            order,
            tickets,
            words,
            language,
            public_url=self.public_url,
            has_images=is_confirmation,
        )
        mode, may_keep = order.policy.remedy_mode, bool(mail.facts.get("may_keep"))
        facts |= {
            "given": mail.facts,
            "gives_itself": mode == RemedyMode.AUTO and not may_keep,
            "may_choose": mode == RemedyMode.CUSTOMER_CHOICE,
        }
        if order.remedy is not None and order.remedy.voucher_id is not None:
            facts["voucher_code"] = await self.voucher_code(order.remedy.voucher_id)
        attachments = []
        if is_confirmation:
            contract = await self._contract(order, facts, language)
            attachments = [contract, calendar_of(order, words, self.address)]
        elif mail.kind == CHANGED:
            now = facts["now"] = await self.now(order.screening_id)
            attachments = [calendar_of(order, words, self.address, now=now)]
        elif mail.kind in CALLED_OFF:
            attachments = [calendar_of(order, words, self.address, is_cancelled=True)]
        return self.letters.write(
            mail.kind,
            language,
            facts,
            images=self._images(tickets) if is_confirmation else (),
            attachments=tuple(attachments),
        )

    def _images(self, tickets: Sequence[Ticket]) -> tuple[Image, ...]:
        return tuple(Image(ticket.number, self.draw(ticket.qr_payload)) for ticket in tickets)

    async def _contract(self, order: Order, facts: dict[str, Any], language: str) -> Attachment:
        """Write the contract: what was bought, and the terms word for word."""
        texts = await self.words.terms(order.policy.code, order.terms.otc_version)
        text = self.letters.text(CONTRACT, language, facts)
        whole = "\n\n".join(part.strip() for part in (text, texts.otc, texts.gtc) if part) + "\n"
        return Attachment(
            f"contract-{order.number}.txt",
            "text/plain; charset=utf-8",
            whole.replace("\n", "\r\n").encode(),
        )
