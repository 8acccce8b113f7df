"""A slice of the kills; `make soak` kills every victim at every step."""

import pytest

from tests.faults.campaign import kill_once
from tests.faults.suite import Suite

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("faults")]
SEED = 20261122
SLICE = (
    ("booking-rpc", "during HoldSeats"),
    ("wallet-rpc", "places reserved"),
    ("payment-rpc", "payment created, answer on its way"),
    ("booking-rpc", "authorised, not decided"),
    ("postgres", "granted, places not captured"),
    ("payment-rpc", "the provider took it, answer on its way"),
    ("booking-worker", "captured, booking not told"),
    ("nats", "captured, booking not told"),
)


@pytest.mark.parametrize(("victim", "step"), SLICE, ids=" dies: ".join)
async def test_an_order_ends_right_when_a_part_is_killed(
    suite: Suite, victim: str, step: str
) -> None:
    state = await kill_once(suite, (victim, step), SEED)

    assert state == "STATE_CONFIRMED"
