"""An entry for calendars (RFC 5545), with the time zone it is told in."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.common.mail.octets import pieces

MAX_LINE_OCTETS = 75
MAX_CACHED_ZONES = 64
_STEP = timedelta(days=7)

_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """Something at a time and a place. The same `uid` with a higher `sequence` replaces it.

    `organizer` is an e-mail address; without an end it has none.
    """

    uid: str
    organizer: str
    start: datetime
    end: datetime | None
    time_zone: str
    summary: str
    location: str
    description: str
    written_at: datetime
    sequence: int = 0
    is_cancelled: bool = False
    url: str = ""


def calendar_bytes(entry: CalendarEntry, *, product: str) -> bytes:
    """Write the entry as a calendar of its own, in UTF-8, with lines that are folded."""
    zone = ZoneInfo(entry.time_zone)
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_text(product)}//EN",
        f"METHOD:{'CANCEL' if entry.is_cancelled else 'PUBLISH'}",
    ]
    event = [
        "BEGIN:VEVENT",
        f"UID:{_text(entry.uid)}",
        f"DTSTAMP:{_stamp(entry.written_at)}",
        f"SEQUENCE:{entry.sequence}",
        f"ORGANIZER:mailto:{_CONTROL.sub('', entry.organizer)}",
        f"DTSTART;TZID={entry.time_zone}:{_local(entry.start, zone)}",
        *([f"DTEND;TZID={entry.time_zone}:{_local(entry.end, zone)}"] if entry.end else []),
        f"SUMMARY:{_text(entry.summary)}",
        f"LOCATION:{_text(entry.location)}",
        f"DESCRIPTION:{_text(entry.description)}",
        *([f"URL:{_CONTROL.sub('', entry.url)}"] if entry.url else []),
        f"STATUS:{'CANCELLED' if entry.is_cancelled else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return _folded(head) + _zone(entry.time_zone, entry.start.year) + _folded(event)


@lru_cache(maxsize=MAX_CACHED_ZONES)
def _zone(time_zone: str, year: int) -> bytes:
    """Tell each change of the zone's clock in the year, the one before and the one after."""
    zone = ZoneInfo(time_zone)
    begin, end = datetime(year - 1, 1, 1, tzinfo=UTC), datetime(year + 2, 1, 1, tzinfo=UTC)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{time_zone}", *_observance(begin, begin, zone)]
    for change in _clock_changes(begin, end, zone):
        lines += _observance(change, change - timedelta(seconds=1), zone)
    return _folded([*lines, "END:VTIMEZONE"])


def _clock_changes(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Find the moments at which the zone's offset changes, to the second."""
    moment = begin
    while moment < end:
        following = moment + _STEP
        if _offset(moment, zone) != _offset(following, zone):
            low, high = moment, following
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                if _offset(middle, zone) == _offset(moment, zone):
                    low = middle
                else:
                    high = middle
            yield high
        moment = following


def _observance(moment: datetime, before: datetime, zone: ZoneInfo) -> Iterator[str]:
    there = moment.astimezone(zone)
    kind = "DAYLIGHT" if there.dst() else "STANDARD"
    # The onset is told by the clock that held until then.
    onset = (moment + _offset(before, zone)).strftime("%Y%m%dT%H%M%S")
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{onset}"
    yield f"TZOFFSETFROM:{_offset_text(_offset(before, zone))}"
    yield f"TZOFFSETTO:{_offset_text(_offset(moment, zone))}"
    yield f"TZNAME:{_text(there.tzname() or '')}"
    yield f"END:{kind}"


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _offset_text(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y%m%dT%H%M%S")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    return _CONTROL.sub("", value).translate(_ESCAPES)


def _folded(lines: Iterable[str]) -> bytes:
    """End each line; one that is too long goes on in the next, behind a blank."""
    return b"".join(
        b"\r\n ".join(pieces(line, MAX_LINE_OCTETS, MAX_LINE_OCTETS - 1)) + b"\r\n"
        for line in lines
    )
