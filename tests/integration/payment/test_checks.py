"""`make verify` sees nothing wrong after all kinds of endings, and complains when a guard is gone."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.databases import ServiceDatabase
from services.common.db.database import Database
from services.common.money import Money
from services.payment.domain.states import OrderStatus
from tests.integration.payment.conftest import migrate_payment
from tests.integration.payment.shop import Shop
from tests.kit.databases import DatabaseFactory

SOLD = "ticket_sales"
TAKEN = "provider_clearing"
ENTRY = """
INSERT INTO journal_entry (id, key, kind, currency, accounts, amounts)
VALUES ($1, gen_random_uuid(), 'CAPTURE', 'RON', $2, $3)"""


@pytest.fixture
def service_database(databases: DatabaseFactory) -> ServiceDatabase:
    """A database for each test: these break what must be true."""
    return databases.create("payment", migrate_payment)


@pytest.fixture
async def owner(service_database: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    driver = await asyncpg.connect(service_database.owner_url)
    yield driver
    await driver.close()


async def test_all_kinds_of_endings_are_fine(database: Database) -> None:
    for status, amount in (
        (OrderStatus.CANCELLED, Money("RON", 6400)),
        (OrderStatus.AUTHORIZED, Money("RON", 1)),
        (OrderStatus.CAPTURED, Money("RON", 6400)),
        (OrderStatus.CAPTURED, Money("RON", 1)),
    ):
        shop = Shop(database)
        await shop.create()
        await shop.tell(status, amount=amount)
        await shop.step()
    shop = Shop(database)
    await shop.captured()
    await shop.cases.spend_budget("booking", shop.reference_id, shop.reference_id, Money("RON", 9))

    assert await shop.violations() == []


async def test_without_its_guard_a_capture_without_a_grant_is_seen(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    await shop.captured()
    await owner.execute("DROP TRIGGER attempt_goes_forward ON payment_attempt")
    await owner.execute("ALTER TABLE payment_attempt DROP CONSTRAINT payment_attempt_grant")

    await owner.execute("UPDATE payment_attempt SET decision = NULL")

    assert any("without a grant" in each for each in await shop.violations())


async def test_without_its_guard_a_budget_that_is_passed_is_seen(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    await shop.captured()
    await owner.execute("ALTER TABLE payment DROP CONSTRAINT payment_budget")

    await owner.execute("UPDATE payment SET refunded = 5000, converted = 5000")

    assert any("never pass" in each for each in await shop.violations())


async def test_without_its_guard_an_entry_out_of_balance_is_seen(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    await shop.captured()
    await owner.execute("ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_balances")

    await owner.execute(ENTRY, uuid4(), [TAKEN, SOLD], [1, 1])

    assert any("sums to zero" in each for each in await shop.violations())


async def test_an_attempt_that_nobody_comes_back_to_is_seen(
    shop: Shop, owner: asyncpg.Connection
) -> None:
    await shop.create()

    await owner.execute("UPDATE payment_attempt SET next_step_at = NULL")

    assert any("stuck" in each for each in await shop.violations())


async def test_the_journal_is_only_added_to_even_by_its_owner(
    shop: Shop, owner: asyncpg.Connection, service_database: ServiceDatabase
) -> None:
    await shop.captured()
    application = await asyncpg.connect(service_database.app_url)

    for driver in (owner, application):
        for statement in (
            "UPDATE journal_entry SET amounts = amounts || 1",
            "DELETE FROM journal_entry",
            "TRUNCATE journal_entry",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await driver.execute(statement)
    await application.close()


@pytest.mark.parametrize(
    ("accounts", "amounts"),
    [
        pytest.param([TAKEN, SOLD], [5, -4], id="does not balance"),
        pytest.param([TAKEN, SOLD], [5, None], id="an amount is missing"),
        pytest.param([TAKEN, SOLD, SOLD], [5, -5, 0], id="a line of nothing"),
        pytest.param([TAKEN, SOLD, SOLD], [5, -5], id="an account without amount"),
        pytest.param([TAKEN, "pockets"], [5, -5], id="an unknown account"),
        pytest.param([], [], id="no postings"),
    ],
)
async def test_an_entry_that_is_not_whole_and_balanced_is_refused(
    owner: asyncpg.Connection, accounts: list[str], amounts: list[int | None]
) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(ENTRY, uuid4(), accounts, amounts)
