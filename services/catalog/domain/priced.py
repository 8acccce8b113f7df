"""Which screenings a price list has a price for, in a form that the database can ask."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.catalog.domain.price_lines import EVERY_DAY, MINUTES_OF_A_DAY, PriceLine
from services.catalog.domain.prices import Prices

PUBLIC_HOLIDAY = 0


@dataclass(frozen=True, slots=True)
class PricedBand:
    """A part of a day (ISO weekday, or 0 for public holidays) with a price; format "" means any."""

    day: int
    area: str
    format: str
    from_minute: int
    before_minute: int


def priced_keys(prices: Prices) -> tuple[str, ...]:
    """Name what has a price from midnight to midnight.

    `6STANDARD` is Saturday in that area, `6STANDARD/IMAX` only what is listed under that format.
    """
    return tuple(
        sorted(
            f"{day}{area}/{name}" if name else f"{day}{area}"
            for (day, area, name), bands in _covered(prices).items()
            if day != PUBLIC_HOLIDAY and _is_whole_day(bands)
        )
    )


def priced_bands(prices: Prices) -> tuple[PricedBand, ...]:
    """Give what the keys do not say: parts of days, and public holidays with prices of their own.

    Most lists have none: an afternoon and an evening price make a whole day.
    """
    covered = _covered(prices)
    return tuple(
        PricedBand(day, area, name, *band)
        for (day, area, name), bands in sorted(covered.items())
        if not (_is_whole_day(bands) if day else _every_day_is_whole(covered, area, name))
        for band in bands
    )


_Covered = dict[tuple[int, str, str], list[tuple[int, int]]]


def _covered(prices: Prices) -> _Covered:
    """Join what the lines of all single ticket types cover, by day, area and format."""
    found: _Covered = {}
    for line in prices.lines:
        ticket_type = prices.types.get(line.ticket_type)
        if ticket_type is None or ticket_type.is_package:
            continue
        for day in _days(line):
            key = (day, line.area, line.format)
            found.setdefault(key, []).append((line.from_minute, line.before_minute))
    return {key: _joined(bands) for key, bands in found.items()}


def _days(line: PriceLine) -> Iterator[int]:
    yield from line.days()
    if line.public_holidays:
        yield PUBLIC_HOLIDAY


def _joined(bands: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(bands):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _is_whole_day(bands: list[tuple[int, int]]) -> bool:
    return bands == [(0, MINUTES_OF_A_DAY)]


def _every_day_is_whole(covered: _Covered, area: str, name: str) -> bool:
    return all(_is_whole_day(covered.get((day, area, name), [])) for day in EVERY_DAY)
