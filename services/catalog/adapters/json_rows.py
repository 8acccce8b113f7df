"""An incremental reader of the rows of `{"body": {"films": [...], "events": [...]}}`.

It holds one row and one chunk, never the file. Keys it does not know are skipped, wherever
they stand.
"""

import codecs
import re
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass
from json import JSONDecoder
from typing import Any, NoReturn

from services.catalog.domain.errors import FeedTooLargeError, UnreadableFeedError
from services.catalog.domain.feed_rows import Section

_BLANKS = re.compile(r"[ \t\n\r]*")
# A value that is not complete yet is decoded again when the text has grown by this part of it:
# a file that arrives byte by byte then costs no more than a few readings.
_GROWTH_DIVISOR = 2


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """`max_value_chars` bounds a row or a skipped value, `max_feed_bytes` the whole file."""

    max_value_chars: int = 262_144
    max_feed_bytes: int = 1_073_741_824


@dataclass(frozen=True, slots=True)
class RawRow:
    """A decoded row, not yet checked. `index` counts from 0 in its section."""

    section: Section
    index: int
    value: Any


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class JsonRows:
    """Iterate over the rows once: `async for row in JsonRows(chunks).rows()`.

    Raises UnreadableFeedError when the text is cut off, is not UTF-8 or JSON, or is no feed.
    Rows that came before it must then be forgotten.
    """

    def __init__(self, chunks: AsyncIterable[bytes], limits: ReadLimits | None = None) -> None:
        self._chunks = aiter(chunks)
        self._limits = limits or ReadLimits()
        self._decode_bytes = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._decode_json = JSONDecoder(parse_constant=_refuse_constant).raw_decode
        self._text = ""
        self._position = 0
        self._received_bytes = 0
        self._is_last = False
        self._seen: set[Section] = set()

    async def rows(self) -> AsyncGenerator[RawRow, None]:
        async for key in self._members():
            if key == "body":
                async for row in self._body():
                    yield row
            else:
                await self._value()
        if self._seen != set(Section):
            raise self._unreadable("it has no lists body.films and body.events")
        if await self._next_or_end():
            raise self._unreadable("something follows its end")

    async def _body(self) -> AsyncGenerator[RawRow, None]:
        async for key in self._members():
            if key not in (Section.FILMS, Section.EVENTS):
                await self._value()
                continue
            section = Section(key)
            if section in self._seen:
                raise self._unreadable(f"{section} comes twice")
            self._seen.add(section)
            index = 0
            async for value in self._elements():
                yield RawRow(section, index, value)
                index += 1

    async def _members(self) -> AsyncGenerator[str, None]:
        """Yield each key of an object; the caller reads its value before going on."""
        await self._expect("{")
        if await self._next() == "}":
            self._position += 1
            return
        while True:
            key = await self._value()
            if not isinstance(key, str):
                raise self._unreadable("a key is no text")
            await self._expect(":")
            yield key
            if await self._expect(",}") == "}":
                return

    async def _elements(self) -> AsyncGenerator[Any, None]:
        await self._expect("[")
        if await self._next() == "]":
            self._position += 1
            return
        while True:
            yield await self._value()
            if await self._expect(",]") == "]":
                return

    async def _expect(self, allowed: str) -> str:
        found = await self._next()
        if found not in allowed:
            raise self._unreadable(f"{' or '.join(allowed)} is missing")
        self._position += 1
        return found

    async def _next(self) -> str:
        found = await self._next_or_end()
        if not found:
            raise self._unreadable("it is cut off")
        return found

    async def _next_or_end(self) -> str:
        """Skip blanks; the character there, or "" at the end of the file."""
        while True:
            end = _BLANKS.match(self._text, self._position)
            self._position = end.end() if end else self._position
            if self._position < len(self._text):
                return self._text[self._position]
            if self._is_last:
                return ""
            await self._read_chunk()

    async def _value(self) -> Any:
        await self._next()
        while True:
            try:
                value, end = self._decode_json(self._text, self._position)
            except (ValueError, RecursionError) as error:
                if self._is_last:
                    raise self._unreadable("it is cut off or not JSON") from error
            else:
                # A number may go on in the next chunk; after anything else one character follows.
                if end < len(self._text) or self._is_last:
                    self._check_length(end - self._position)
                    self._position = end
                    return value
            await self._grow()

    async def _grow(self) -> None:
        held = len(self._text) - self._position
        self._check_length(held)
        wanted = held + max(1, held // _GROWTH_DIVISOR)
        while not self._is_last and len(self._text) - self._position < wanted:
            await self._read_chunk()

    async def _read_chunk(self) -> None:
        chunk = await anext(self._chunks, None)
        self._is_last = chunk is None
        self._received_bytes += len(chunk or b"")
        if self._received_bytes > self._limits.max_feed_bytes:
            raise FeedTooLargeError(limit_bytes=self._limits.max_feed_bytes)
        try:
            more = self._decode_bytes(chunk or b"", final=self._is_last)
        except UnicodeDecodeError as error:
            raise self._unreadable("it is not UTF-8") from error
        self._text = self._text[self._position :] + more
        self._position = 0

    def _check_length(self, chars: int) -> None:
        if chars > self._limits.max_value_chars:
            raise self._unreadable(
                f"a value is not JSON or longer than {self._limits.max_value_chars} characters"
            )

    def _unreadable(self, why: str) -> UnreadableFeedError:
        ahead_bytes = len(self._text[self._position :].encode())
        return UnreadableFeedError(why, position_bytes=self._received_bytes - ahead_bytes)
