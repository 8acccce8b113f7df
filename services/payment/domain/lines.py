"""What a payment is made of, and which parts of it go back first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.common.errors import FieldViolation, InvalidRequestError
from services.common.money import Money


class LineKind(StrEnum):
    """What is paid for, in the order in which it is given back: fees and goods last."""

    TICKETS = "TICKETS"
    SUPPLEMENTS = "SUPPLEMENTS"
    PREPAID_CARDS = "PREPAID_CARDS"
    GOODS = "GOODS"
    SERVICE_FEES = "SERVICE_FEES"


_ORDER: Final = {kind: place for place, kind in enumerate(LineKind)}


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """`amount` is in minor units of the payment's currency."""

    kind: LineKind
    amount: int


def whole(kind: LineKind, amount: Money) -> tuple[PaymentLine, ...]:
    """Make the only line of a payment whose owner did not say more."""
    return (PaymentLine(kind, amount.minor_units),)


def check_lines(lines: Sequence[tuple[LineKind, Money]], total: Money) -> tuple[PaymentLine, ...]:
    """Check the parts of a payment: each kind once, more than zero, summing to the total."""
    amounts = [amount for _, amount in lines]
    if any(amount.currency != total.currency or amount.minor_units <= 0 for amount in amounts):
        problem = "must be amounts above zero in the payment's currency"
    elif len({kind for kind, _ in lines}) != len(lines):
        problem = "must name each kind once"
    elif sum(amount.minor_units for amount in amounts) != total.minor_units:
        problem = "must sum to the amount"
    else:
        return tuple(PaymentLine(kind, amount.minor_units) for kind, amount in lines)
    raise InvalidRequestError(FieldViolation("lines", problem))


def fees_of(lines: Sequence[PaymentLine]) -> int:
    """Add up the service fees, in minor units."""
    return sum(line.amount for line in lines if line.kind is LineKind.SERVICE_FEES)


def given_back(
    lines: Sequence[PaymentLine], before: int, amount: int
) -> Iterator[tuple[LineKind, int]]:
    """Tell which lines an amount comes from when `before` has gone back already, line by line.

    What goes back is taken line by line in the order of `LineKind`, so nothing need be kept of
    how earlier amounts were split, and no line ever gives more than it has.
    """
    begin, end = before, before + amount
    start = 0
    for line in sorted(lines, key=lambda each: _ORDER[each.kind]):
        part = min(end, start + line.amount) - max(begin, start)
        if part > 0:
            yield line.kind, part
        start += line.amount
