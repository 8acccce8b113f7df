"""Payment dies around a capture: the customer is charged once and has the tickets."""

import pytest

from tests.faults.suite import Suite
from tests.load.soaks.captures import ORDERS, kill_around_capture

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("faults")]


@pytest.mark.rule("OTC-13b")
@pytest.mark.parametrize("step", ORDERS)
async def test_a_capture_that_payment_dies_in_is_made_once(suite: Suite, step: str) -> None:
    state, _ = await kill_around_capture(suite, step)

    assert state == "STATE_CONFIRMED"
    await suite.must_verify()
