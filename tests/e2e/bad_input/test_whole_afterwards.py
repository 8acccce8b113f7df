"""After bad input of every kind the suite serves, stays small, sells, and its books are right."""

from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from deploy.demo.buyer import Buyer
from deploy.demo.house import House
from deploy.demo.stage import Stage
from deploy.local.readiness import grpc_serves
from tests.kit.answers import Line
from tests.kit.attack import faults_of_spoilt
from tests.kit.methods import all_methods
from tests.kit.scene import Scene
from tests.kit.spoil import Spoilt, judged
from tests.kit.suite import Suite
from tests.kit.valid_request import Valid

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.usefixtures("some_bad_input")]

MAX_RESIDENT_BYTES = 400 * 1024 * 1024
SIZES_BYTES = (1, 100, 10_000)


@pytest.fixture(scope="module")
def some_bad_input(suite: Suite, prepared: Mapping[str, Valid]) -> None:
    """Random bytes to every method, so that this module means something alone."""
    randbytes = Random(7).randbytes  # noqa: S311 - no secret

    async def send_all() -> None:
        for method in all_methods():
            line = Line(suite.record.addresses[method.server])
            valid = prepared[method.name]
            garbage = (Spoilt(f"{size} bytes", randbytes(size)) for size in SIZES_BYTES)
            broken = judged(method.spec.request_type, garbage, valid=False)
            await faults_of_spoilt(line, method, valid.caller, broken)
            await line.close()

    suite.run(send_all())


async def test_every_process_still_serves(suite: Suite) -> None:
    addresses = suite.record.addresses
    names = ("catalog", "booking-rpc-1", "booking-rpc-2", "wallet", "payment")

    serving = {name: await grpc_serves(addresses[name]) for name in names}

    assert serving == dict.fromkeys(names, True)


def test_memory_is_bounded(suite: Suite) -> None:
    resident = {
        name: _resident_bytes(pid)
        for name, pid in suite.record.processes.items()
        if name.endswith("worker") or "-rpc-" in name
    }

    assert len(resident) > 4
    assert {name: size for name, size in resident.items() if size > MAX_RESIDENT_BYTES} == {}


def test_no_call_broke(suite: Suite) -> None:
    """A refusal is an answer; a call that broke is a bug, and its stack is in the log."""
    broken = []

    for log in sorted(Path(suite.record.files["logs"]).glob("*-rpc-*.log")):
        broken += [
            f"{log.name}: {line[:300]} ... {line[-900:]}"
            for line in log.read_text().splitlines()
            if "call_broke" in line
        ]

    assert not broken, "\n".join(broken[:5])


async def test_a_purchase_still_works(suite: Suite, stage: Stage, house: House) -> None:
    scene = Scene(stage, suite.record)
    buyer = await Buyer.guest(stage, "Ana")

    order = await buyer.buy((await scene.screening()).id, await scene.free_seats(2))

    assert len(await buyer.tickets(order.id)) == 2


async def test_the_books_are_right(suite: Suite) -> None:
    violated = await suite.verify(wait_s=60.0)

    assert not violated, "\n".join(violated)


def _resident_bytes(pid: int) -> int:
    """Read the resident set of a process and of what it started."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
