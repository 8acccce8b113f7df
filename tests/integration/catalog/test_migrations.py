"""Catalog's migrations on a database that is in use."""

from deploy.local.databases import ServiceDatabase
from services.catalog.migrations import APPEND_ONLY_TABLES, FOLDER
from services.common.db.migrations import MigrationPlan, migrate_async
from tests.integration.catalog.feeds import (
    a_line,
    a_plan,
    a_seat,
    prices,
    promotion,
)
from tests.integration.catalog.screening_calls import cancel, change, create, new_film
from tests.integration.catalog.test_admin import a_sold_screening, start, termination
from tests.kit.catalog import Catalog


async def test_migrations_can_be_undone_and_done_again_whatever_staff_have_done(
    catalog: Catalog, catalog_database: ServiceDatabase
) -> None:
    imported = await a_sold_screening(catalog)
    await change(catalog, "ReplaceFilm", imported, film_id=await new_film(catalog))
    await cancel(catalog, (await create(catalog)).screening)
    running = (await create(catalog)).screening
    await catalog.publish_plan(imported.cinema_id, "S01", a_plan([[a_seat("A", 1)]]))
    await catalog.set_prices(prices(lines=[a_line(2_000) | {"local_start_before": "17:00"}]))
    await catalog.publish_promotion(promotion())
    await start(catalog, running)
    await catalog.admin.TerminateScreening(termination(running), metadata=catalog.staff())
    plan = MigrationPlan(
        catalog_database.owner_url,
        catalog_database.service,
        FOLDER,
        APPEND_ONLY_TABLES,
        test_clock=True,
    )

    await migrate_async(plan, revision="base")
    await migrate_async(plan)

    assert await catalog.database.fetchval("SELECT count(*) FROM screening") == 0
    assert await catalog.database.fetchval("SELECT count(*) FROM public_holiday") > 0
