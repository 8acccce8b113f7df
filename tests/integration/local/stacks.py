"""Small stacks for tests: one fake service on ports that nobody prefers."""

from collections.abc import Mapping

from deploy.local.backing import External
from deploy.local.stack import StackOptions
from deploy.local.supervision import Say
from deploy.local.topology import ServiceSpec

FAKE = ServiceSpec("catalog", "tests.integration.local.fake_service", rpc_processes=2)


def small(
    *,
    auto_restart: bool = True,
    overrides: Mapping[str, str] | None = None,
    external: External | None = None,
    say: Say = print,
) -> StackOptions:
    return StackOptions(
        services=(FAKE,),
        external=external or External(),
        with_emulator=False,
        auto_restart=auto_restart,
        overrides={"catalog": overrides or {}},
        preferred_ports={},
        say=say,
    )
