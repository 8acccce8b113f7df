"""Files: which format they are in, and what is no seat plan at all."""

import json

import pytest

from services.catalog.adapters.seat_plan_file import read_seat_plan
from services.catalog.domain.errors import InvalidSeatPlanError
from services.catalog.domain.seat_plan_source import PlanFormat, ReadOptions
from tests.unit.catalog.seat_plan_files import (
    presglobal,
    presglobal_row,
    presglobal_seat,
    presglobal_section,
    refused,
    vista,
    vista_area,
    vista_row,
    vista_seat,
)

ROWS = 100_000


def refusal_of(content: bytes) -> tuple[str, str]:
    with pytest.raises(InvalidSeatPlanError) as caught:
        read_seat_plan(content, ReadOptions())
    (violation,) = caught.value.violations
    return violation.field, violation.description


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not JSON at character 0"),
        (b'{"rows": [', "is not JSON at character 10"),
        (b"\xff\xfe", "is not UTF-8 at byte 0"),
        (b"[1, 2]", "is no seat plan in a format that we read"),
        (b"{}", "is no seat plan in a format that we read"),
        (b'{"rows": NaN}', "is not JSON that we read"),
        (b'{"rows": 1, "rows": 2}', "has the key 'rows' twice in one object"),
        (b"[" * 100_000, "is not JSON that we read"),
        (b'{"a":' * 60_000, "has more than 50000 objects"),
        (b"[" + b"1," * 400_001 + b"1]", "has more than 400000 values"),
    ],
)
def test_what_is_no_seat_plan_is_refused(content: bytes, why: str) -> None:
    assert refusal_of(content) == ("file", why)


def test_a_file_in_another_format_than_named_is_refused() -> None:
    document = vista(vista_area(vista_row("A", vista_seat("1", 0, 0))))

    assert refused(document, format=PlanFormat.VISTA) == []
    assert refused(document, format=PlanFormat.NATIVE) == [("file", "is no NATIVE")]


def test_a_mark_at_the_beginning_of_the_file_is_no_harm() -> None:
    document = presglobal(
        presglobal_section({"1": presglobal_row("1", {"1": presglobal_seat("1")})})
    )
    content = b"\xef\xbb\xbf" + json.dumps(document).encode()

    assert read_seat_plan(content, ReadOptions()).plan.capacity == 1


@pytest.mark.parametrize("name", ["native", "vista", "presglobal"])
def test_a_plan_of_a_hundred_thousand_rows_is_refused(name: str) -> None:
    seat = {"id": "A1", "number": "1", "area": "STANDARD", "x": 0, "y": 0}
    native_row = {"name": "A", "segments": [{"seats": [seat]}]}
    documents = {
        "native": {"schema": "parterre.seat-plan.v1", "rows": [native_row] * ROWS},
        "vista": vista(vista_area(*[vista_row("A", vista_seat("1", 0, 0))] * ROWS)),
        "presglobal": presglobal(
            presglobal_section([presglobal_row("1", {"1": presglobal_seat("1")})] * ROWS)
        ),
    }

    refusal = refusal_of(json.dumps(documents[name], separators=(",", ":")).encode())

    assert refusal == ("rows", "has more than 10000 rows")


def test_rows_are_counted_before_anything_is_decoded() -> None:
    no_json = b'"seats"' * ROWS

    assert refusal_of(no_json) == ("rows", "has more than 10000 rows")
