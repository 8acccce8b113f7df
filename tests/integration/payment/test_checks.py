"""`make verify` sees nothing wrong after all kinds of endings, and complains when a guard is gone."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from deploy.local.databases import ServiceDatabase
from services.common.db.database import Database
from services.common.money import Money
from services.payment.domain.states import OrderStatus
from tests.integration.payment.conftest import migrate_payment
from tests.integration.payment.shop import Shop
from tests.kit.databases import DatabaseFactory


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
    await owner.execute("DROP TRIGGER posting_balances ON journal_posting")

    await owner.execute(
        "INSERT INTO journal_posting SELECT id, 3, 'exceptions', 'RON', 1 FROM journal_entry"
    )

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
            "UPDATE journal_posting SET amount = amount + 1",
            "DELETE FROM journal_posting",
            "DELETE FROM journal_entry",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await driver.execute(statement)
    await application.close()


async def test_an_entry_that_does_not_balance_is_not_committed(owner: asyncpg.Connection) -> None:
    entry = """
        WITH entry AS (INSERT INTO journal_entry (id, key, kind) VALUES ($1, $2, 'CAPTURE'))
        INSERT INTO journal_posting (entry_id, line, account, currency, amount)
        VALUES ($1, 1, 'ticket_sales', 'RON', -5), ($1, 2, 'provider_clearing', 'EUR', 5)"""

    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(entry, "018f0000-0000-7000-8000-000000000001", "capture:x")
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(
            "INSERT INTO journal_entry (id, key, kind) VALUES ($1, 'capture:y', 'CAPTURE')",
            "018f0000-0000-7000-8000-000000000002",
        )
