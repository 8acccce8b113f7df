"""Entries that were booked as rows of postings are the same when they are one row."""

import asyncpg

from services.common.db.migrations import MigrationPlan, migrate_async
from services.payment.migrations import APPEND_ONLY_TABLES, FOLDER
from tests.kit.databases import DatabaseFactory

BOOKED = """
WITH entry AS (
    INSERT INTO journal_entry (id, key, kind)
    SELECT gen_random_uuid(), 'capture:' || number, 'CAPTURE' FROM generate_series(1, 3) number
    RETURNING id
)
INSERT INTO journal_posting (entry_id, line, account, currency, amount)
SELECT id, line, account, 'RON', amount
FROM entry, (VALUES (1, 'provider_clearing', 64), (3, 'service_fees', -4), (2, 'ticket_sales', -60))
    AS posting (line, account, amount)"""
POSTINGS = "SELECT * FROM journal_posting ORDER BY entry_id, line"


async def test_the_books_are_the_same_before_and_after(databases: DatabaseFactory) -> None:
    database = databases.create("payment")
    plan = MigrationPlan(database.owner_url, database.service, FOLDER, APPEND_ONLY_TABLES)
    await migrate_async(plan, revision="0008")
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(BOOKED)
    before = await owner.fetch(POSTINGS)

    await migrate_async(plan)
    after = await owner.fetch(POSTINGS)
    await owner.close()

    assert len(before) == 9
    assert after == before
