"""PayU's refunds: what we send, and reading what it says in all the shapes it has for them."""

from typing import Any, Final

from services.common.money import Money
from services.payment.adapters.payu.statuses import MAX_AMOUNT_DIGITS, MAX_ID_CHARACTERS
from services.payment.domain.refund import RefundReport, RefundStatus
from services.payment.use_cases.refund_ports import RefundOrder

STATUSES: Final = {
    "PENDING": RefundStatus.PENDING,
    "FINALIZED": RefundStatus.COMPLETED,
    "CANCELED": RefundStatus.CANCELLED,
}
# The same for ever: the provider compares it when a refund is sent again.
DESCRIPTION: Final = "Refund"
BARE_LIST: Final = "[]"
MAX_CODE_CHARACTERS: Final = 60


class UnreadableRefundError(ValueError):
    """A document that is not a refund of PayU's."""


def refund_body(order: RefundOrder) -> dict[str, Any]:
    """Write the body of a refund: always with our reference, or equal refunds would be one."""
    return {
        "refund": {
            "description": DESCRIPTION,
            "amount": str(order.amount.minor_units),
            "currencyCode": order.amount.currency,
            "extRefundId": order.provider_reference,
        }
    }


def read_refund_document(
    document: Any, *, pos_id: str, provider_order_id: str, proved: bool
) -> RefundReport:
    """Read one refund. `extRefundId` may be left out by the provider, nothing else may."""
    if not isinstance(document, dict):
        raise UnreadableRefundError("not an object")
    status = STATUSES.get(_text(document, "status"))
    digits = _text(document, "amount")
    if status is None or not digits.isascii() or not digits.isdigit():
        raise UnreadableRefundError("status or amount")
    if len(digits) > MAX_AMOUNT_DIGITS:
        raise UnreadableRefundError("amount")
    try:
        amount = Money(_text(document, "currencyCode"), int(digits))
    except ValueError:
        raise UnreadableRefundError("currency") from None
    failure = document.get("statusError")
    code = failure.get("code") if isinstance(failure, dict) else None
    return RefundReport(
        pos_id=pos_id,
        provider_order_id=provider_order_id,
        provider_reference=_text(document, "extRefundId"),
        provider_refund_id=_text(document, "refundId"),
        status=status,
        amount=amount,
        failure_code=code[:MAX_CODE_CHARACTERS] if isinstance(code, str) else "",
        proved=proved,
    )


def documents_of(body: dict[str, Any]) -> list[Any]:
    """List the refunds of an answer: a list under a name, `false` for none, or a bare list."""
    found = body.get("refunds", body.get(BARE_LIST))
    return found if isinstance(found, list) else []


def is_named(document: Any, order: RefundOrder) -> bool:
    """Tell whether a document of a list is the refund that is looked for."""
    if not isinstance(document, dict):
        return False
    named = document.get("extRefundId")
    if named is None and order.provider_refund_id:
        return bool(document.get("refundId") == order.provider_refund_id)
    return bool(named == order.provider_reference)


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str) or len(value) > MAX_ID_CHARACTERS or "\x00" in value:
        raise UnreadableRefundError(name)
    return value
