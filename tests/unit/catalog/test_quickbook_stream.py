import json
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.adapters import quickbook_stream
from services.catalog.adapters.json_rows import ReadLimits
from services.catalog.adapters.quickbook_stream import read_programme
from services.catalog.domain.errors import FeedTooLargeError, UnreadableFeedError
from services.catalog.domain.feed_rows import FeedRow, FeedScreening, ProblemReason, RowProblem
from services.catalog.domain.quickbook import parse_feed
from tests.unit.catalog.feeds import PROFILES, a_feed, a_film, an_event, as_bytes, in_chunks

FEED = a_feed([a_film()], [an_event(), an_event(id="502", filmId="none"), an_event(id="503")])
SMALL = ReadLimits(max_value_chars=2_000, max_feed_bytes=50_000)


async def read(content: bytes, size: int = 64, limits: ReadLimits | None = None) -> list[FeedRow]:
    return [row async for row in read_programme(in_chunks(content, size), PROFILES, limits)]


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1_000, 1_000_000])
async def test_the_rows_do_not_depend_on_the_chunks(size: int) -> None:
    rows = await read(as_bytes(FEED), size)

    assert rows == list(parse_feed(FEED, PROFILES))


@pytest.mark.parametrize("indent", [None, 1, "\t"])
async def test_blanks_and_a_byte_order_mark_are_skipped(indent: int | str | None) -> None:
    content = b"\xef\xbb\xbf \r\n" + json.dumps(FEED, indent=indent).encode() + b"\n \n"

    assert await read(content) == list(parse_feed(FEED, PROFILES))


async def test_unknown_keys_are_skipped_wherever_they_stand() -> None:
    body = {"a": [1, {"films": []}], "films": [a_film()], "b": 12.5, "events": [an_event()]}
    content = as_bytes({"films": 3, "body": body | {"c": None}, "z": {"events": ["]}"]}})

    rows = await read(content, 3)

    assert rows == list(parse_feed(a_feed([a_film()], [an_event()]), PROFILES))


async def test_events_may_come_before_their_films() -> None:
    content = as_bytes({"body": {"events": FEED["body"]["events"], "films": [a_film()]}})

    rows = await read(content)

    assert rows == list(parse_feed(FEED, PROFILES))


async def test_events_that_wait_for_their_films_are_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quickbook_stream, "MAX_WAITING_SCREENINGS", 2)
    content = as_bytes({"body": {"events": [an_event()] * 3, "films": []}})

    with pytest.raises(FeedTooLargeError):
        await read(content)


async def test_an_empty_programme_is_a_programme() -> None:
    assert await read(as_bytes(a_feed())) == []


async def test_a_row_that_is_no_object_is_named() -> None:
    _, problem = await read(as_bytes(a_feed([a_film()], [1234567])), 1)

    assert isinstance(problem, RowProblem)
    assert (problem.reason, problem.detail) == (ProblemReason.NOT_AN_OBJECT, "int")


@given(st.integers(min_value=0, max_value=len(as_bytes(FEED)) - 1), st.integers(1, 400))
async def test_a_file_cut_off_anywhere_is_refused(length: int, size: int) -> None:
    with pytest.raises(UnreadableFeedError):
        await read(as_bytes(FEED)[:length], size)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>busy</html>",
        b"[]",
        b"{}",
        b'{"body": []}',
        b'{"body": {"films": []}}',
        b'{"body": {"films": null, "events": []}}',
        b'{"body": {"films": [], "events": [], "events": []}}',
        b'{"body": {"films": [], "events": []}} {}',
        b'{"body": {"films": [{"a": NaN}], "events": []}}',
        b'{"body": {"films": [,], "events": []}}',
        b'{"body": {"films": [{} {}], "events": []}}',
        b'{"body": {1: [], "events": []}}',
        b'{"body": {"films": [], "events": [{"id": "\xff"}]}}',
        b'{"body": {"films": [], "events": ["\xc3',
        b'{"body": {"films": [' + b"[" * 100_000,
        b'{"body": {"films": [' + b"1" * 10_000 + b'], "events": []}}',
    ],
)
@pytest.mark.parametrize("size", [5, 100_000])
async def test_what_is_no_feed_is_refused(content: bytes, size: int) -> None:
    with pytest.raises(UnreadableFeedError) as caught:
        await read(content, size)

    assert 0 <= int(caught.value.metadata["position_bytes"]) <= len(content)


async def test_the_refusal_says_how_far_it_got() -> None:
    content = as_bytes(a_feed([a_film()], [an_event()])).replace(b'"events": [', b'"events": !')

    with pytest.raises(UnreadableFeedError) as caught:
        await read(content, 50)

    assert int(caught.value.metadata["position_bytes"]) == content.index(b"!")


async def test_a_row_over_the_limit_is_refused() -> None:
    content = as_bytes(a_feed([a_film(name="x" * 2_001)]))

    with pytest.raises(UnreadableFeedError):
        await read(content, 10, SMALL)


async def test_a_file_over_the_limit_is_refused() -> None:
    content = as_bytes(a_feed([a_film()] * 200))

    with pytest.raises(FeedTooLargeError) as caught:
        await read(content, 1_000, SMALL)

    assert caught.value.metadata == {"limit_bytes": "50000"}


async def test_memory_does_not_grow_with_the_file() -> None:
    head = as_bytes(a_feed([a_film()]))[: -len("]}}")]

    async def endless(rows: int) -> AsyncIterator[bytes]:
        yield head
        for number in range(rows):
            padding = {"padding": "x" * 10_000}
            yield (b"," if number else b"") + as_bytes(an_event(id=str(number)) | padding)
        yield b"]}}"

    screenings = 0
    tracemalloc.start()
    async for row in read_programme(endless(500), PROFILES):
        screenings += isinstance(row, FeedScreening)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert screenings == 500
    assert peak_bytes < 1_000_000  # The file has five megabytes.
