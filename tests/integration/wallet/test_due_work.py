"""What wallet's worker looks for twice a second."""

import pytest

from services.wallet.adapters.purchases import PURCHASES_ARE_DUE
from services.wallet.adapters.reservations import RESERVATIONS_ARE_DUE
from tests.kit.plans import whole_scans
from tests.kit.wallet_server import Wallet


@pytest.mark.parametrize("due", [PURCHASES_ARE_DUE, RESERVATIONS_ARE_DUE])
async def test_what_is_due_is_found_by_an_index(wallet: Wallet, due: str) -> None:
    assert await whole_scans(wallet.database, f"SELECT {due}") == set()
