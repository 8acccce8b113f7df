"""Feeds that somebody or something has spoiled: good rows go in, bad ones are named, or nothing."""

import json
from copy import deepcopy
from typing import Any

import grpc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.rpc.errors import refusal_of
from tests.integration.catalog.feeds import CINEMA_ID, DAY, a_cinema, a_film, an_event
from tests.kit.catalog import Catalog, ImportResult

MAX_EXAMPLES = 40
FEED = {
    "body": {
        "films": [a_film(f"film-{number}", releaseYear="2026") for number in range(3)],
        "events": [
            an_event(
                f"{number}",
                f"{DAY}T{10 + number}:00:00",
                filmId=f"film-{number % 3}",
                auditoriumTinyName=f"S{number}",
                soldOut=False,
                languages={"original": ["en"], "dubbed": [], "voiceover": [], "subtitles": ["ro"]},
                compositeBookingLink={"blockOnlineSales": False, "blockOnlineSalesUntil": None},
            )
            for number in range(6)
        ],
    }
}

deep: Any = []
for _ in range(60):
    deep = [deep]
VALUES: list[Any] = [
    None, True, False, 0, -1, 2**70, -0.5, 1e300, "", " ", "x" * 65, "x" * 5_000, "\x00", "a\x00b",
    "\ud800", [], {}, deep, [None], ["\x00"], ["\ud800"], [[]], {"a": {"b": [1]}}, ["2d"] * 65,
    "2027-03-28T03:30:00", "2026-10-25T03:30:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00",
    f"{DAY}T24:00:00", DAY, "film-0", "S0", "0", CINEMA_ID, "1817",
]  # fmt: skip
strange = st.one_of(*[st.sampled_from(VALUES)] * 4, st.text(max_size=8), st.integers())


@st.composite
def spoilt_rows(draw: st.DrawFn) -> bytes:
    """Change some keys of some rows: another value, none, another key, the row twice or elsewhere."""
    feed = deepcopy(FEED)
    for _ in range(draw(st.integers(2, 6))):
        rows: list[Any] = feed["body"][draw(st.sampled_from(["films", "events"]))]
        place = draw(st.integers(0, len(rows) - 1))
        row = rows[place]
        match draw(st.sampled_from(["value", "value", "value", "gone", "row", "twice"])):
            case "value" if isinstance(row, dict):
                key = draw(st.sampled_from([*row, "unheard-of"]))
                rows[place] = row | {key: draw(strange)}
            case "gone" if isinstance(row, dict) and row:
                gone = draw(st.sampled_from(sorted(row)))
                rows[place] = {key: value for key, value in row.items() if key != gone}
            case "row":
                rows[place] = draw(strange)
            case _:
                rows.insert(draw(st.integers(0, len(rows))), row)
    return json.dumps(feed).encode()


@st.composite
def spoilt_files(draw: st.DrawFn) -> bytes:
    """Cut, change or insert bytes, or put something strange in a list's place."""
    content = json.dumps(FEED).encode()
    place = draw(st.integers(0, len(content) - 1))
    match draw(st.sampled_from(["cut", "bytes", "lists"])):
        case "cut":
            return content[:place]
        case "bytes":
            return content[:place] + draw(st.binary(max_size=3)) + content[place + 1 :]
        case _:
            feed: dict[str, Any] = deepcopy(FEED)
            where = draw(st.sampled_from([feed, feed["body"]]))
            where[draw(st.sampled_from(sorted(where)))] = draw(strange)
            return json.dumps(feed).encode()


@settings(
    max_examples=MAX_EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=spoilt_rows())
async def test_a_spoilt_row_is_named_and_the_others_are_stored(
    catalog: Catalog, content: bytes
) -> None:
    await catalog.create_cinema(a_cinema())

    result = await catalog.import_feed(CINEMA_ID, content)

    await _all_is_accounted_for(catalog, json.loads(content)["body"], result)


@settings(
    max_examples=MAX_EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=spoilt_files())
async def test_a_spoilt_file_changes_nothing_or_is_a_file(catalog: Catalog, content: bytes) -> None:
    await catalog.create_cinema(a_cinema())
    before = await _everything(catalog)

    result = await _import_or_refusal(catalog, content)

    if isinstance(result, grpc.aio.AioRpcError):
        assert result.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert refusal_of(result).reason == "UNREADABLE_FEED"
        assert await _everything(catalog) == before
    else:
        body = json.loads(content.decode("utf-8-sig"))["body"]
        await _all_is_accounted_for(catalog, body, result)


async def _import_or_refusal(
    catalog: Catalog, content: bytes
) -> ImportResult | grpc.aio.AioRpcError:
    try:
        return await catalog.import_feed(CINEMA_ID, content)
    except grpc.aio.AioRpcError as error:
        return error


async def _all_is_accounted_for(
    catalog: Catalog, body: dict[str, list[Any]], result: ImportResult
) -> None:
    """Each row of the file is stored as it says, or named with its place."""
    summary = result.summary
    named = {(problem.list, problem.index) for problem in result.problems}
    assert len(named) == len(result.problems) == summary.rows_refused
    assert all(problem.reason for problem in result.problems)
    assert all(index < len(body[section]) for section, index in named)
    refused = sum(section == "events" for section, _ in named)
    kept = (
        summary.screenings_created, summary.screenings_updated, summary.screenings_unchanged
    )  # fmt: skip
    assert summary.screenings_read == len(body["events"]) == sum(kept) + refused
    rows = await catalog.database.fetch(
        "SELECT feed_id, hall_name, film_feed_id, local_start FROM listed_screening"
    )
    stored = {row["feed_id"]: tuple(row)[1:] for row in rows}
    for index, event in enumerate(body["events"]):
        if ("events", index) not in named:
            hall, film, start = stored[event["id"]]
            assert (hall, film) == (event["auditoriumTinyName"], event["filmId"])
            assert start.isoformat().startswith(event["eventDateTime"])


async def _everything(catalog: Catalog) -> list[Any]:
    return [
        await catalog.database.fetch(f"SELECT * FROM {table} ORDER BY id")
        for table in ("screening", "film", "hall", "outbox")
    ] + [await catalog.database.fetchval("SELECT count(*) FROM import_row")]
