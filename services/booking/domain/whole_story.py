"""An order's story across the services: what each of them did, in the order of time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from services.booking.domain.order import Order
from services.booking.domain.order_story import sentence_of


class Teller(StrEnum):
    """Which service tells."""

    BOOKING = "booking"
    PAYMENT = "payment"
    WALLET = "wallet"


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """Something that happened, by whom, as a code with its particulars and as a sentence."""

    time: datetime
    teller: Teller
    what: str
    detail: str
    text: str
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class StoryPart:
    """What one service tells; `is_cut` when there is more, `problem` when it tells nothing now."""

    teller: Teller
    entries: Sequence[StoryEntry] = ()
    is_cut: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WholeStory:
    """All of it, oldest first. `missing` are the parts that are told nothing or not all of."""

    order: Order
    entries: Sequence[StoryEntry]
    missing: Sequence[StoryPart]


# By who tells and what happened; `{detail}` is what the entry says more.
_SENTENCES: Mapping[tuple[Teller, str], str] = MappingProxyType(
    {
        (Teller.BOOKING, "EVENT"): "The other services were told: {detail}.",
        (Teller.BOOKING, "MAIL_QUEUED"): "An e-mail was written ({detail}).",
        (Teller.BOOKING, "MAIL_SENT"): "The mail server took an e-mail ({detail}).",
        (Teller.BOOKING, "MAIL_GIVEN_UP"): "An e-mail could not be sent ({detail}).",
        (Teller.BOOKING, "TICKET_ADMITTED"): "Somebody was let in ({detail}).",
        (Teller.BOOKING, "TICKET_DENIED"): "Somebody was turned away at the door ({detail}).",
        (Teller.BOOKING, "TICKET_DENIED_FINALLY"): "Somebody was refused for good ({detail}).",
        (Teller.BOOKING, "TICKET_RE_ENTERED"): "Somebody was let in again ({detail}).",
        (
            Teller.BOOKING,
            "TICKET_CONFLICT",
        ): "A ticket was used twice without connection ({detail}).",
        (Teller.PAYMENT, "EVENT"): "The other services were told: {detail}.",
        (Teller.PAYMENT, "PAYMENT_CREATED"): "A payment was begun over {detail}.",
        (Teller.PAYMENT, "PAYMENT_GIVEN_UP"): "The payment was given up before it was begun.",
        (Teller.PAYMENT, "ATTEMPT_GRANTED"): "Booking granted attempt {detail}.",
        (Teller.PAYMENT, "ATTEMPT_REFUSED"): "Booking refused attempt {detail}.",
        (Teller.PAYMENT, "CAPTURE_SENT"): "The provider was told to take attempt {detail}.",
        (Teller.PAYMENT, "BOOKED"): "It was put on the books: {detail}.",
        (Teller.PAYMENT, "REFUND_REQUESTED"): "Money is given back: {detail}.",
        (Teller.PAYMENT, "REFUND_COMPLETED"): "The provider gave the money back: {detail}.",
        (Teller.PAYMENT, "BUDGET_SPENT"): "Money was set aside for a voucher: {detail}.",
        (Teller.PAYMENT, "PUT_ASIDE"): "Money that contradicts the record was put aside: {detail}.",
        (Teller.PAYMENT, "EXCEPTION_ENDED"): "What was put aside has come to its end: {detail}.",
        (Teller.WALLET, "PLACES_RESERVE"): "Places were set aside ({detail}).",
        (Teller.WALLET, "PLACES_CAPTURE"): "Places were used ({detail}).",
        (Teller.WALLET, "PLACES_RELEASE"): "Places were freed ({detail}).",
        (Teller.WALLET, "PLACES_RESTORE"): "Places came back with their old date ({detail}).",
        (Teller.WALLET, "PLACES_GRACE"): "Places came back with a later date ({detail}).",
        (Teller.WALLET, "VOUCHER_RESERVE"): "Value of a voucher was set aside ({detail}).",
        (Teller.WALLET, "VOUCHER_CAPTURE"): "Value of a voucher was used ({detail}).",
        (Teller.WALLET, "VOUCHER_RELEASE"): "Value of a voucher was freed ({detail}).",
        (Teller.WALLET, "VOUCHER_RESTORE"): "Value came back to its voucher ({detail}).",
        (Teller.WALLET, "POINTS_EARN"): "Points are pending ({detail}).",
        (Teller.WALLET, "POINTS_POST"): "Points were credited ({detail}).",
        (Teller.WALLET, "POINTS_VOID"): "Pending points are gone ({detail}).",
        (Teller.WALLET, "POINTS_TAKE_BACK"): "Points were taken back ({detail}).",
        (Teller.WALLET, "RELEASED_BEFORE_RESERVED"): "A leg was freed before it came ({detail}).",
    }
)


def entry_of(
    teller: Teller, time: datetime, what: str, detail: str, correlation_id: str = ""
) -> StoryEntry:
    """Make an entry with its sentence; "" for what has none."""
    text = _SENTENCES.get((teller, what), "").format(detail=detail)
    return StoryEntry(time, teller, what, detail, text, correlation_id)


def whole_story(order: Order, parts: Iterable[StoryPart]) -> WholeStory:
    """Put the order's timeline and what the services tell in the order of time."""
    parts = list(parts)
    timeline = [
        StoryEntry(
            entry.time, Teller.BOOKING, entry.what, entry.detail,
            sentence_of(entry.what, entry.detail),
        )
        for entry in order.timeline
    ]  # fmt: skip
    entries = [*timeline, *(entry for part in parts for entry in part.entries)]
    return WholeStory(
        order,
        sorted(entries, key=lambda entry: entry.time),
        [part for part in parts if part.problem or part.is_cut],
    )
