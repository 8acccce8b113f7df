from itertools import combinations

import pytest

from deploy.local.errors import StackError
from deploy.local.ports import BLOCK_PORTS, OwnBlock

BLOCKS = 3
PORTS = BLOCKS * BLOCK_PORTS
# Below the ports that a stack takes; each test has its own.
CHOOSING, RUNNING_OUT = 12_000, 13_000


def test_stacks_that_start_at_the_same_moment_never_choose_the_same_port() -> None:
    owners = [OwnBlock(CHOOSING, CHOOSING + PORTS) for _ in range(BLOCKS)]

    chosen = [{owner.next_port() for _ in range(BLOCK_PORTS - 1)} for owner in owners]

    assert all(len(ports) == BLOCK_PORTS - 1 for ports in chosen)
    assert all(one.isdisjoint(other) for one, other in combinations(chosen, 2))


def test_a_stack_for_which_no_ports_are_left_is_told() -> None:
    owners = [OwnBlock(RUNNING_OUT, RUNNING_OUT + PORTS) for _ in range(BLOCKS)]
    late = OwnBlock(RUNNING_OUT, RUNNING_OUT + PORTS)

    chosen = [owner.next_port() for owner in owners]
    with pytest.raises(StackError, match="No block"):
        late.next_port()

    assert len(chosen) == BLOCKS
