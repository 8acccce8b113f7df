"""For which cinemas a member of staff may act."""

import pytest

from services.booking.domain.errors import WrongCinemaError
from services.booking.domain.staff import Staff


@pytest.mark.parametrize("cinemas", [{"1818"}, {"1806", "1818"}, {"*"}])
def test_staff_act_for_the_cinemas_of_their_token(cinemas: set[str]) -> None:
    Staff("somebody", ("usher",), frozenset(cinemas), "r").must_act_for("1818")


@pytest.mark.parametrize("cinemas", [set(), {"1806"}, {"181"}, {""}])
def test_staff_do_not_act_for_another_cinema(cinemas: set[str]) -> None:
    with pytest.raises(WrongCinemaError):
        Staff("somebody", ("usher",), frozenset(cinemas), "r").must_act_for("1818")
