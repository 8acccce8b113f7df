"""The lines of a price list, and which of them wins for a screening."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.common.money import Money

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
MINUTES_OF_A_DAY = 24 * 60
STANDARD_FORMAT = "2D"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What prices depend on besides type and area.

    `local_start` is the cinema's wall clock; `format` the one a screening is listed under, one of
    its `formats`.
    """

    local_start: datetime
    public_holiday: bool
    format: str
    formats: tuple[str, ...]

    @property
    def weekday(self) -> int:
        return self.local_start.isoweekday()

    @property
    def minute(self) -> int:
        return self.local_start.hour * 60 + self.local_start.minute


@dataclass(frozen=True, slots=True)
class AdmissionPrice:
    """What each admission of one type costs inside a package."""

    ticket_type: str
    price: Money


@dataclass(frozen=True, slots=True)
class PriceLine:
    """The price of a type in an area, for the screenings that it matches.

    ISO `weekdays` of the local start: none means every day, or with `public_holidays` these only.
    `from_minute` of the local day is included, `before_minute` is not. `admission_prices` split
    a package's price.
    """

    ticket_type: str
    area: str
    weekdays: tuple[int, ...]
    price: Money
    format: str = ""
    from_minute: int = 0
    before_minute: int = MINUTES_OF_A_DAY
    public_holidays: bool = False
    admission_prices: tuple[AdmissionPrice, ...] = ()

    def days(self) -> tuple[int, ...]:
        if self.weekdays or self.public_holidays:
            return self.weekdays
        return EVERY_DAY

    @property
    def minutes(self) -> int:
        return self.before_minute - self.from_minute

    def matches(self, occasion: Occasion) -> bool:
        on_day = occasion.weekday in self.days() or (
            self.public_holidays and occasion.public_holiday
        )
        return (
            on_day
            and self.format in ("", occasion.format)
            and self.from_minute <= occasion.minute < self.before_minute
        )

    def rank(self, occasion: Occasion) -> tuple[bool, bool, int, int]:
        """Order the lines that match: the lowest rank is the most specific one."""
        names_the_holiday = occasion.public_holiday and self.public_holidays
        return (not self.format, not names_the_holiday, len(self.days()), self.minutes)

    def ties_with(self, other: "PriceLine") -> bool:
        """Whether both may match one screening with the same rank, so that none of them wins."""
        share_a_day = bool(set(self.days()) & set(other.days())) or (
            self.public_holidays and other.public_holidays
        )
        return (
            share_a_day
            and self.group() == other.group()
            and self.from_minute < other.before_minute
            and other.from_minute < self.before_minute
        )

    def group(self) -> tuple[str, str, str, int, int]:
        """Name what lines must have in common to tie."""
        return (self.ticket_type, self.area, self.format, len(self.days()), self.minutes)


def winner(lines: Iterable[PriceLine], occasion: Occasion) -> PriceLine | None:
    """Give the most specific line that matches.

    A line for the format comes first, then on a public holiday one that names them, then the one
    for the fewest weekdays, then the one for the shortest time of day.
    """
    matching = (line for line in lines if line.matches(occasion))
    return min(matching, key=lambda line: line.rank(occasion), default=None)
