"""A slice of the soak of contested holds."""

import pytest

from tests.faults.suite import OPTIONS
from tests.load.soak.context import fresh_context
from tests.load.soaks import contested_holds

SEED = 20_261_125
COUNTS = {
    **contested_holds.COUNTS,
    "attempts": 2_000,
    "screenings": 5,
    "buyers_at_once": 3,
    "rounds": 10,
    # How busy the machine is says nothing about the rule.
    "max_overstay_ms": 30_000,
}

pytestmark = pytest.mark.xdist_group("contested")


@pytest.mark.rule("OTC-14.4a")
@pytest.mark.rule("OTC-14.4b")
async def test_no_seat_is_sold_twice_or_left_single_whatever_breaks_meanwhile(tmp_path):
    async with fresh_context(tmp_path / "state", SEED, COUNTS, OPTIONS) as context:
        figures = await contested_holds.run(context)

    assert figures["attempts"] == COUNTS["attempts"]
    assert figures["seats sold"]
    assert figures["holds judged"]
