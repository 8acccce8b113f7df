"""What the provider gave back, against what was asked of it here."""

import pytest

from deploy.verify.across import ACROSS_CHECKS
from deploy.verify.records import Records

(CHECK,) = (each for each in ACROSS_CHECKS if each.name == "the provider gave back what was asked")


def records(refunded: int, completed: int, asked: int) -> Records:
    return Records(
        orders={},
        place_legs=[],
        remedies={},
        payments={},
        attempts={},
        named_exceptions=frozenset(),
        reservations={},
        vouchers=[],
        provider_orders={"ORDER-1": {"refunded": refunded}},
        refunds={"ORDER-1": {"completed": completed, "asked": asked}} if asked else {},
    )


@pytest.mark.parametrize(("refunded", "completed", "asked"), [(0, 0, 0), (6, 6, 6), (6, 0, 6)])
def test_what_was_asked_and_carried_out_agrees(refunded: int, completed: int, asked: int) -> None:
    assert list(CHECK.find(records(refunded, completed, asked))) == []


@pytest.mark.parametrize(("refunded", "completed", "asked"), [(6, 0, 0), (7, 6, 6), (0, 6, 6)])
def test_what_nobody_asked_for_or_never_came_is_named(
    refunded: int, completed: int, asked: int
) -> None:
    assert len(list(CHECK.find(records(refunded, completed, asked)))) == 1
