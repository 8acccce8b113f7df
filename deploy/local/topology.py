"""Which processes the stack has, and the ports they like best."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class ServiceSpec:
    """A service: `python -m MODULE rpc`, as often as said, one `worker`, and `migrate`.

    Several RPC processes share the service's port, and each has one of its own besides. `others`
    are processes that only this service has, by the name that its module runs them under.
    """

    name: str
    module: str
    rpc_processes: int = 1
    others: tuple[str, ...] = ()

    @property
    def rpc_names(self) -> tuple[str, ...]:
        """The names of the RPC processes, such as `booking-rpc-1`."""
        return tuple(f"{self.name}-rpc-{number}" for number in range(1, self.rpc_processes + 1))

    @property
    def worker_name(self) -> str:
        """The name of the worker process, such as `booking-worker`."""
        return f"{self.name}-worker"

    @property
    def process_names(self) -> tuple[str, ...]:
        """The names of all long-running processes."""
        return (*self.rpc_names, self.worker_name, *self.other_names)

    @property
    def other_names(self) -> tuple[str, ...]:
        """The names of the processes that only this service has, such as `booking-images`."""
        return tuple(f"{self.name}-{other}" for other in self.others)


SERVICES = (
    ServiceSpec("catalog", "services.catalog"),
    ServiceSpec("booking", "services.booking", rpc_processes=2, others=("images",)),
    ServiceSpec("wallet", "services.wallet"),
    ServiceSpec("payment", "services.payment"),
)

# Tried on a first start, so that addresses are easy to remember; a taken one is replaced.
PREFERRED_PORTS: Mapping[str, int] = MappingProxyType(
    {
        "catalog": 7401,
        "booking": 7402,
        "wallet": 7403,
        "payment": 7404,
        "booking-rpc-1": 7411,
        "booking-rpc-2": 7412,
        "payment-notifications": 7420,
        "ticket-images": 7430,
        "emulator": 7480,
        "mailbox": 7425,
        "smtp": 7426,
        "nats": 7422,
        "nats-monitor": 7423,
        "postgres": 7432,
        "redis": 7479,
    }
)

SIDE_PORTS = ("emulator", "smtp", "mailbox")


def listening_ports(services: Iterable[ServiceSpec]) -> list[str]:
    """Return the names of all ports that the Python processes listen on."""
    names = list(SIDE_PORTS)
    for spec in services:
        names.append(spec.name)
        if spec.rpc_processes > 1:
            names.extend(spec.rpc_names)
        names.extend(f"{process}-metrics" for process in spec.process_names)
        if spec.name == "payment":
            names.append("payment-notifications")
        if spec.name == "booking":
            names.append("ticket-images")
    return names
