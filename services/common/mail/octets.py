"""Cuts texts into pieces of so many octets, as lines of e-mails and of calendars have a limit."""

from collections.abc import Iterator

_KIND, _WITHIN_CHARACTER = 0xC0, 0x80


def pieces(text: str, first: int, following: int) -> Iterator[bytes]:
    """Encode in UTF-8 and cut, never within a character; the first piece has a limit of its own."""
    octets, at, limit = text.encode(), 0, first
    while len(octets) - at > limit:
        end = at + limit
        while octets[end] & _KIND == _WITHIN_CHARACTER:
            end -= 1
        yield octets[at:end]
        at, limit = end, following
    yield octets[at:]
