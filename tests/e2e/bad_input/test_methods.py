"""The list of methods that meet bad input is the list of methods that the servers serve."""

import grpc
import pytest
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from tests.kit.attack import every_method
from tests.kit.methods import SERVERS, Method, all_services, servers_of
from tests.kit.suite import Suite
from tests.kit.valid_requests import has_builder

pytestmark = pytest.mark.xdist_group("stack")


@every_method
def test_a_method_has_a_valid_request_to_spoil(method: Method) -> None:
    assert has_builder(method), f"{method.path} needs a builder in tests/kit/valid_requests.py"


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_serves_what_the_contracts_say(server: str, suite: Suite) -> None:
    expected = {name for name in all_services() if server in servers_of(name)}

    with grpc.insecure_channel(suite.record.addresses[server]) as channel:
        served = set(ProtoReflectionDescriptorDatabase(channel).get_services())

    assert {name for name in served if name.startswith("cinema.")} == expected
