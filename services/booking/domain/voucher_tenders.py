"""Vouchers in an order: tickets first, then supplements, then fees; money pays the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.booking.domain.order_leg import LegKind, LegState, OrderLeg
from services.booking.domain.order_lines import PAYMENT_LEG, Allocation, OrderLine, Part
from services.common.money import Money


@dataclass(frozen=True, slots=True)
class VoucherTender:
    """A voucher that is to pay: by its code, or by its ID when it is the account's own."""

    code: str = ""
    voucher_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class VoucherOption:
    """A voucher that the wallet would take for the screening, and what is left of it."""

    voucher_id: UUID
    left: Money


def spread_vouchers(
    lines: Sequence[OrderLine], vouchers: Sequence[VoucherOption]
) -> tuple[tuple[OrderLine, ...], list[OrderLeg]]:
    """Let vouchers pay in the place of money, one after the other, part by part.

    Gives the lines with one allocation for each (line, part, leg), and a leg for each voucher that
    pays something. One that is named twice pays once.
    """
    if not vouchers:
        return tuple(lines), []
    shares = [list(line.allocations) for line in lines]
    legs: list[OrderLeg] = []
    for option in {each.voucher_id: each for each in vouchers}.values():
        name = f"voucher-{len(legs) + 1}"
        left = option.left
        for part in Part:
            for line_shares in shares:
                left -= _pay(line_shares, part, name, left)
        if left < option.left:
            legs.append(_leg(name, option, option.left - left))
    paid = (
        replace(line, allocations=tuple(line_shares))
        for line, line_shares in zip(lines, shares, strict=True)
    )
    return tuple(paid), legs


def _pay(shares: list[Allocation], part: Part, leg: str, left: Money) -> Money:
    """Turn what money pays of a line's part over to a voucher; gives how much that is."""
    for position, share in enumerate(shares):
        if share.leg != PAYMENT_LEG or share.part is not part:
            continue
        amount = min(share.amount, left)
        if not amount:
            break
        rest = share.amount - amount
        shares[position : position + 1] = [
            each
            for each in (Allocation(part, leg, amount), Allocation(part, PAYMENT_LEG, rest))
            if each.amount
        ]
        return amount
    return Money.zero(left.currency)


def _leg(name: str, option: VoucherOption, amount: Money) -> OrderLeg:
    return OrderLeg(
        name=name,
        kind=LegKind.VOUCHER,
        state=LegState.PENDING,
        attempt=1,
        amount=amount,
        voucher_id=option.voucher_id,
    )
