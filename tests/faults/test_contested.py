"""A slice of the contested soak."""

import pytest

from tests.faults.suite import OPTIONS
from tests.load.soak.context import fresh_context
from tests.load.soaks import contested

SEED = 20_261_122
COUNTS = {"buyers": 90, "at_once": 12, "open_screenings": 2, "days": 2}

pytestmark = pytest.mark.xdist_group("contested")


async def test_every_contested_seat_is_one_buyers_and_paid_once(tmp_path):
    async with fresh_context(tmp_path / "state", SEED, COUNTS, OPTIONS) as context:
        figures = await contested.run(context)

    assert figures["buyers"] == COUNTS["buyers"]
    assert figures["seats sold"]
