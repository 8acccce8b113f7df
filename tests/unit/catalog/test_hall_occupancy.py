from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.catalog.domain.hall_occupancy import Claim, Slot, refused_claims

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def slot(start: int, end: int, hall: str = "S01") -> Slot:
    return Slot(hall, MIDNIGHT + timedelta(hours=start), MIDNIGHT + timedelta(hours=end))


def test_the_first_of_two_rows_gets_the_hall() -> None:
    claims = [Claim(0, slot(10, 12), None), Claim(1, slot(11, 13), None)]

    assert refused_claims([], claims) == {1}


def test_a_row_behind_a_refused_one_still_gets_the_hall() -> None:
    claims = [
        Claim(0, slot(10, 12), None),
        Claim(1, slot(11, 14), None),
        Claim(2, slot(12, 14), None),
    ]

    assert refused_claims([], claims) == {1}


def test_one_may_begin_when_the_other_ends() -> None:
    assert refused_claims([slot(8, 10)], [Claim(0, slot(10, 12), None)]) == set()


def test_halls_do_not_disturb_each_other() -> None:
    assert refused_claims([slot(10, 12, "S02")], [Claim(0, slot(10, 12), None)]) == set()


def test_who_stays_comes_before_who_comes() -> None:
    claims = [Claim(0, slot(11, 13), None), Claim(1, slot(10, 12), slot(10, 12))]

    assert refused_claims([], claims) == {0}


def test_two_may_swap() -> None:
    claims = [Claim(0, slot(14, 16), slot(10, 12)), Claim(1, slot(10, 12), slot(14, 16))]

    assert refused_claims([], claims) == set()


def test_who_is_refused_stays_and_keeps_others_out() -> None:
    claims = [Claim(0, slot(14, 16), slot(10, 12)), Claim(1, slot(10, 12), None)]

    assert refused_claims([slot(15, 17)], claims) == {0, 1}


starts = st.integers(0, 30)


@given(
    wanted=st.lists(st.tuples(starts, st.integers(1, 5)), max_size=20),
    held=st.lists(st.integers(0, 7), unique=True, max_size=8),
)
def test_what_is_left_never_overlaps(wanted: list[tuple[int, int]], held: list[int]) -> None:
    claims = [
        Claim(
            index,
            slot(start, start + hours),
            slot(held[index] * 4, held[index] * 4 + 4) if index < len(held) else None,
        )
        for index, (start, hours) in enumerate(wanted)
    ]

    refused = refused_claims([], claims)

    final = [claim.held if claim.index in refused else claim.wanted for claim in claims]
    taken = sorted((s.starts_at, s.ends_at) for s in final if s is not None)
    assert all(one[1] <= other[0] for one, other in pairwise(taken))
