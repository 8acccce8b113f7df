"""The environment of each process: the services' settings for this stack."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.backing import Backing
from deploy.local.databases import ServiceDatabase
from deploy.local.identities import Identities
from deploy.local.ports import Ports
from deploy.local.topology import ServiceSpec

PROJECT = Path(__file__).parents[2]
NOTIFICATION_PATH = "/payu/notifications"
MAIL_FROM = "Parterre <tickets@parterre.example>"
PUBLIC_URL = "https://parterre.example"


@dataclass(frozen=True)
class Environment:
    """Knows where everything is; makes the environment of each process.

    `overrides` holds settings by service, without the prefix: {"booking": {"LOG_LEVEL": "debug"}};
    the name "emulator" is the emulator's.
    """

    backing: Backing
    ports: Ports
    identities: Identities
    # Filled while the stack starts.
    databases: dict[str, ServiceDatabase]
    services: tuple[ServiceSpec, ...]
    test_clock: bool = False
    overrides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of_service(self, spec: ServiceSpec, process: str) -> dict[str, str]:
        """Return the environment of one process of a service."""
        settings = self._common(spec, process) | self._special(spec.name)
        settings |= self.overrides.get(spec.name, {})
        prefix = f"PARTERRE_{spec.name.upper()}_"
        return inherited() | {prefix + name: value for name, value in settings.items()}

    def of_emulator(self, state: Path) -> dict[str, str]:
        """Return the environment of the PayU emulator, which keeps its record in `state`."""
        settings = {
            "LISTEN": self.ports.address_of("emulator"),
            "STATE": str(state),
            "POINTS_OF_SALE_FILE": str(self.identities.points_of_sale),
            "PUBLIC_URL": f"http://{self.ports.address_of('emulator')}",
            "TEST_CLOCK": _flag(on=self.test_clock),
            **self.overrides.get("emulator", {}),
        }
        return inherited() | {
            f"PARTERRE_EMULATOR_{name}": value for name, value in settings.items()
        }

    def _common(self, spec: ServiceSpec, process: str) -> dict[str, str]:
        database = self.databases[spec.name]
        peers = {
            f"{peer.name.upper()}_ADDRESS": self.ports.address_of(peer.name)
            for peer in self.services
        }
        shared_port = spec.rpc_processes > 1 and process in spec.rpc_names
        metrics = f"{process}-metrics" if process in spec.process_names else ""
        return {
            **peers,
            "LISTEN": self.ports.address_of(spec.name),
            "OWN_LISTEN": self.ports.address_of(process) if shared_port else "",
            "METRICS_LISTEN": self.ports.address_of(metrics) if metrics else "",
            "DATABASE_URL": database.app_url,
            "MIGRATION_DATABASE_URL": database.owner_url,
            "REDIS_URL": self.backing.redis_url,
            "NATS_URL": self.backing.nats_url(spec.name),
            "TOKEN_KEYS_FILE": str(self.identities.token_keys),
            "SERVICE_KEYS_FILE": str(self.identities.service_keys),
            "SERVICE_KEY_FILE": str(self.identities.service_key(spec.name)),
            "SESSION_KEYS_FILE": str(self.identities.session_keys),
            "REFLECTION": "true",
            "TEST_CLOCK": _flag(on=self.test_clock),
        }

    def _special(self, service: str) -> dict[str, str]:
        match service:
            case "booking":
                return {
                    "TICKET_KEY_FILE": str(self.identities.ticket_key),
                    "SESSION_KEY_FILE": str(self.identities.session_key),
                    "ORDER_TOKEN_SECRET_FILE": str(self.identities.order_token_secret),
                    "SMTP_ADDRESS": self.ports.address_of("smtp"),
                    "MAIL_FROM": MAIL_FROM,
                    "PUBLIC_URL": PUBLIC_URL,
                    "IMAGE_LISTEN": self.ports.address_of("ticket-images"),
                    "IMAGE_URL": f"http://{self.ports.address_of('ticket-images')}",
                }
            case "wallet":
                return {
                    "CODE_KEYS_FILE": str(self.identities.code_keys),
                    "SMTP_ADDRESS": self.ports.address_of("smtp"),
                    "MAIL_FROM": MAIL_FROM,
                }
            case "payment":
                return self._of_payment()
            case _:
                return {}

    def _of_payment(self) -> dict[str, str]:
        listen = self.ports.address_of("payment-notifications")
        given = self.backing.external
        emulator = f"http://{self.ports.address_of('emulator')}"
        points_of_sale = given.payu_points_of_sale_file or str(self.identities.points_of_sale)
        return {
            "NOTIFICATION_LISTEN": listen,
            "NOTIFY_URL": given.payu_notify_url or f"http://{listen}{NOTIFICATION_PATH}",
            "PAYU_BASE_URL": given.payu_url or emulator,
            "POINTS_OF_SALE_FILE": points_of_sale,
            # Only the local provider has such a list to be read by a machine.
            "PROVIDER_LIST_URL": "" if given.payu_url else f"{emulator}/emulator/settlement",
        }


def inherited() -> dict[str, str]:
    """Return our own environment without settings of Parterre, which could contradict ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARTERRE_")}
    paths = [str(PROJECT), str(PROJECT / "protos" / "gen")]
    paths += [path for path in kept.get("PYTHONPATH", "").split(os.pathsep) if path]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}


def python_module(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module with this Python."""
    return [sys.executable, "-m", module, *arguments]


def _flag(*, on: bool) -> str:
    return "true" if on else "false"
