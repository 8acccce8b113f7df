"""Amounts, dates and counts, as people of each language write them."""

from datetime import date, datetime

import pytest

from services.common.mail.local_text import amount_text, counted_text, date_text, moment_text
from services.common.money import Money


@pytest.mark.parametrize(
    ("money", "language", "text"),
    [
        (Money("RON", 6_400), "ro", "64,00 lei"),
        (Money("RON", 6_400), "en", "64.00 RON"),
        (Money("EUR", 1_250), "fr", "12,50 €"),
        (Money("EUR", 5), "fr", "0,05 €"),
        (Money("RON", 123_456_789), "ro", "1.234.567,89 lei"),
        (Money("RON", 123_456_789), "en", "1,234,567.89 RON"),
        (Money("EUR", 123_456_789), "fr", "1\u202f234\u202f567,89 €"),
        (Money("RON", -250), "ro", "-2,50 lei"),
        (Money("JPY", 1_500), "en", "1,500 JPY"),
        (Money("KWD", 1_500), "en", "1.500 KWD"),
    ],
)
def test_an_amount_is_written_as_its_readers_write_it(
    money: Money, language: str, text: str
) -> None:
    assert amount_text(money, language).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ro", "duminică, 22 noiembrie 2026, ora 21:05"),
        ("fr", "dimanche 22 novembre 2026 à 21 h 05"),
        ("en", "Sunday, 22 November 2026, 21:05"),
    ],
)
def test_a_moment_has_its_weekday_and_its_month_in_words(language: str, text: str) -> None:
    moment = datetime(2026, 11, 22, 21, 5)  # noqa: DTZ001 - the cinema's clock on the wall.

    assert moment_text(moment, language).replace("\u00a0", " ") == text


def test_the_first_of_a_month_is_an_ordinal_in_french_alone() -> None:
    first = date(2026, 3, 1)

    texts = [date_text(first, language) for language in ("ro", "fr", "en")]

    assert texts == ["1 martie 2026", "1er mars 2026", "1 March 2026"]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 de locuri"), (1, "1 loc"), (2, "2 locuri"), (19, "19 locuri"), (20, "20 de locuri"),
     (100, "100 de locuri"), (101, "101 locuri"), (119, "119 locuri"), (120, "120 de locuri")],
)  # fmt: skip
def test_romanian_counts_from_twenty_on_with_de(count: int, text: str) -> None:
    assert counted_text(count, "loc", "locuri", "ro").replace("\u00a0", " ") == text
