"""Whatever stands in a file: it is read, sound and drawn, or refused by its place."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.programme.hall_layout import Layout, build_plan
from services.catalog.adapters.seat_plan_file import read_seat_plan
from services.catalog.adapters.seat_plan_message import pack_seat_plan
from services.catalog.domain.errors import InvalidSeatPlanError
from services.catalog.domain.seat_plan import SeatPlan
from services.catalog.domain.seat_plan_drawing import draw_seat_plan
from services.catalog.domain.seat_plan_rules import must_be_sound, with_bound_companions
from services.catalog.domain.seat_plan_source import ReadOptions
from tests.unit.catalog.seat_plan_files import (
    group,
    presglobal,
    presglobal_row,
    presglobal_seat,
    presglobal_section,
    vista,
    vista_area,
    vista_row,
    vista_seat,
)

DOCUMENTS = {
    "native": build_plan(Layout(32, is_vip=True, has_sofas=True)).to_json(),
    "vista": vista(
        vista_area(
            vista_row("B", *(vista_seat(str(n), n, 0, n % 4) for n in range(6))),
            vista_row(
                "A",
                vista_seat("1", 0, 1, 3),
                vista_seat("2", 1, 1, 7, OriginalStatus=7),
                *(vista_seat(str(n), n, 1, SeatsInGroup=group((3, 1), (4, 1))) for n in (3, 4)),
            ),
        ),
        vista_area(vista_row("C", vista_seat("1", 0, 5, area=2)), number=2, Left=50),
        ScreenStart=0,
        ScreenWidth=100,
    ),
    "presglobal": presglobal(
        presglobal_section(
            {
                "1": presglobal_row(
                    "1", {str(n): presglobal_seat(str(n), TicketGroupId=n) for n in range(1, 5)}
                ),
                "2": presglobal_row("2", {"1": presglobal_seat("V1"), "2": presglobal_seat("2")}),
            },
            DefaultTicketGroupId=1,
        ),
        presglobal_section({"1": presglobal_row("1", {"1": presglobal_seat("1")})}, YCoordinate=5),
    ),
}
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "A", "1", "V1", "Sold", "x" * 50, "\u202e", "\x00", "1e400", "nan", "-1"]),
    st.text(max_size=12),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a document with each of its keys."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def read_or_refuse(content: bytes) -> SeatPlan | None:
    """Read a plan, or None when it is refused; any other exception is a bug."""
    try:
        return read_seat_plan(content, ReadOptions()).plan
    except InvalidSeatPlanError as refused:
        if not all(each.field and each.description for each in refused.violations):
            raise
        return None


@pytest.mark.parametrize("name", DOCUMENTS)
@given(data=st.data())
@settings(max_examples=150)
def test_a_changed_file_is_read_or_refused(name: str, data: st.DataObject) -> None:
    document = copy.deepcopy(DOCUMENTS[name])
    for _ in range(data.draw(st.integers(1, 3))):
        found = list(places(document))
        container, key = found[data.draw(st.integers(0, len(found) - 1))]
        container[key] = data.draw(ANYTHING)
    content = json.dumps(document).encode()

    plan = read_or_refuse(content)

    if plan is None:
        return
    bound = with_bound_companions(plan)
    must_be_sound(bound)
    assert pack_seat_plan(bound)
    assert fromstring(draw_seat_plan(bound)) is not None  # noqa: S314 - our own document


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidSeatPlanError):
        read_seat_plan(content, ReadOptions())
