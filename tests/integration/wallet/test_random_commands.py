"""A few runs of the wallet's soak, on a database of their own."""

from typing import Any, cast

from tests.kit.databases import DatabaseFactory
from tests.kit.wallet_server import migrate_wallet
from tests.load.soak.context import SoakContext
from tests.load.soaks import guessing
from tests.load.soaks.wallet import COUNTS, drive


async def test_commands_in_any_order_leave_what_the_model_says(databases: DatabaseFactory):
    database = databases.create("wallet", migrate_wallet)
    counts = {**COUNTS, "runs": 12}
    context = SoakContext(seed=11, counts=counts, stage=cast("Any", None))

    figures = await drive(database.app_url, context)

    assert figures["commands"] == 12 * COUNTS["steps"]


async def test_guesses_of_every_sort_get_one_answer_and_no_hit(databases: DatabaseFactory):
    database = databases.create("wallet", migrate_wallet)
    # Times are judged by the soak alone: here the machine does other things too.
    counts = {"guesses": 200, "cards": 10, "max_difference_percent": 100_000}
    context = SoakContext(seed=11, counts=counts, stage=cast("Any", None))

    figures = await guessing.drive(database.app_url, context)

    assert figures["answers"] == 1
