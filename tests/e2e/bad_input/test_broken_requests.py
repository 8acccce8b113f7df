"""A request that breaks its contract is refused, the culprits named, and nothing changes."""

from collections.abc import Mapping

import grpc
import pytest

from tests.kit.attack import every_method, faults_of_spoilt, report
from tests.kit.methods import Method
from tests.kit.spoil import judge, spoilt_bytes, spoilt_fields
from tests.kit.valid_request import Valid

pytestmark = pytest.mark.xdist_group("stack")

SEED = 20261122
Channels = Mapping[str, grpc.aio.Channel]


@every_method
async def test_fields_that_break_their_rules_are_named(
    method: Method, prepared: Mapping[str, Valid], channels: Channels, unharmed: None
) -> None:
    valid = prepared[method.name]
    broken = [
        each
        for each in spoilt_fields(valid.request)
        if not judge(method.spec.request_type, each.raw).is_valid
    ]

    faults = await faults_of_spoilt(channels[method.server], method, valid.caller, broken)

    assert not faults, report(faults)


@every_method
async def test_bytes_that_are_no_request_are_refused(
    method: Method, prepared: Mapping[str, Valid], channels: Channels, unharmed: None
) -> None:
    valid = prepared[method.name]
    broken = [
        each
        for each in spoilt_bytes(valid.request, SEED)
        if not judge(method.spec.request_type, each.raw).is_valid
    ]

    faults = await faults_of_spoilt(channels[method.server], method, valid.caller, broken)

    assert broken
    assert not faults, report(faults)
