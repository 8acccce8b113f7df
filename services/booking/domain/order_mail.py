"""The e-mails that an order sends its buyer; each kind at most once for an order."""

from enum import StrEnum


class MailKind(StrEnum):
    """What an e-mail tells; also the name of its templates."""

    REMEDY_VOUCHER = "remedy-voucher"
    REMEDY_PLACES = "remedy-places"
    ORDER_CANCELLED = "order-cancelled"
    REFUND_DONE = "refund-done"
    REFUND_FAILED = "refund-failed"
