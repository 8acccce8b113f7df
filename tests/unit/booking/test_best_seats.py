"""The best seats together: nearest to the focal point, legal by construction, found if there are any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.best_seats import Party, PartyKind, best_seats
from services.booking.domain.gap_rule import single_seats_left
from services.booking.domain.seats import SeatPlan, SeatState
from services.booking.domain.seats_sold_together import seats_not_sold_alone
from tests.kit.drawn_halls import a_hall

WHEELCHAIR, SOFA = PartyKind.WHEELCHAIR, PartyKind.SOFA


def best(*rows: str, party: Party, strict: bool = False, sofas_sold_whole: bool = True) -> str:
    """Draw the hall with the seats that are proposed, or nothing when there are none."""
    plan, states, _ = a_hall(*rows, sofas_sold_whole=sofas_sold_whole)
    proposed = best_seats(plan, states, party, strict=strict)
    if not proposed:
        return ""
    signs = iter("C" if index in proposed else "" for index in range(len(states)))
    drawn = [
        "".join(next(signs) or sign if sign in "_hxb" else sign for sign in row) for row in rows
    ]
    return "/".join(drawn)


@pytest.mark.parametrize(
    ("rows", "count", "proposed"),
    [
        (("_______",) * 4, 3, "_______/_______/__CCC__/_______"),
        (("_________", "_________", "xxx______"), 2, "_________/___CC____/xxx______"),
        # Not in the middle, where a single seat would be left.
        (("xx_____xx",), 3, "xxCCC__xx"),
        (("xx____xxx", "_________"), 3, "xx____xxx/___CCC___"),
        # A run of just so many is as good as any.
        (("xxxCCxx".replace("C", "_"), "xxxxxxx"), 2, "xxxCCxx/xxxxxxx"),
        # Every row leaves a single seat: then so be it.
        (("x___x", "xxxxx"), 2, "xCC_x/xxxxx"),
    ],
)
def test_the_seats_nearest_to_the_focal_point_are_proposed_side_by_side(
    rows: tuple[str, ...], count: int, proposed: str
) -> None:
    assert best(*rows, party=Party(count)) == proposed


@pytest.mark.parametrize(
    ("rows", "count", "proposed"),
    [
        # Across a neighbour of the same row before two rows.
        (("__x__x", "__xxxx"), 4, "CCxCCx/__xxxx"),
        (("__ __", "_x_x_"), 4, "CC CC/_x_x_"),
        # In adjacent rows before rows apart.
        (("__xx", "xxxx", "__xx", "__xx"), 4, "__xx/xxxx/CCxx/CCxx"),
        (("___xx", "xxxxx", "xxxxx", "___xx"), 6, "CCCxx/xxxxx/xxxxx/CCCxx"),
        # Nobody sits alone if there is another way.
        (("____x_", "xx__xx"), 5, ""),
        (("___x__", "_x_x_x"), 5, "CCCxCC/_x_x_x"),
    ],
)
def test_a_party_that_fits_no_row_is_split_as_little_as_can_be(
    rows: tuple[str, ...], count: int, proposed: str
) -> None:
    if not proposed:
        proposed = best(*rows, party=Party(count))
        assert proposed.count("C") == count
        return
    assert best(*rows, party=Party(count)) == proposed


def test_when_there_are_not_enough_seats_none_are_proposed() -> None:
    assert best("__x_", "xx_x", party=Party(5)) == ""


def test_strict_halls_leave_no_single_seat_whatever_is_left() -> None:
    assert best("x___x", party=Party(2), strict=True) == ""
    assert best("x___x", "x__xx", party=Party(2), strict=True) == "x___x/xCCxx"


def test_only_the_wanted_areas_are_looked_at() -> None:
    plan, states, _ = a_hall("____", "|____", "|____")

    proposed = best_seats(plan, states, Party(2, areas=frozenset({"2"})))

    assert [plan.ordered[index].area for index in proposed] == ["2", "2"]
    assert best_seats(plan, states, Party(2, areas=frozenset({"VIP"}))) == []


@pytest.mark.parametrize(
    ("rows", "party", "proposed"),
    [
        (("[_]{_}xx{_}[_]", "____"), Party(2), "[_]{_}xx{_}[_]/CC__"),
        (("[_]{_}[_]{_}",), Party(2, WHEELCHAIR), "[_]{_}[C]{C}"),
        (("[x]{_}[_]{x}",), Party(1, WHEELCHAIR), "[x]{_}[C]{x}"),
        (("[_]{x}[_]{_}",), Party(2, WHEELCHAIR), "[_]{x}[C]{C}"),
        (("[_]{x}[_]{_}",), Party(3, WHEELCHAIR), "[C]{x}[C]{C}"),
        (("[x]{_}____",), Party(1, WHEELCHAIR), ""),
        (("(__)(__)(__)",), Party(2, SOFA), "(__)(CC)(__)"),
        (("(__)(x_)(__)(__)",), Party(4, SOFA), "(__)(x_)(CC)(CC)"),
        (("(__)(__)",), Party(3, SOFA), ""),
        (("(_b)____",), Party(1, SOFA), "(Cb)____"),
        (("____",), Party(2, SOFA), ""),
    ],
)
def test_special_seats_are_for_those_who_ask(
    rows: tuple[str, ...], party: Party, proposed: str
) -> None:
    drawn = best(*rows, party=party)

    if party.kind is PartyKind.ORDINARY:
        assert drawn.startswith(rows[0])
        assert drawn.count("C") == party.count
    else:
        assert drawn == proposed


def test_half_a_sofa_is_proposed_where_halves_are_sold() -> None:
    assert best("(__)(__)", party=Party(3, SOFA), sofas_sold_whole=False).count("C") == 3


PLAIN_ROWS = st.lists(
    st.text("___hxb |", max_size=12).map(lambda row: f"x{row}"), min_size=1, max_size=4
)


def legal_blocks(plan: SeatPlan, states: bytes, count: int, *, strict: bool) -> list[list[int]]:
    """Try out every block of neighbouring free seats of a segment."""
    return [
        block
        for row in plan.layout.rows
        for first, end in row.segments
        for block in (list(range(at, at + count)) for at in range(first, end - count + 1))
        if all(states[index] == SeatState.FREE for index in block)
        and not single_seats_left(plan.layout, states, block, strict=strict)
    ]


@given(rows=PLAIN_ROWS, count=st.integers(1, 8), strict=st.booleans())
def test_a_party_sits_together_whenever_the_gap_rule_lets_it(
    rows: list[str], count: int, *, strict: bool
) -> None:
    plan, states, _ = a_hall(*rows)
    blocks = legal_blocks(plan, states, count, strict=strict)

    proposed = best_seats(plan, states, Party(count), strict=strict)

    assert not blocks or proposed in blocks
    unspoilt = legal_blocks(plan, states, count, strict=True)
    if unspoilt:
        distance = plan.layout.to_focus
        assert proposed in unspoilt
        assert sum(distance[index] for index in proposed) == min(
            sum(distance[index] for index in block) for block in unspoilt
        )


@given(
    rows=PLAIN_ROWS,
    sofas=st.lists(
        st.sampled_from(["(__)", "(x_)", "(___)", "(_b)", "[_]{_}", "[x]{_}", "[_]{x}"])
    ),
    kind=st.sampled_from(PartyKind),
    count=st.integers(1, 9),
    strict=st.booleans(),
    sofas_sold_whole=st.booleans(),
)
def test_what_is_proposed_is_free_of_that_kind_and_accepted(
    rows: list[str],
    sofas: list[str],
    kind: PartyKind,
    count: int,
    *,
    strict: bool,
    sofas_sold_whole: bool,
) -> None:
    plan, states, _ = a_hall(*rows, "".join(sofas), sofas_sold_whole=sofas_sold_whole)

    proposed = best_seats(plan, states, Party(count, kind), strict=strict)

    assert len(set(proposed)) == len(proposed)
    assert len(proposed) in {0, count}
    assert all(states[index] == SeatState.FREE for index in proposed)
    assert single_seats_left(plan.layout, states, proposed, strict=strict) == []
    assert seats_not_sold_alone(plan.layout, states, proposed) == []
    kinds = {plan.ordered[index].kind.value for index in proposed}
    assert (
        kinds
        <= {
            PartyKind.ORDINARY: {"STANDARD"},
            PartyKind.WHEELCHAIR: {"WHEELCHAIR", "COMPANION"},
            PartyKind.SOFA: {"SOFA"},
        }[kind]
    )


@given(rows=PLAIN_ROWS, count=st.integers(1, 8))
def test_a_party_is_split_whenever_free_runs_can_be_filled_whole(
    rows: list[str], count: int
) -> None:
    plan, states, _ = a_hall(*rows)
    runs = [
        end - first for row in plan.layout.rows for first, end in free_runs(row.segments, states)
    ]
    sums = {0}
    for run in runs:
        sums |= {each + run for each in sums}

    proposed = best_seats(plan, states, Party(count))

    assert proposed or count not in sums


def free_runs(segments: tuple[tuple[int, int], ...], states: bytes) -> list[tuple[int, int]]:
    runs = []
    for first, end in segments:
        at = first
        while at < end:
            until = at
            while until < end and states[until] == SeatState.FREE:
                until += 1
            if until > at:
                runs.append((at, until))
            at = until + 1
    return runs
