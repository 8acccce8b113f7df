"""Makes and migrates the services' databases, all at the same time."""

import asyncio

from deploy.local.backing import Backing
from deploy.local.child import Child, log_tail
from deploy.local.databases import ServiceDatabase, create_database, create_roles, roles_of
from deploy.local.environment import Environment
from deploy.local.errors import PartFailedError
from deploy.local.process_parts import migration_command
from deploy.local.state_folder import StateFolder
from deploy.local.topology import ServiceSpec

MIGRATION_TIMEOUT_SECONDS = 120.0


async def make_database(backing: Backing, state: StateFolder, service: str) -> ServiceDatabase:
    """Make the roles and the database of a service if they are missing."""
    roles = roles_of(state, service)
    await create_roles(backing.admin_url, roles)
    return await create_database(backing.admin_url, roles)


async def migrate(environment: Environment, state: StateFolder, spec: ServiceSpec) -> None:
    """Run a service's migrations in a process of their own."""
    name = f"{spec.name}-migrate"
    log_file = state.logs / f"{name}.log"
    child = Child(name, migration_command(environment, spec), log_file)
    await child.start()
    try:
        code = await asyncio.wait_for(child.wait(), MIGRATION_TIMEOUT_SECONDS)
    except TimeoutError:
        reason = f"took longer than {MIGRATION_TIMEOUT_SECONDS:.0f} s"
        raise PartFailedError(name, reason, log_tail(log_file)) from None
    finally:
        await child.kill()
    if code != 0:
        raise PartFailedError(name, f"ended with code {code}", log_tail(log_file))
