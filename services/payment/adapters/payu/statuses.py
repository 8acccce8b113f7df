"""PayU's words for where an order stands, and reading its order documents."""

from typing import Any, Final

from services.common.money import Money
from services.payment.domain.report import OrderReport
from services.payment.domain.states import OrderStatus

STATUSES: Final = {
    "NEW": OrderStatus.PENDING,
    "PENDING": OrderStatus.PENDING,
    "WAITING_FOR_CONFIRMATION": OrderStatus.AUTHORIZED,
    "COMPLETED": OrderStatus.CAPTURED,
    "CANCELED": OrderStatus.CANCELLED,
    "REJECTED": OrderStatus.CANCELLED,
}
MAX_AMOUNT_DIGITS: Final = 15
MAX_ID_CHARACTERS: Final = 100


class UnreadableOrderError(ValueError):
    """A document that is not an order of PayU's."""


def read_order(document: Any, *, proved: bool) -> OrderReport:
    """Read an order document. Numbers are strings; anything unexpected is unreadable."""
    if not isinstance(document, dict):
        raise UnreadableOrderError("not an object")
    status = STATUSES.get(_text(document, "status"))
    digits = _text(document, "totalAmount")
    if status is None or not (digits.isascii() and digits.isdigit()):
        raise UnreadableOrderError("status or amount")
    if len(digits) > MAX_AMOUNT_DIGITS:
        raise UnreadableOrderError("amount")
    try:
        amount = Money(_text(document, "currencyCode"), int(digits))
    except ValueError:
        raise UnreadableOrderError("currency") from None
    return OrderReport(
        pos_id=_text(document, "merchantPosId"),
        provider_order_id=_text(document, "orderId"),
        ext_order_id=_text(document, "extOrderId"),
        status=status,
        amount=amount,
        proved=proved,
    )


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or len(value) > MAX_ID_CHARACTERS or "\x00" in value:
        raise UnreadableOrderError(name)
    return value
