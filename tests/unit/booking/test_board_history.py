"""What a screening's board tells those who saw an earlier one."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.booking.domain.board_history import (
    MAX_REMEMBERED_REVISIONS,
    BoardHistory,
    SeatChange,
)
from services.booking.domain.seats import SeatMap
from tests.kit.booking_seats import SERVER_START

FREE, HELD, SOLD = 1, 2, 3


def a_map(*states: int, revision: int = 1, epoch: int = 1) -> SeatMap:
    return SeatMap(
        uuid4(),
        None,
        epoch,
        revision,
        1,
        on_sale=True,
        states=bytes(states),
        server_start=SERVER_START,
    )


def test_changes_are_those_between_the_two_boards() -> None:
    first = a_map(FREE, FREE, FREE, revision=4)
    history = BoardHistory(first)
    history.advance(replace(first, revision=6, states=bytes([FREE, HELD, FREE])))
    history.advance(replace(first, revision=9, states=bytes([FREE, HELD, SOLD])))

    assert history.changes_since(1, 4) == [SeatChange(1, HELD), SeatChange(2, SOLD)]
    assert history.changes_since(1, 6) == [SeatChange(2, SOLD)]
    assert history.changes_since(1, 9) == []


def test_a_revision_between_two_boards_cannot_be_gone_on_from() -> None:
    # Held at 5 and free again at 6: whoever saw 5 would believe for ever that it is held.
    first = a_map(FREE, revision=4)
    history = BoardHistory(first)
    history.advance(replace(first, revision=6))

    assert history.changes_since(1, 5) is None


@pytest.mark.parametrize(
    ("epoch", "revision", "seats", "plan"),
    [(2, 5, 2, "same"), (1, 3, 2, "same"), (1, 5, 3, "other")],
    ids=["another epoch", "an older board of the same epoch", "another plan"],
)
def test_what_does_not_follow_makes_everything_before_void(
    epoch: int, revision: int, seats: int, plan: str
) -> None:
    first = a_map(FREE, FREE, revision=4)
    history = BoardHistory(first)
    other = replace(first, epoch=epoch, revision=revision, states=bytes([FREE] * seats))

    history.advance(other if plan == "same" else replace(other, seat_plan_id=uuid4()))

    assert history.changes_since(1, 4) is None
    assert history.changes_since(epoch, revision) == []


def test_nothing_goes_on_from_what_a_server_said_that_began_anew_since() -> None:
    first = a_map(FREE, FREE, revision=4)
    history = BoardHistory(first)
    began_anew = SERVER_START + timedelta(hours=1)

    is_news = history.advance(replace(first, revision=5, server_start=began_anew))

    assert is_news
    assert history.changes_since(1, 4) is None


def test_the_same_board_again_is_no_news() -> None:
    first = a_map(FREE)
    history = BoardHistory(first)

    assert not history.advance(replace(first, facts_version=2))


def test_only_so_many_revisions_are_remembered() -> None:
    first = a_map(FREE, revision=1)
    history = BoardHistory(first)
    for revision in range(2, MAX_REMEMBERED_REVISIONS + 2):
        history.advance(replace(first, revision=revision))

    assert history.changes_since(1, 1) is None
    assert history.changes_since(1, 2) == []
    assert len(history._states) == MAX_REMEMBERED_REVISIONS
