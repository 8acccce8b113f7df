"""What the wallet knows of a person."""

from calendar import isleap
from dataclasses import dataclass
from datetime import date

_LEAP_DAY = (2, 29)
_DAY_BEFORE = (2, 28)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person, as far as birthday places, reminders and e-mails need it."""

    birth_date: date | None = None
    surname: str = ""
    email: str = ""
    language: str = ""
    reminders_agreed: bool = False


def birthdays_on(day: date) -> list[tuple[int, int]]:
    """Give the birthdays, month and day, that fall on a day.

    Who was born on 29 February has it on the 28th when the year has no 29th.
    """
    found = [(day.month, day.day)]
    if found == [_DAY_BEFORE] and not isleap(day.year):
        found.append(_LEAP_DAY)
    return found
