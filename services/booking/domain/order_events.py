"""What an order tells the other services. No personal data."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from services.common.money import Money


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """An order was placed."""

    total: Money


@dataclass(frozen=True, slots=True)
class OrderConfirmed:
    """An order is paid and has its tickets."""

    account_id: UUID | None
    money_paid: Money
    tickets: int


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """The deadline passed without a payment, or the provider dropped the granted one."""


@dataclass(frozen=True, slots=True)
class OrderAbandoned:
    """An unpaid order was given up."""


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """An order could not be placed."""


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """A confirmed order was cancelled as a whole."""


@dataclass(frozen=True, slots=True)
class RefundVoucherRequested:
    """A voucher is to be issued; the payment's budget has been taken for it."""

    remedy_id: UUID
    value: Money
    account_id: UUID | None
    last_screening_date: str


@dataclass(frozen=True, slots=True)
class RemedyGiven:
    """A remedy was given. `voucher_id` is None when only places came back."""

    remedy_id: UUID
    voucher_id: UUID | None


OrderEvent: TypeAlias = (
    OrderPlaced
    | OrderConfirmed
    | OrderExpired
    | OrderAbandoned
    | OrderRefused
    | OrderCancelled
    | RefundVoucherRequested
    | RemedyGiven
)
