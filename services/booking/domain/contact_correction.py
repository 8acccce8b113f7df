"""Correcting who bought an order: which parts changed is told, what they say is not."""

from dataclasses import replace
from uuid import UUID

from services.booking.domain.order import Contact, Order
from services.booking.domain.resending import ContactErasedError
from services.common.errors import DomainError, ErrorKind

CORRECTED = "CONTACT_CORRECTED"
MAX_CORRECTIONS = 20


class ContactCorrectedTooOftenError(DomainError):
    """The contact was corrected as often as it can be."""

    kind = ErrorKind.RESOURCE_EXHAUSTED
    reason = "CONTACT_CORRECTED_TOO_OFTEN"

    def __init__(self, order_id: UUID) -> None:
        super().__init__(
            f"The contact of an order is corrected {MAX_CORRECTIONS} times at most.",
            order_id=order_id,
            max_times=MAX_CORRECTIONS,
        )


def correct_contact(order: Order, contact: Contact) -> bool:
    """Take over another contact, noting its parts; false when it is the same.

    The network's address stays: it is of the purchase. The order is read with its timeline.
    CONTACT_ERASED, CONTACT_CORRECTED_TOO_OFTEN.
    """
    before = order.contact
    if not before.email:
        raise ContactErasedError(order.id)
    changed = {
        "name": (before.first_name, before.last_name) != (contact.first_name, contact.last_name),
        "email": before.email != contact.email,
        "language": before.language != contact.language,
    }
    parts = [part for part, is_changed in changed.items() if is_changed]
    if not parts:
        return False
    if sum(entry.what == CORRECTED for entry in order.timeline) >= MAX_CORRECTIONS:
        raise ContactCorrectedTooOftenError(order.id)
    order.contact = replace(contact, ip_address=before.ip_address)
    order.note(CORRECTED, " ".join(parts))
    return True
