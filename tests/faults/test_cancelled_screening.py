"""A slice of the soak in which a screening is called off."""

import pytest

from tests.faults.suite import OPTIONS
from tests.load.soak.context import fresh_context
from tests.load.soaks import cancelled_screening

SEED = 20_261_126
COUNTS = {"seats": 100, "orders": 24, "at_once": 4, "seconds": 3, "store_losses": 1}

pytestmark = pytest.mark.xdist_group("cancelled")


@pytest.mark.rule("OTC-14.5a")
@pytest.mark.rule("OTC-33c")
@pytest.mark.rule("OTC-44")
async def test_all_are_told_once_and_get_one_remedy_each_while_jetstream_loses_its_store(tmp_path):
    async with fresh_context(tmp_path / "state", SEED, COUNTS, OPTIONS) as context:
        figures = await cancelled_screening.run(context)

    assert figures["orders, notices, remedies"] == "24, 24, 24"
