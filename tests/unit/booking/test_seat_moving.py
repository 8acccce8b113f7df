"""Who has bought and is moved to another hall: the same seats, or as good ones, and together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.booking.domain.seat_finding import runs_of
from services.booking.domain.seat_layout import Seat, SeatKind
from services.booking.domain.seat_moving import MovedSeats, Party, move_seats
from services.booking.domain.seats import SeatPlan
from tests.kit.drawn_halls import a_hall

pytestmark = pytest.mark.rule("OTC-33d")

NAMES = UUID(int=7)


def hall(*rows: str) -> SeatPlan:
    """Draw a hall whose seats are named by row and place, such as `B3`; `b` is not for sale."""
    plan, _, _ = a_hall(*(row.replace("b", "_") for row in rows))
    blocked = [sign == "b" for row in rows for sign in row if sign in "_bx"]
    names: dict[str, str] = {}
    for seat in plan.ordered:
        in_row = sum(1 for other in names.values() if other[0] == seat.row_name)
        names[seat.id] = f"{seat.row_name}{in_row + 1}"
    seats = [
        replace(
            seat,
            id=names[seat.id],
            blocked=blocked[seat.index],
            companion_of=names.get(seat.companion_of, ""),
        )
        for seat in plan.ordered
    ]
    return SeatPlan(plan.id, {seat.id: seat for seat in seats})


def party(name: str, plan: SeatPlan, *seat_ids: str, better: Iterable[str] = ()) -> Party:
    """Make a party; the areas that are as good as its own are its own and `better`."""
    areas = {seat_id: frozenset({plan.seat(seat_id).area, *better}) for seat_id in seat_ids}
    return Party(uuid5(NAMES, name), areas)


def seats_of(moved: MovedSeats, asked: Party) -> str:
    """Tell the new seats of a party in the order of its old ones."""
    return " ".join(seat.id for seat in moved.seats[asked.id].values())


def test_who_can_keep_their_seats_keeps_them() -> None:
    old, new = hall("_____", "_____"), hall("______", "______", "______")
    pair, single = party("pair", old, "A2", "A3"), party("single", old, "B5")

    moved = move_seats(old, new, [pair, single])

    assert (seats_of(moved, pair), seats_of(moved, single)) == ("A2 A3", "B5")
    assert moved.keeps(pair.id)
    assert moved.unseated == ()


@pytest.mark.parametrize(
    ("new_rows", "expected"),
    [
        # The row is there, and shorter.
        (("____", "____"), "B3 B4"),
        # Not across an aisle, and not beside a seat that is not for sale.
        (("______", "____ __"), "B5 B6"),
        (("______", "____b_"), "B3 B4"),
        # The row is full of an aisle: another one.
        (("______", "_ _ _ _ _ _"), "A5 A6"),
        # There is no such row.
        (("______",), "A5 A6"),
    ],
)
def test_a_pair_stays_a_pair_in_its_row_if_it_can(new_rows: tuple[str, ...], expected: str) -> None:
    old, new = hall("______", "______"), hall(*new_rows)
    pair = party("pair", old, "B5", "B6")

    assert seats_of(move_seats(old, new, [pair]), pair) == expected


def test_a_party_that_fits_nowhere_is_split_and_nobody_sits_alone_if_that_can_be_helped() -> None:
    old, new = hall("____"), hall("___ ___")
    four = party("four", old, "A1", "A2", "A3", "A4")

    moved = move_seats(old, new, [four])

    assert sorted(len(run) for run in runs_of(moved.seats[four.id].values())) == [2, 2]


def test_the_largest_party_is_seated_first_as_long_as_there_is_room_for_all() -> None:
    old, new = hall("__ __ ____"), hall("_ _ _ _", "____")
    first, second = party("first", old, "A1", "A2"), party("second", old, "A5", "A6", "A7", "A8")

    moved = move_seats(old, new, [first, second])

    assert seats_of(moved, second) == "B1 B2 B3 B4"


def test_when_there_is_not_room_for_all_who_came_last_goes_without_and_is_named() -> None:
    old, new = hall("__ _ ___"), hall("___")
    first, second = party("first", old, "A1", "A2"), party("second", old, "A3")
    third = party("third", old, "A4", "A5", "A6")

    moved = move_seats(old, new, [first, second, third])

    assert moved.unseated == (third.id,)
    assert seats_of(moved, first) == "A1 A2"


def test_nobody_gets_a_worse_area() -> None:
    old, new = hall("__|__"), hall("____")
    cheap, dear = party("cheap", old, "A1", "A2"), party("dear", old, "A3", "A4")

    moved = move_seats(old, new, [cheap, dear])

    assert moved.unseated == (dear.id,)


def test_a_better_area_is_taken_when_there_is_nothing_else() -> None:
    old, new = hall("___|__"), hall("_ |___")
    three = party("three", old, "A1", "A2", "A3", better=["1"])

    assert seats_of(move_seats(old, new, [three]), three) == "A2 A3 A4"


def test_a_wheelchair_place_stays_one_with_its_companion_beside_it() -> None:
    old, new = hall("[_]{_}____"), hall("______", "__[_]{_}__")
    together = party("together", old, "A1", "A2")

    assert seats_of(move_seats(old, new, [together]), together) == "B3 B4"


def test_a_companion_sits_on_the_next_seat_where_there_is_no_companions_seat() -> None:
    old, new = hall("[_]{_}____"), hall("[_]___", "___[_]")
    together = party("together", old, "A1", "A2")

    assert seats_of(move_seats(old, new, [together]), together) == "A1 A2"


def test_without_a_wheelchair_place_nobody_is_put_on_a_seat() -> None:
    old, new = hall("[_]{_}____"), hall("_" * 20)
    together, other = party("together", old, "A1", "A2"), party("other", old, "A3")

    moved = move_seats(old, new, [together, other])

    assert moved.unseated == (together.id,)


def test_a_sofa_is_a_sofa_again_and_a_row_where_there_are_none() -> None:
    old = hall("(__)(__)")
    pair = party("pair", old, "A1", "A2")

    again = move_seats(old, hall("____", "__(__)"), [pair])
    row = move_seats(old, hall("____"), [pair])

    assert seats_of(again, pair) == "B3 B4"
    assert len(runs_of(row.seats[pair.id].values())) == 1


@dataclass(frozen=True)
class Scene:
    old: SeatPlan
    new: SeatPlan
    parties: Sequence[Party]


_ROW = st.text(alphabet="_____ b", min_size=1, max_size=12).filter(lambda row: "_" in row)
_HALL = st.lists(_ROW, min_size=1, max_size=5).map(lambda rows: hall(*rows))


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Two halls, and parties that sit side by side in the first."""
    old, new = draw(_HALL), draw(_HALL)
    parties = []
    for run in runs_of([seat for seat in old.ordered if not seat.blocked]):
        left = list(run)
        while left:
            size = draw(st.integers(1, min(6, len(left))))
            mine, left = left[:size], left[size:]
            if draw(st.booleans()):
                parties.append(party(mine[0].id, old, *(seat.id for seat in mine)))
    return Scene(old, new, draw(st.permutations(parties)))


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_no_seat_is_given_twice_and_whoever_has_none_is_named(scene: Scene) -> None:
    moved = move_seats(scene.old, scene.new, scene.parties)

    given_seats = [seat.id for seats in moved.seats.values() for seat in seats.values()]
    assert len(given_seats) == len(set(given_seats))
    assert not any(scene.new.seat(seat_id).blocked for seat_id in given_seats)
    assert {*moved.seats, *moved.unseated} == {each.id for each in scene.parties}
    for each in scene.parties:
        if each.id in moved.seats:
            assert moved.seats[each.id].keys() == each.seats.keys()
        else:
            assert len(each.seats) > len(free_of(scene.new, moved))


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_nobody_is_split_who_could_sit_in_what_is_left(scene: Scene) -> None:
    moved = move_seats(scene.old, scene.new, scene.parties)

    free = free_of(scene.new, moved)
    for each in scene.parties:
        mine = list(moved.seats.get(each.id, {}).values())
        if len(runs_of(mine)) > 1:
            assert max(len(run) for run in runs_of([*free, *mine])) < len(mine)


@settings(max_examples=30, deadline=None)
@given(scenes())
def test_the_same_hall_changes_nothing_and_the_same_question_has_one_answer(scene: Scene) -> None:
    same = move_seats(scene.old, scene.old, scene.parties)
    moved = move_seats(scene.old, scene.new, scene.parties)

    assert all(same.keeps(each.id) for each in scene.parties)
    assert moved == move_seats(scene.old, scene.new, scene.parties)


def free_of(plan: SeatPlan, moved: MovedSeats) -> list[Seat]:
    taken = {seat.id for seats in moved.seats.values() for seat in seats.values()}
    return [
        seat
        for seat in plan.ordered
        if seat.id not in taken and not seat.blocked and seat.kind is SeatKind.STANDARD
    ]
