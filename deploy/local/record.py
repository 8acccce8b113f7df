"""`stack.json`: what a running stack tells those who attach to it (mode 0600)."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.local.environment import Environment
from deploy.local.errors import StackError
from deploy.local.servers.nats_config import ADMIN
from deploy.local.state_folder import StateFolder, write_secret


@dataclass
class StackRecord:
    """Where everything of a running stack is; passwords are in the URLs.

    `addresses`: host:port by port name (`booking` is the shared one, `booking-rpc-1` a process's
    own, `booking-worker-metrics` a side port, `emulator`, `mailbox`, `smtp`).
    `processes`: pid by part name, of those that run. `databases`: {"app": url, "owner": url} by
    service. `nats_urls`: by user, `admin` among them. `files`: paths by name, `mail` the mailbox.
    """

    state: str
    supervisor_pid: int
    ready: bool = False
    test_clock: bool = False
    addresses: dict[str, str] = field(default_factory=dict)
    processes: dict[str, int] = field(default_factory=dict)
    databases: dict[str, dict[str, str]] = field(default_factory=dict)
    postgres_admin_url: str = ""
    redis_url: str = ""
    nats_urls: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def write(self, file: Path) -> None:
        """Replace the file at once."""
        write_secret(file, json.dumps(asdict(self), indent=1) + "\n")


def record_of(state: StateFolder, environment: Environment) -> StackRecord:
    """Return what is known about a stack from its environment; processes come later."""
    backing, files = environment.backing, environment.identities
    services = [spec.name for spec in environment.services]
    return StackRecord(
        state=str(state.root),
        supervisor_pid=os.getpid(),
        test_clock=environment.test_clock,
        addresses=environment.ports.addresses(),
        databases={
            name: {"app": database.app_url, "owner": database.owner_url}
            for name, database in environment.databases.items()
        },
        postgres_admin_url=backing.admin_url,
        redis_url=backing.redis_url,
        nats_urls={user: backing.nats_url(user) for user in (ADMIN, *services)},
        files={
            "mail": str(state.mail),
            "logs": str(state.logs),
            "provider_key": str(files.provider_key),
            "token_keys": str(files.token_keys),
            "service_keys": str(files.service_keys),
            "session_keys": str(files.session_keys),
            "ticket_key": str(files.ticket_key),
            "order_token_secret": str(files.order_token_secret),
            "code_keys": str(files.code_keys),
            "points_of_sale": str(files.points_of_sale),
            **{f"{name}_key": str(files.service_key(name)) for name in services},
        },
    )


def running_stack(state: StateFolder) -> StackRecord | None:
    """Return the record of the stack that runs on a state folder; None when none does."""
    if not state.record_file.exists() or not state.in_use():
        return None
    return StackRecord(**json.loads(state.record_file.read_text()))


def attach(state: StateFolder) -> StackRecord:
    """Return the record of a running stack that is ready; raises StackError otherwise."""
    record = running_stack(state)
    if record is None or not record.ready:
        raise StackError(f"No stack runs on {state.root}. Start one with 'make run'.")
    return record
