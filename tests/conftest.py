"""Fixtures for tests that need real servers. Nothing starts before a test asks for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.kit.clean_servers import delete_streams, flush_redis
from tests.kit.databases import DatabaseFactory
from tests.kit.servers import SharedServers, shared_servers
from tests.kit.suite_fixtures import clock, house, screening, stage, suite
from tests.kit.worker_groups import FolderGroupScheduling, make_scheduler

__all__ = ["clock", "house", "screening", "stage", "suite"]

# How busy the machine is says nothing about a property.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> FolderGroupScheduling | None:
    return make_scheduler(config, log)


@pytest.fixture(scope="session")
def servers() -> Iterator[SharedServers]:
    """PostgreSQL, Redis and NATS, shared by the run's workers; durable they are not."""
    with shared_servers() as shared:
        yield shared


@pytest.fixture(scope="module")
def databases(servers: SharedServers) -> Iterator[DatabaseFactory]:
    """Fresh databases: `databases.create("booking", migrate)`; dropped after the module."""
    factory = DatabaseFactory(servers)
    yield factory
    factory.drop_all()


@pytest.fixture
def redis_url(servers: SharedServers) -> str:
    """This worker's Redis database, empty."""
    flush_redis(servers.redis_url)
    return servers.redis_url


@pytest.fixture
def nats_url(servers: SharedServers) -> Callable[[str], str]:
    """`nats_url("booking")`: this worker's NATS account, without streams; 'admin' may do all."""
    delete_streams(servers.nats_url("admin"))
    return servers.nats_url
