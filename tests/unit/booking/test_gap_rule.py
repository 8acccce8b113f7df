"""The gap rule: the table of the rules, and random rows against a naive reading of them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.gap_rule import single_seats_left
from services.booking.domain.seat_layout import Seat, layout_of
from services.booking.domain.seats_sold_together import Lack, seats_not_sold_alone
from tests.kit.drawn_halls import a_hall
from tests.kit.gap_oracle import lone_seats, placements, refused_seats


def verdict(*rows: str, strict: bool = False) -> bool:
    plan, states, chosen = a_hall(*rows)
    return not single_seats_left(plan.layout, states, chosen, strict=strict)


@pytest.mark.rule("OTC-14.4a")
@pytest.mark.parametrize(
    ("row", "accepted", "accepted_when_strict"),
    [
        pytest.param("_C___", False, False, id="5 free, the 2nd: the 1st would be left alone"),
        pytest.param("CC___", True, True, id="5 free, 1st and 2nd"),
        pytest.param("xCC_x", True, False, id="3 free between sold ones, party of 2"),
        pytest.param("xCC_x___x", True, False, id="two runs of 3, party of 2 as a block"),
        pytest.param("xC__x__Cx", True, True, id="two runs of 3, one at an end of each"),
        pytest.param("xCC_x__x", False, False, id="a run of 3, but there is a run of 2"),
        pytest.param("xCC_x____x", False, False, id="a run of 3, but there is a run of 4"),
        pytest.param("xCC_x______x", False, False, id="a run of 3, but there is a longer one"),
        pytest.param("xCx", True, True, id="a free run of 1"),
        pytest.param("xC_x", True, False, id="half of a free run of 2, nothing better"),
        pytest.param("xC_x_x", False, False, id="half of a free run of 2, but there is a run of 1"),
        pytest.param("xC_x___x", False, False, id="half of a run of 2, but there is a run of 3"),
        pytest.param("_ C___", True, True, id="the single seat lies across an aisle"),
        pytest.param("_|C___", True, True, id="the single seat is in another area"),
        pytest.param("_[C]__", True, True, id="the single seat is beside a wheelchair place"),
        pytest.param("_(CC)__", True, True, id="the single seat is beside a sofa"),
        pytest.param("x_xCC__", True, True, id="an older single gap elsewhere in the row"),
        pytest.param("xC_Cx", False, False, id="3 free, the 1st and the 3rd"),
        pytest.param("C_C", False, False, id="a whole row of 3, the 1st and the 3rd"),
        pytest.param("xC_CxCC_x", False, False, id="no exemption for the seat inside"),
        pytest.param("CCCCC", True, True, id="the whole row"),
        pytest.param("hC_b_x", False, False, id="held and blocked seats count as taken"),
    ],
)
def test_the_table_of_the_gap_rule(row: str, *, accepted: bool, accepted_when_strict: bool) -> None:
    assert verdict(row) is accepted
    assert verdict(row, strict=True) is accepted_when_strict


@pytest.mark.rule("OTC-14.4a")
def test_rows_are_judged_one_by_one() -> None:
    plan, states, chosen = a_hall("xCC_x", "CC_xx__", "CC___")

    singles = single_seats_left(plan.layout, states, chosen)

    assert singles == [(7, False)]


@pytest.mark.rule("OTC-14.4a")
def test_the_seats_left_alone_are_named_and_whether_they_are_inside() -> None:
    plan, states, chosen = a_hall("_C_C____")

    assert single_seats_left(plan.layout, states, chosen) == [(0, False), (2, True)]


@pytest.mark.rule("OTC-14.4a")
def test_the_seats_of_the_hold_that_is_changed_count_as_free_before() -> None:
    plan, states, _ = a_hall("xhh__x")

    moved_by_one = single_seats_left(plan.layout, states, [2, 3], own=[1, 2])
    moved_by_two = single_seats_left(plan.layout, states, [3, 4], own=[1, 2])

    assert moved_by_one == [(1, False), (4, False)]
    assert moved_by_two == []


@pytest.mark.rule("OTC-14.4a")
@pytest.mark.parametrize(
    ("row", "sofas_sold_whole", "lacks"),
    [
        ("__(C_)", True, {2: Lack.HALF_A_SOFA}),
        ("__(CC)", True, {}),
        ("__(Cx)", True, {2: Lack.HALF_A_SOFA}),
        ("__(Cb)", True, {}),
        ("__(CC)(C_)", True, {4: Lack.HALF_A_SOFA}),
        ("__(C_)", False, {}),
        ("__(CC)(C_)", False, {}),
        ("__(C_)(_C)", False, {2: Lack.SECOND_HALF_SOFA, 5: Lack.SECOND_HALF_SOFA}),
        ("__(Cx)(_C)", False, {}),
        ("__[_]{C}", True, {3: Lack.NO_WHEELCHAIR_SEAT}),
        ("__[x]{C}", True, {3: Lack.NO_WHEELCHAIR_SEAT}),
        ("__[C]{C}", True, {}),
        ("__[C]{_}", True, {}),
    ],
)
def test_halves_of_sofas_and_companions_seats(
    row: str, lacks: dict[int, Lack], *, sofas_sold_whole: bool
) -> None:
    plan, states, chosen = a_hall(row, sofas_sold_whole=sofas_sold_whole)

    lone = seats_not_sold_alone(plan.layout, states, chosen)

    assert {each.seat: each.lack for each in lone} == lacks
    assert all(each.missing for each in lone)


def test_the_other_half_of_ones_own_sofa_counts_as_free() -> None:
    plan, states, _ = a_hall("(hh)(__)", sofas_sold_whole=False)

    lone = seats_not_sold_alone(plan.layout, states, [0, 2], own=[0, 1])

    assert [each.missing for each in lone] == [(1,), (3,)]


# Random rows of segments of signs, as the naive reading of the rule takes them.
ROWS = st.lists(
    st.lists(st.text("_hxb", min_size=1, max_size=9), min_size=1, max_size=3),
    min_size=1,
    max_size=3,
)


@st.composite
def halls_with_a_choice(draw: st.DrawFn) -> tuple[list[list[str]], list[set[tuple[int, int]]]]:
    rows = draw(ROWS)
    chosen = []
    for row in rows:
        free = [
            (number, at)
            for number, segment in enumerate(row)
            for at, sign in enumerate(segment)
            if sign == "_"
        ]
        chosen.append(draw(st.sets(st.sampled_from(free), max_size=6)) if free else set())
    return rows, chosen


@pytest.mark.rule("OTC-14.4a")
@given(hall=halls_with_a_choice(), strict=st.booleans())
def test_every_choice_is_judged_as_trying_everything_out_does(
    hall: tuple[list[list[str]], list[set[tuple[int, int]]]], *, strict: bool
) -> None:
    rows, chosen = hall
    plan, states, _ = a_hall(*(" ".join(row) for row in rows))
    index_of = numbered(rows)

    singles = single_seats_left(
        plan.layout,
        states,
        [index_of[row, at] for row, seats in enumerate(chosen) for at in seats],
        strict=strict,
    )

    expected = {
        index_of[number, at]
        for number, row in enumerate(rows)
        for at in refused_seats([list(segment) for segment in row], chosen[number], strict=strict)
    }
    assert {each.seat for each in singles} == expected


@pytest.mark.rule("OTC-14.4a")
@given(row=ROWS.map(lambda rows: rows[0]), size=st.integers(1, 6), strict=st.booleans())
def test_a_legal_placement_is_never_refused(row: list[str], size: int, *, strict: bool) -> None:
    plan, states, _ = a_hall(" ".join(row))
    index_of = numbered([row])

    legal = [
        placed
        for placed in placements([list(segment) for segment in row], size)
        if not lone_seats(placed)
    ]

    for placed in legal:
        chosen = [
            index_of[0, (number, at)]
            for number, segment in enumerate(placed)
            for at, sign in enumerate(segment)
            if sign == "C"
        ]
        assert single_seats_left(plan.layout, states, chosen, strict=strict) == []


@pytest.mark.rule("OTC-14.4a")
@given(halls_with_a_choice())
def test_what_is_accepted_leaves_no_new_single_seat_unless_nothing_else_fits(
    hall: tuple[list[list[str]], list[set[tuple[int, int]]]],
) -> None:
    rows, chosen = hall
    plan, states, _ = a_hall(*(" ".join(row) for row in rows))
    index_of = numbered(rows)
    choice = [index_of[row, at] for row, seats in enumerate(chosen) for at in seats]
    if single_seats_left(plan.layout, states, choice):
        return

    for row, seats in zip(rows, chosen, strict=True):
        segments = [list(segment) for segment in row]
        after = [list(segment) for segment in row]
        for number, at in seats:
            after[number][at] = "C"
        left_alone = lone_seats(after)
        better = [each for each in placements(segments, len(seats)) if not lone_seats(each)]
        assert not left_alone or not better


def numbered(rows: Sequence[Sequence[str]]) -> dict[tuple[int, tuple[int, int]], int]:
    """Number the seats as the plan does: by row, and by segment and place in it."""
    places = [
        (row, (number, at))
        for row, segments in enumerate(rows)
        for number, segment in enumerate(segments)
        for at in range(len(segment))
    ]
    return {place: index for index, place in enumerate(places)}


def test_aisles_areas_and_special_seats_end_a_segment() -> None:
    plan, _, _ = a_hall("__ __|_(__)_", "[_]{_}__")

    assert [row.segments for row in plan.layout.rows] == [
        ((0, 2), (2, 4), (4, 5), (7, 8)),
        ((10, 12),),
    ]
    assert [(row.first, row.end) for row in plan.layout.rows] == [(0, 8), (8, 12)]
    assert plan.layout.span_of([9]) == (8, 12)
    assert plan.layout.span_of([9, 3]) == (0, 12)


def test_a_hall_without_anything_special_has_neither_sofas_nor_companions() -> None:
    layout = layout_of([Seat("A1", 0, "A", "1", "STANDARD")], sofas_sold_whole=True)

    assert (layout.sofas, layout.companions) == ({}, {})
