"""The servers behind the services: our own, or others that are given by address."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.errors import StackError
from deploy.local.part import Part
from deploy.local.ports import Ports
from deploy.local.servers.nats import NatsServer
from deploy.local.servers.postgres import DURABLE, PostgresServer
from deploy.local.servers.redis import RedisServer
from deploy.local.state_folder import StateFolder

POSTGRES_VARIABLE = "PARTERRE_POSTGRES_URL"
REDIS_VARIABLE = "PARTERRE_REDIS_URL"
NATS_VARIABLE = "PARTERRE_NATS_URL"
PAYU_VARIABLE = "PARTERRE_PAYU_URL"
PAYU_POINTS_OF_SALE_VARIABLE = "PARTERRE_PAYU_POINTS_OF_SALE_FILE"
PAYU_NOTIFY_VARIABLE = "PARTERRE_PAYU_NOTIFY_URL"


@dataclass(frozen=True)
class External:
    """Addresses of servers that run already; empty means: start our own.

    `postgres_url` is that of a role that may create roles and databases. `nats_url` serves all
    services; who may publish what is then the business of that server's configuration.
    `payu_url` is the provider's API; it comes with a file of points of sale, and with the address
    at which the provider reaches our notifications.
    """

    postgres_url: str = ""
    redis_url: str = ""
    nats_url: str = ""
    payu_url: str = ""
    payu_points_of_sale_file: str = ""
    payu_notify_url: str = ""


def external_from(environment: Mapping[str, str] = os.environ) -> External:
    """Read PARTERRE_POSTGRES_URL, PARTERRE_REDIS_URL, PARTERRE_NATS_URL and PARTERRE_PAYU_*."""
    external = External(
        postgres_url=environment.get(POSTGRES_VARIABLE, ""),
        redis_url=environment.get(REDIS_VARIABLE, ""),
        nats_url=environment.get(NATS_VARIABLE, ""),
        payu_url=environment.get(PAYU_VARIABLE, ""),
        payu_points_of_sale_file=environment.get(PAYU_POINTS_OF_SALE_VARIABLE, ""),
        payu_notify_url=environment.get(PAYU_NOTIFY_VARIABLE, ""),
    )
    if external.payu_url and not (external.payu_points_of_sale_file and external.payu_notify_url):
        raise StackError(
            f"{PAYU_VARIABLE} needs {PAYU_POINTS_OF_SALE_VARIABLE} and {PAYU_NOTIFY_VARIABLE} too."
        )
    return external


class Backing:
    """Where PostgreSQL, Redis and NATS are, and the parts that must be started for it."""

    def __init__(
        self,
        state: StateFolder,
        ports: Ports,
        external: External,
        postgres_settings: Mapping[str, str] = DURABLE,
    ) -> None:
        self._external = external
        self._postgres = PostgresServer(state, ports, postgres_settings)
        self._redis = RedisServer(state, ports)
        self._nats = NatsServer(state, ports)

    @property
    def external(self) -> External:
        """What was given."""
        return self._external

    @property
    def admin_url(self) -> str:
        """PostgreSQL's superuser."""
        return self._external.postgres_url or self._postgres.admin_url

    @property
    def redis_url(self) -> str:
        return self._external.redis_url or self._redis.url()

    def nats_url(self, user: str) -> str:
        """Return the address for 'admin' or for a service."""
        return self._external.nats_url or self._nats.url(user)

    def postgres_parts(self) -> list[Part]:
        """Return PostgreSQL when it is ours."""
        return [] if self._external.postgres_url else [self._postgres.part()]

    def other_parts(self) -> list[Part]:
        """Return Redis and NATS when they are ours."""
        redis = [] if self._external.redis_url else [self._redis.part()]
        return redis if self._external.nats_url else [*redis, self._nats.part()]
