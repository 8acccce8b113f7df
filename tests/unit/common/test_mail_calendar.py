"""Calendar entries: what any calendar reads, in the zone of the place."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.common.mail.calendar import MAX_LINE_OCTETS, CalendarEntry, calendar_bytes

START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
ENTRY = CalendarEntry(
    uid="order-1@example.test",
    organizer="tickets@example.test",
    start=START,
    end=START + timedelta(hours=2),
    time_zone="Europe/Bucharest",
    summary="Alpha",
    location="Cotroceni, Hall 3",
    description="K7QF-3M4D\n+40314130140",
    written_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
)


def lines_of(entry: CalendarEntry) -> list[str]:
    raw = calendar_bytes(entry, product="Test").decode()
    assert raw.endswith("\r\n")
    return raw.replace("\r\n ", "").split("\r\n")[:-1]


def test_an_entry_is_told_by_the_clock_of_the_place() -> None:
    lines = lines_of(ENTRY)

    assert "DTSTART;TZID=Europe/Bucharest:20261122T210000" in lines
    assert "DTEND;TZID=Europe/Bucharest:20261122T230000" in lines
    assert "UID:order-1@example.test" in lines
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")


def test_the_zone_comes_along_with_the_changes_of_its_clock() -> None:
    text = "\n".join(lines_of(ENTRY))

    winter = (
        "BEGIN:STANDARD\nDTSTART:20261025T040000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0200\n"
        "TZNAME:EET\nEND:STANDARD"
    )
    summer = (
        "BEGIN:DAYLIGHT\nDTSTART:20270328T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0300\n"
        "TZNAME:EEST\nEND:DAYLIGHT"
    )
    assert winter in text
    assert summer in text


def test_what_means_something_in_a_calendar_is_escaped() -> None:
    entry = replace(ENTRY, summary="One, two; three\\four\r\nBEGIN:VALARM\x00")

    lines = lines_of(entry)

    assert "SUMMARY:One\\, two\\; three\\\\four\\nBEGIN:VALARM" in lines
    assert "BEGIN:VALARM" not in lines


def test_long_lines_are_folded_and_no_character_is_cut() -> None:
    summary = "Ștefan cel Mare și Sfânt 🎬 " * 20

    raw = calendar_bytes(replace(ENTRY, summary=summary), product="Test")

    assert all(len(line) <= MAX_LINE_OCTETS for line in raw.split(b"\r\n"))
    assert f"SUMMARY:{summary}" in lines_of(replace(ENTRY, summary=summary))


def test_a_cancelled_entry_replaces_the_one_with_its_uid() -> None:
    lines = lines_of(replace(ENTRY, is_cancelled=True, sequence=9))

    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:9", "UID:order-1@example.test"} <= set(
        lines
    )


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York", "Africa/Casablanca"])
def test_every_zone_can_be_told(zone: str) -> None:
    lines = lines_of(replace(ENTRY, time_zone=zone, end=None))

    assert f"TZID:{zone}" in lines
    assert not any(line.startswith("DTEND") for line in lines)
