"""What payment gave back of orders, against what the orders say."""

import pytest

from deploy.verify.across import ACROSS_CHECKS
from deploy.verify.records import Records

(CHECK,) = (each for each in ACROSS_CHECKS if each.name == "refunds are of orders that give back")


def complaints(due: int, done: int, asked: int, completed: int) -> list[str]:
    records = Records(
        orders={},
        place_legs=[],
        remedies={},
        payments={},
        attempts={},
        named_exceptions=frozenset(),
        reservations={},
        vouchers=[],
        provider_orders={},
        refund_legs={"order": {"amount": due, "done": done}} if due else {},
        given_back={"order": {"asked": asked, "completed": completed}} if asked else {},
    )
    return list(CHECK.find(records))


@pytest.mark.parametrize(
    ("due", "done", "asked", "completed"), [(0, 0, 0, 0), (6, 0, 0, 0), (6, 0, 6, 6), (6, 6, 6, 6)]
)
def test_what_is_on_its_way_or_back_agrees(due: int, done: int, asked: int, completed: int) -> None:
    assert complaints(due, done, asked, completed) == []


@pytest.mark.parametrize(
    ("due", "done", "asked", "completed"), [(0, 0, 6, 0), (6, 0, 7, 0), (6, 6, 6, 0)]
)
def test_what_no_order_gives_back_or_is_said_to_be_back_too_early_is_named(
    due: int, done: int, asked: int, completed: int
) -> None:
    assert len(complaints(due, done, asked, completed)) == 1
