"""Refund vouchers."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.common.money import Money


@dataclass(frozen=True, slots=True)
class VoucherRequest:
    """Booking's word that a voucher is due: exactly one per remedy."""

    remedy_id: UUID
    order_id: UUID
    account_id: UUID | None
    value: Money
    last_screening_date: date


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher without its code."""

    id: UUID
    order_id: UUID
    value: Money
    left: Money
    last_screening_date: date
