"""What payment's worker looks for twice a second."""

from services.common.db.database import Database
from services.payment.adapters.due_work import STEPS_ARE_DUE
from tests.kit.plans import whole_scans


async def test_steps_that_are_due_are_found_by_indexes(database: Database) -> None:
    assert await whole_scans(database, f"SELECT {STEPS_ARE_DUE}") == set()
