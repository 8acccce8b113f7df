"""A few runs of the wallet's soak, on a database of their own."""

from typing import Any, cast

from tests.kit.databases import DatabaseFactory
from tests.kit.wallet_server import migrate_wallet
from tests.load.soak.context import SoakContext
from tests.load.soaks.wallet import COUNTS, drive


async def test_commands_in_any_order_leave_what_the_model_says(databases: DatabaseFactory):
    database = databases.create("wallet", migrate_wallet)
    counts = {**COUNTS, "runs": 12}
    context = SoakContext(seed=11, counts=counts, stage=cast("Any", None))

    figures = await drive(database.app_url, context)

    assert figures["commands"] == 12 * COUNTS["steps"]
