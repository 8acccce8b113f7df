"""Money: a currency and a whole number of its smallest units."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from services.common.errors import FieldViolation, InvalidRequestError

MAX_MINOR_UNITS = 2**63 - 1
MIN_MINOR_UNITS = -(2**63)

_CURRENCY_CODE = re.compile(r"[A-Z]{3}")


class CurrencyMismatchError(ValueError):
    """Two currencies met in one sum: a bug, never the customer's fault."""


class MoneyOverflowError(InvalidRequestError):
    """The amount does not fit in 64 bits."""

    def __init__(self) -> None:
        super().__init__(FieldViolation("money", "the amount is out of range"))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (`Money("RON", 250)` is 2.50 lei), checked to fit an int64."""

    currency: str
    minor_units: int

    def __post_init__(self) -> None:
        if not _is_currency_code(self.currency):
            raise ValueError(f"{self.currency!r} is not an ISO 4217 code")
        if type(self.minor_units) is not int:
            raise TypeError("minor units are whole numbers")
        if not MIN_MINOR_UNITS <= self.minor_units <= MAX_MINOR_UNITS:
            raise MoneyOverflowError

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(currency, 0)

    @classmethod
    def sum(cls, amounts: Sequence["Money"], *, currency: str) -> "Money":
        """Add up; no amounts make zero of the currency."""
        minor_units = 0
        for amount in amounts:
            if amount.currency != currency:
                raise _mismatch(currency, amount.currency)
            minor_units += amount.minor_units
        return cls(currency, minor_units)

    def __add__(self, other: "Money") -> "Money":
        self._must_match(other)
        return Money(self.currency, self.minor_units + other.minor_units)

    def __sub__(self, other: "Money") -> "Money":
        self._must_match(other)
        return Money(self.currency, self.minor_units - other.minor_units)

    def __mul__(self, count: int) -> "Money":
        if type(count) is not int:
            raise TypeError("money is multiplied by whole numbers only")
        return Money(self.currency, self.minor_units * count)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money(self.currency, -self.minor_units)

    def __bool__(self) -> bool:
        return self.minor_units != 0

    def __lt__(self, other: "Money") -> bool:
        self._must_match(other)
        return self.minor_units < other.minor_units

    def __le__(self, other: "Money") -> bool:
        self._must_match(other)
        return self.minor_units <= other.minor_units

    def __gt__(self, other: "Money") -> bool:
        return other < self

    def __ge__(self, other: "Money") -> bool:
        return other <= self

    def __str__(self) -> str:
        return f"{self.minor_units} {self.currency} minor units"

    def allocate(self, weights: Sequence[int]) -> list["Money"]:
        """Split by weights without losing a unit: the largest remainders get one more.

        Equal remainders go to the earlier part. The weights are zero or more and not all zero.
        """
        total_weight = sum(weights)
        if total_weight <= 0 or min(weights) < 0:
            raise ValueError("weights must be zero or more, and not all zero")
        sign = -1 if self.minor_units < 0 else 1
        amount = abs(self.minor_units)
        shares = [amount * weight // total_weight for weight in weights]
        by_remainder = sorted(
            range(len(weights)), key=lambda part: -(amount * weights[part] % total_weight)
        )
        for part in by_remainder[: amount - sum(shares)]:
            shares[part] += 1
        return [Money(self.currency, sign * share) for share in shares]

    def _must_match(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise _mismatch(self.currency, other.currency)


@lru_cache(maxsize=256)  # Amounts are made by the dozen for each call, of one or two currencies.
def _is_currency_code(text: str) -> bool:
    return _CURRENCY_CODE.fullmatch(text) is not None


def _mismatch(one: str, other: str) -> CurrencyMismatchError:
    return CurrencyMismatchError(f"{one} met {other}")
