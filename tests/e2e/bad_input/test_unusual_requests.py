"""What the contract allows and nobody meant: answered, or refused with a documented reason."""

from collections.abc import Awaitable, Callable, Mapping

import pytest

from tests.kit.answers import Line
from tests.kit.attack import every_method, faults_of_spoilt, report
from tests.kit.methods import Method
from tests.kit.spoil import judged, spoilt_bytes, spoilt_fields
from tests.kit.valid_request import Valid

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.asyncio(loop_scope="module")]

SEED = 20261123
Lines = Mapping[str, Line]
Usable = Callable[[Method], Awaitable[Valid]]


@every_method
async def test_odd_requests_get_a_documented_answer(
    method: Method, usable: Usable, lines: Lines
) -> None:
    valid = await usable(method)
    spoilt = [*spoilt_fields(valid.request), *spoilt_bytes(valid.request, SEED)]
    odd = judged(method.spec.request_type, spoilt, valid=True)

    faults = await faults_of_spoilt(lines[method.server], method, valid.caller, odd)

    assert not faults, report(faults)
