"""The parts that are Python processes: services, their workers, emulator, mail catcher."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from deploy.local.child import Command
from deploy.local.environment import PROJECT, Environment, inherited, python_module
from deploy.local.part import Part
from deploy.local.readiness import accepts_connections, grpc_serves, http_serves
from deploy.local.state_folder import StateFolder
from deploy.local.topology import ServiceSpec

SERVICE_START_TIMEOUT_SECONDS = 60.0
SERVICE_STOP_TIMEOUT_SECONDS = 15.0

Ready = Callable[[], Awaitable[bool]]


def service_parts(environment: Environment, spec: ServiceSpec) -> list[Part]:
    """Return the RPC processes of a service, its worker, and what only this service has."""
    parts = []
    for name in spec.rpc_names:
        # Behind a shared port nobody knows who answers, so each is asked at its own.
        address = environment.ports.address_of(name if spec.rpc_processes > 1 else spec.name)
        parts.append(_service_part(environment, spec, name, "rpc", partial(grpc_serves, address)))
    behind = {spec.worker_name: "worker", **dict(zip(spec.other_names, spec.others, strict=True))}
    for name, role in behind.items():
        metrics = environment.ports.address_of(f"{name}-metrics")
        ready = partial(http_serves, f"http://{metrics}/readyz")
        parts.append(_service_part(environment, spec, name, role, ready))
    return parts


def migration_command(environment: Environment, spec: ServiceSpec) -> Command:
    """Return the command that brings a service's database to head."""
    settings = environment.of_service(spec, f"{spec.name}-migrate")
    return _command([*python_module(spec.module, "migrate")], settings)


def emulator_part(environment: Environment, state: StateFolder) -> Part:
    """Return the PayU emulator."""
    folder = state.root / "emulator"

    async def prepare() -> None:
        folder.mkdir(mode=0o700, exist_ok=True)

    settings = environment.of_emulator(folder / "record.jsonl")
    return Part(
        name="emulator",
        prepare=prepare,
        command=lambda: _command(python_module("deploy.payu_emulator"), settings),
        ready=partial(accepts_connections, environment.ports.address_of("emulator")),
    )


def mail_part(environment: Environment, state: StateFolder) -> Part:
    """Return the mail catcher."""
    smtp, page = (environment.ports.address_of(name) for name in ("smtp", "mailbox"))
    arguments = ("--smtp", smtp, "--http", page, "--folder", str(state.mail))
    return Part(
        name="mail",
        command=lambda: _command(
            python_module("deploy.local.mail_catcher", *arguments), inherited()
        ),
        ready=partial(accepts_connections, page),
    )


def _service_part(
    environment: Environment, spec: ServiceSpec, name: str, role: str, ready: Ready
) -> Part:
    return Part(
        name=name,
        command=lambda: _command(
            python_module(spec.module, role), environment.of_service(spec, name)
        ),
        ready=ready,
        start_timeout_seconds=SERVICE_START_TIMEOUT_SECONDS,
        stop_timeout_seconds=SERVICE_STOP_TIMEOUT_SECONDS,
    )


def _command(arguments: list[str], environment: Mapping[str, str]) -> Command:
    return Command(arguments, environment=environment, working_folder=PROJECT)
