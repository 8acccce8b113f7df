"""The NATS server's configuration: who may say what.

Each service has a user of its own that may publish only its own subjects, and may use only the
consumers that carry its name. So a service that went wrong cannot speak for another one.
"""

import json
from collections.abc import Mapping
from typing import Any

SERVICES = ("catalog", "booking", "wallet", "payment")
ADMIN = "admin"
MAX_PAYLOAD_BYTES = 1_048_576
MAX_CONNECTIONS = 500
MAX_MEMORY_BYTES = 67_108_864
MAX_FILE_BYTES = 4_294_967_296


def nats_config(
    *,
    listen: str,
    monitor: str,
    store: str,
    accounts: Mapping[str, str],
    passwords: Mapping[str, str],
) -> str:
    """Return the configuration as text (JSON, which NATS reads).

    `accounts` maps an account's name to the prefix of its users; accounts see nothing of each
    other. `passwords` maps a user's name, without prefix, to the password.
    """
    settings = {
        "listen": listen,
        "http": monitor,
        "server_name": "parterre-local",
        "max_payload": MAX_PAYLOAD_BYTES,
        "max_connections": MAX_CONNECTIONS,
        "jetstream": {
            "store_dir": store,
            "max_memory_store": MAX_MEMORY_BYTES,
            "max_file_store": MAX_FILE_BYTES,
        },
        "accounts": {
            name: {"jetstream": "enabled", "users": _users(prefix, passwords)}
            for name, prefix in accounts.items()
        },
    }
    return json.dumps(settings, indent=1) + "\n"


def _users(prefix: str, passwords: Mapping[str, str]) -> list[dict[str, Any]]:
    admin = {"user": prefix + ADMIN, "password": passwords[ADMIN]}
    services = [
        {
            "user": prefix + service,
            "password": passwords[service],
            "permissions": {
                "publish": {"allow": publishable(service)},
                "subscribe": {"allow": ["_INBOX.>", f"cinema.wake.{service}"]},
            },
        }
        for service in SERVICES
    ]
    return [admin, *services]


def publishable(service: str) -> list[str]:
    """Return the subjects that a service may publish: its events, its wake-up, and JetStream's API.

    Its stream is `CINEMA_<SERVICE>`; it reads any stream, by durable consumers named after itself.
    """
    stream = f"CINEMA_{service.upper()}"
    return [
        f"cinema.{service}.v1.>",
        f"cinema.wake.{service}",
        "$JS.API.INFO",
        "$JS.API.STREAM.NAMES",
        "$JS.API.STREAM.LIST",
        "$JS.API.STREAM.INFO.*",
        "$JS.API.STREAM.MSG.GET.*",
        "$JS.API.DIRECT.GET.>",
        f"$JS.API.STREAM.CREATE.{stream}",
        f"$JS.API.STREAM.UPDATE.{stream}",
        f"$JS.API.STREAM.PURGE.{stream}",
        f"$JS.API.CONSUMER.CREATE.*.{service}",
        f"$JS.API.CONSUMER.CREATE.*.{service}.>",
        f"$JS.API.CONSUMER.DURABLE.CREATE.*.{service}",
        f"$JS.API.CONSUMER.INFO.*.{service}",
        f"$JS.API.CONSUMER.DELETE.*.{service}",
        f"$JS.API.CONSUMER.MSG.NEXT.*.{service}",
        # Acknowledgements, in the older and in the newer form of their subject.
        f"$JS.ACK.*.{service}.>",
        f"$JS.ACK.*.*.*.{service}.>",
    ]
