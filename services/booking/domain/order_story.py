"""Why an order is as it is, in sentences for people who look into it: no personal data."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

MAX_KEPT_SENTENCES = 1_000
# By what happened; `{detail}` is what the entry says more.
_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "ORDER_PLACED": "The order was placed; the terms were accepted with it.",
        "PLACES_RESERVED": "The places of a card were set aside ({detail}).",
        "VOUCHER_RESERVED": "The value of a voucher was set aside ({detail}).",
        "PAYMENT_OPENED": "The payment page was opened for attempt {detail}.",
        "PAYMENT_DECLINED": "Payment attempt {detail} ended without money.",
        "PAYMENT_RETRIED": "The buyer began payment attempt {detail}.",
        "DEADLINE_EXTENDED": "The deadline was moved once, because the provider was away: {detail}.",
        "PAYMENT_GRANTED": "Payment attempt {detail} came in time: the seats are the buyer's.",
        "PAYMENT_RESCUED": "Payment attempt {detail} came late, and the same seats were still free.",
        "PAYMENT_CAPTURED": "The money of attempt {detail} was taken.",
        "SEATS_SOLD": "Nothing was due in money: the seats are the buyer's.",
        "PLACES_CAPTURED": "The places of a card were used ({detail}).",
        "VOUCHER_CAPTURED": "The value of a voucher was used ({detail}).",
        "PAYMENT_LOST": "The provider let the granted payment of attempt {detail} lapse before its"
        " money was taken: nothing was taken, and the seats are free again.",
        "PAYMENT_REFUNDED": "Money that made no ticket went back in full: {detail}.",
        "ORDER_CONFIRMED": "Everything was paid: the tickets are valid.",
        "CONFIRMATION_SENT_AGAIN": "The confirmation was sent again, because somebody asked.",
        "ORDER_EXPIRED": "The deadline passed without a payment: the seats are free again.",
        "ORDER_ABANDONED": "The buyer gave the order up: the seats are free again.",
        "ORDER_REFUSED": "The order could not be placed and the hold goes on: {detail}.",
        "ORDER_CANCELLED": "The order was cancelled as a whole ({detail}): its tickets admit nobody,"
        " its seats are free again, and what paid it goes back without the fees.",
        "REFUNDED_AT_TILL": "The till gave back what it had taken, by the same tender ({detail}).",
        "REFUND_SENT": "The money part was handed over to go back where it came from ({detail}).",
        "REFUND_COMPLETED": "The money part is back where it came from ({detail}).",
        "REFUND_FAILED": "The provider turned the refund down; it is tried again by itself: {detail}.",
        "REFUND_KEEPS_FAILING": "The refund was turned down again and again; it is still being tried,"
        " and people were told.",
        "FEE_REFUND_AGREED": "Two of the staff agreed that the service fee goes back, too.",
        "LEG_UNDONE": "What was reserved, opened or used was given back ({detail}).",
        "SCREENING_CANCELLED": "The cinema called the screening off ({detail}).",
        "SCREENING_TERMINATED": "The cinema stopped the screening while it ran.",
        "SCREENING_RESCHEDULED": "The cinema gave the screening another start: {detail}.",
        "SCREENING_FILM_REPLACED": "The cinema shows another film.",
        "SCREENING_MOVED": "The cinema moved the screening to another hall.",
        "REMEDY_OFFERED": "The buyer was told what can be asked for, and until when: {detail}.",
        "REMEDY_LAPSED": "Nobody asked for what was due, and it is too late now.",
        "REMEDY_REMINDED": "The buyer was reminded of what can be asked for.",
        "REMEDY_PROPOSED": "A remedy was asked for and waits for staff to approve it ({detail}).",
        "REMEDY_APPROVED": "Staff approved the remedy ({detail}).",
        "REMEDY_DECLINED": "Staff declined the remedy.",
        "REMEDY_REQUESTED": "The screening was called off and the buyer asked for a remedy ({detail}).",
        "VOUCHER_REQUESTED": "The money was set aside and a voucher was asked for.",
        "SEATS_MOVED": "The screening went to another hall, and the seats with it ({detail}).",
        "SEATS_LOST": "The screening went to another hall that has no seats for it ({detail}).",
        "REMEDY_GIVEN": "The remedy was given ({detail}).",
        "CONTACT_CORRECTED": "Who bought it was corrected ({detail}).",
        "COMPLAINT_RECEIVED": "The buyer complained ({detail}).",
        "COMPLAINT_ANSWERED": "The complaint was answered ({detail}).",
        "COMMENT_RECEIVED": "The buyer left a comment ({detail}).",
        "COMMENT_ANSWERED": "The comment was answered ({detail}).",
    }
)
_REFUSED = "Payment attempt {attempt} was refused and its money is not taken: {why}."
_REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "HOLD_EXPIRED": "it came after the deadline, and the seats could not be taken again",
        "ABANDONED": "the buyer had given the order up",
        "ALREADY_PAID": "the buyer has paid already, for this order or a newer one",
        "WRONG_AMOUNT": "the amount is not what the order costs",
        "SCREENING_CHANGED": "the screening was called off or changed",
    }
)


_SET_ASIDE = "Payment attempt {attempt} makes no ticket and goes back in full: {why}."
_CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "WRONG_AMOUNT": "its amount is not what the order costs",
        "CAPTURED_WITHOUT_GRANT": "the provider took it although it was refused or given up",
        "SECOND_PAYMENT": "the order was paid already",
    }
)


@lru_cache(maxsize=MAX_KEPT_SENTENCES)  # Most orders are told in the same ones.
def sentence_of(what: str, detail: str) -> str:
    """Write an entry of the timeline as a sentence; "" for what has none."""
    if what == "PAYMENT_REFUSED":
        attempt, _, refusal = detail.partition(" ")
        return _REFUSED.format(attempt=attempt, why=_REFUSALS.get(refusal, refusal))
    if what == "PAYMENT_SET_ASIDE":
        attempt, _, cause = detail.partition(" ")
        return _SET_ASIDE.format(attempt=attempt, why=_CAUSES.get(cause, cause))
    return _SENTENCES.get(what, "").format(detail=detail)
