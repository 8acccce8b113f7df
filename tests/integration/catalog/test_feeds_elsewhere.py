"""Feeds of the same format from other countries and years, written by hand, through the call."""

from pathlib import Path
from typing import Any

from cinema.catalog.v1 import catalog_admin_service_pb2 as pb

from tests.integration.catalog.feeds import a_cinema
from tests.kit.catalog import Catalog

FOLDER = Path(__file__).with_name("elsewhere")
_COLUMNS = "starts_at, business_day, hall_name, format, formats, rating, category, unknown_tokens"


def a_foreign_cinema(cinema_id: str, country: str, zone: str, currency: str) -> dict[str, Any]:
    entry = a_cinema(
        cinema_id,
        country_code=country,
        time_zone=zone,
        currency_code=currency,
        policy_code="elsewhere",
    )
    entry["import_profile"]["ratings"] = [
        {"token": f"{age}-plus", "rating": f"{age}+"} for age in (6, 12, 16)
    ]
    return entry


async def rows_of(catalog: Catalog) -> dict[str, list[Any]]:
    rows = await catalog.database.fetch(f"SELECT feed_id, {_COLUMNS} FROM listed_screening")
    return {
        row["feed_id"]: [
            row["starts_at"].isoformat(timespec="minutes").removesuffix("+00:00"),
            row["business_day"].isoformat(),
            row["hall_name"],
            row["format"],
            row["rating"],
            row["category"],
            list(row["unknown_tokens"]),
        ]
        for row in rows
    }


async def test_a_czech_weekend_of_2023_with_its_spring_night(catalog: Catalog) -> None:
    await catalog.create_cinema(a_foreign_cinema("1052", "CZ", "Europe/Prague", "CZK"))

    result = await catalog.import_feed("1052", (FOLDER / "czech_2023.json").read_bytes())

    assert await rows_of(catalog) == {
        "90001": ["2023-03-25T16:40", "2023-03-25", "3", "2D", "12+", "MOVIE", []],
        "90002": [
            "2023-03-25T23:20", "2023-03-25", "4DX", "4DX", "RATING_PENDING", "MOVIE", ["15-plus"],
        ],
        "90004": [
            "2023-03-26T16:00", "2023-03-26", "1", "2D", "RATING_PENDING", "ALTERNATIVE",
            ["na", "velky-sal"],
        ],
        "90005": ["2023-03-27T18:00", "2023-03-27", "VIP1", "VIP", "RATING_PENDING", "VIP", []],
    }  # fmt: skip
    (problem,) = result.problems
    assert (problem.index, problem.feed_id) == (2, "90003")
    assert problem.reason == pb.ImportProblem.REASON_NONEXISTENT_LOCAL_TIME
    assert {(each.token, each.count) for each in result.summary.unknown_tokens} == {
        ("15-plus", 1), ("na", 1), ("velky-sal", 1)
    }  # fmt: skip
    assert result.summary.screenings_not_sold == 4


async def test_a_hungarian_autumn_night_of_2027_has_both_instants(catalog: Catalog) -> None:
    await catalog.create_cinema(a_foreign_cinema("1141", "HU", "Europe/Budapest", "HUF"))

    result = await catalog.import_feed("1141", (FOLDER / "hungarian_2027.json").read_bytes())

    assert await rows_of(catalog) == {
        "a-1": ["2027-10-30T18:15", "2027-10-30", "T5", "SCREENX", "16+", "MOVIE", ["jaguar"]],
        "a-2": ["2027-10-31T00:15", "2027-10-30", "T2", "2D", "6+", "MOVIE", []],
        "a-3": ["2027-10-31T01:15", "2027-10-30", "T2", "2D", "6+", "MOVIE", []],
    }
    (problem,) = result.problems
    assert (problem.index, problem.reason) == (3, pb.ImportProblem.REASON_OTHER_CINEMA)
    assert result.summary.ambiguous_starts == 2
    assert result.summary.halls_created == 2


async def test_feeds_from_elsewhere_change_nothing_when_they_come_again(catalog: Catalog) -> None:
    await catalog.create_cinema(a_foreign_cinema("1052", "CZ", "Europe/Prague", "CZK"))
    await catalog.create_cinema(a_foreign_cinema("1141", "HU", "Europe/Budapest", "HUF"))
    feeds = {"1052": "czech_2023.json", "1141": "hungarian_2027.json"}
    for cinema_id, name in feeds.items():
        await catalog.import_feed(cinema_id, (FOLDER / name).read_bytes())
    before = await catalog.database.fetch("SELECT * FROM screening ORDER BY id")

    for cinema_id, name in feeds.items():
        result = await catalog.import_feed(cinema_id, (FOLDER / name).read_bytes())

        refused = len(result.problems)
        summary = result.summary
        assert summary.screenings_unchanged == summary.screenings_read - refused

    assert await catalog.database.fetch("SELECT * FROM screening ORDER BY id") == before
