"""A slice of the soak with watchers, with Redis away and PostgreSQL killed during the sale."""

import pytest

from tests.load.soak.context import fresh_context
from tests.load.soaks import watchers

SEED = 20_261_125
COUNTS = {
    **watchers.COUNTS,
    "watchers": 30,
    "stalled": 0,
    "seats": 60,
    "seats_per_s": 10,
    "processes": 1,
    "faults": 1,
}

pytestmark = pytest.mark.xdist_group("watchers")


async def test_nobody_who_watches_misses_a_seat_whatever_is_broken_meanwhile(tmp_path):
    async with fresh_context(tmp_path / "state", SEED, COUNTS, watchers.OPTIONS) as context:
        figures = await watchers.run(context)

    assert figures["gaps"] == 0
    assert figures["watchers with another map than the database"] == 0
    # Nobody had to come again: the streams went on once the boards could be seen again.
    assert figures["streams that broke"] == {}
