import asyncio

import asyncpg
import pytest

from services.common.db.audit import AuditEntry
from services.common.db.chassis_checks import chassis_checks
from services.common.db.checks import run_checks
from services.common.db.migrations import migrate_async
from tests.integration.common.conftest import opened, plan_of


async def test_runs_at_the_same_time_do_not_disturb_each_other(databases):
    database = databases.create("wallet")

    await asyncio.gather(*(migrate_async(plan_of(database)) for _ in range(4)))

    async with opened(database) as db:
        assert await db.fetchval("SELECT count(*) FROM outbox") == 0


async def test_a_migration_can_be_undone_and_done_again(databases):
    database = databases.create("wallet")

    for revision in ("head", "base", "head"):
        await migrate_async(plan_of(database), revision=revision)

    async with opened(database) as db:
        assert await db.fetchval("SELECT last_feed_number FROM relay_state") == 0


async def test_the_test_clock_moves_only_where_it_was_asked_for(databases):
    database = databases.create("wallet")
    ahead = "SELECT app_clock() > clock_timestamp() + interval '59 minutes'"

    await migrate_async(plan_of(database, test_clock=True))
    async with opened(database) as db:
        await db.execute("UPDATE app_clock_offset SET offset_seconds = 3600")
        with_test_clock = await db.fetchval(ahead)
    await migrate_async(plan_of(database))
    async with opened(database) as db:
        without = await db.fetchval(ahead)
        table = await db.fetchval("SELECT to_regclass('app_clock_offset')")

    assert (with_test_clock, without, table) == (True, False, None)


async def test_the_application_may_add_to_the_audit_and_change_nothing_in_it(db):
    async with db.transaction() as tx:
        await tx.audit.add(AuditEntry("staff-1", ["operator"], "Did", "thing/1", "request-1"))
        await tx.commit()

    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(statement)


async def test_the_application_cannot_make_tables(db):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("CREATE TABLE mine (id int)")


async def test_an_audit_entry_that_was_changed_is_found(db, admin):
    for number in range(3):
        async with db.transaction() as tx:
            await tx.audit.add(AuditEntry("staff-1", ["operator"], "Did", f"thing/{number}", ""))
            await tx.commit()
    checks = {"db": chassis_checks()}
    before = await run_checks({"db": db}, checks)

    await admin.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")
    after = await run_checks({"db": db}, checks)

    assert before == []
    assert [(found.invariant_id, found.subject) for found in after] == [("I12", "2")]
