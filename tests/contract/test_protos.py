"""Every method of every service says who may call it and whether repeating it is safe."""

import importlib
from pathlib import Path
from typing import Any

import cinema.type.v1.money_pb2
import pytest
from google.protobuf.descriptor_pb2 import MethodOptions

from services.common.rpc.access import AccessRule, Criticality, service_names, specs_of

GENERATED = Path(cinema.type.v1.money_pb2.__file__).parents[3]
MODULES = [
    ".".join(path.relative_to(GENERATED).with_suffix("").parts)
    for path in sorted((GENERATED / "cinema").rglob("*_pb2.py"))
]
SERVICES = service_names("cinema.", (importlib.import_module(name) for name in MODULES))
SPECS = {path: spec for service in SERVICES for path, spec in specs_of(service).items()}
STAFF_ROLES = {
    "usher",
    "cashier",
    "cinema_manager",
    "customer_service",
    "programme_editor",
    "finance",
    "privacy_officer",
    "operator",
}
PEERS = {"catalog", "booking", "wallet", "payment"}
READS = ("Get", "List", "Watch", "Quote", "Find", "Inspect")

every_method = pytest.mark.parametrize("path", SPECS)


def test_there_are_services() -> None:
    assert SERVICES


@every_method
def test_a_method_says_who_may_call_it(path: Any) -> None:
    rule = SPECS[path].rule

    assert rule is not None
    assert rule != AccessRule()
    assert rule.staff <= STAFF_ROLES
    assert rule.services <= PEERS


@every_method
def test_a_method_says_whether_repeating_it_is_safe(path: Any) -> None:
    service, _, name = path.removeprefix("/").partition("/")
    descriptor = SPECS[path].request_type.DESCRIPTOR.file.pool.FindServiceByName(service)
    level = descriptor.methods_by_name[name].GetOptions().idempotency_level

    assert level != MethodOptions.IDEMPOTENCY_UNKNOWN


@every_method
def test_a_method_open_to_anyone_is_refused_early_under_load(path: Any) -> None:
    spec = SPECS[path]
    if spec.rule is None or not spec.rule.anyone:
        return

    # Whoever needs no token has begun nothing: say so with cinema.type.v1.criticality.
    assert spec.criticality is not Criticality.FINISHES_WORK


@every_method
def test_a_write_carries_a_request_id(path: Any) -> None:
    name = path.rpartition("/")[2]
    spec = SPECS[path]
    if name.startswith(READS) or spec.client_streams:
        return

    assert "request_id" in spec.request_type.DESCRIPTOR.fields_by_name
