"""Amounts, dates and times as people of a language write them."""

from collections.abc import Callable
from datetime import date, datetime

from services.common.money import Money

NO_BREAK_SPACE = "\u00a0"
NARROW_NO_BREAK_SPACE = "\u202f"

# ISO 4217: digits behind the point. Currencies that are not named have two.
_EXPONENTS = {"JPY": 0, "KWD": 3}
_DEFAULT_EXPONENT = 2
_SIGNS = {
    "ro": {"RON": "lei", "EUR": "€"},
    "fr": {"EUR": "€"},
    "en": {},
}
_DECIMAL_MARKS = {"ro": ",", "fr": ",", "en": "."}
_GROUP_MARKS = {"ro": ".", "fr": NARROW_NO_BREAK_SPACE, "en": ","}
_MIN_GROUPED_DIGITS = 4
# From 20 on, and again after each hundred, Romanian puts `de` between number and thing.
_ROMANIAN_DE = 20

_WEEKDAYS = {
    "ro": ("luni", "marți", "miercuri", "joi", "vineri", "sâmbătă", "duminică"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "ro": (
        "ianuarie", "februarie", "martie", "aprilie", "mai", "iunie",
        "iulie", "august", "septembrie", "octombrie", "noiembrie", "decembrie",
    ),
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


def amount_text(money: Money, language: str) -> str:
    """Write an amount: `64,00 lei`, `64,00 €`, `64.00 RON`."""
    exponent = _EXPONENTS.get(money.currency, _DEFAULT_EXPONENT)
    digits = str(abs(money.minor_units)).rjust(exponent + 1, "0")
    whole, rest = digits[: len(digits) - exponent], digits[len(digits) - exponent :]
    if len(whole) >= _MIN_GROUPED_DIGITS:
        whole = f"{int(whole):,}".replace(",", _GROUP_MARKS[language])
    number = f"{whole}{_DECIMAL_MARKS[language]}{rest}" if rest else whole
    sign = "-" if money.minor_units < 0 else ""
    unit = _SIGNS[language].get(money.currency, money.currency)
    return f"{sign}{number}{NO_BREAK_SPACE}{unit}"


def date_text(day: date, language: str) -> str:
    """Write a date: `22 noiembrie 2026`, `1er mars 2026`, `22 November 2026`."""
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[language][day.month - 1]} {day.year}"


def day_text(day: date, language: str) -> str:
    """Write a date with its weekday: `duminică, 22 noiembrie 2026`."""
    comma = "" if language == "fr" else ","
    return f"{_WEEKDAYS[language][day.weekday()]}{comma} {date_text(day, language)}"


def time_text(moment: datetime, language: str) -> str:
    """Write a time of day: `21:00`, in French `21 h 00`."""
    if language == "fr":
        return f"{moment.hour}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{moment.minute:02d}"
    return f"{moment.hour:02d}:{moment.minute:02d}"


def moment_text(moment: datetime, language: str) -> str:
    """Write date and time as they stand, without another zone: `..., ora 21:00`."""
    join = {"ro": ", ora ", "fr": " à ", "en": ", "}[language]
    return f"{day_text(moment.date(), language)}{join}{time_text(moment, language)}"


def counted_text(count: int, one: str, many: str, language: str) -> str:
    """Write a number of things: `1 loc`, `5 locuri`, `25 de locuri`."""
    if count == 1:
        return f"1{NO_BREAK_SPACE}{one}"
    joined = language == "ro" and not 0 < count % 100 < _ROMANIAN_DE
    return f"{count}{NO_BREAK_SPACE}{'de ' if joined else ''}{many}"


def writers(language: str) -> dict[str, Callable[..., str]]:
    """Give these functions for one language, under the names that templates use."""
    return {
        "amount": lambda money: amount_text(money, language),
        "date": lambda day: date_text(day, language),
        "day": lambda day: day_text(day, language),
        "moment": lambda moment: moment_text(moment, language),
        "counted": lambda count, one, many: counted_text(count, one, many, language),
    }
