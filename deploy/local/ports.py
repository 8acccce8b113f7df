"""Loopback ports: chosen once, remembered in the state folder, checked before each start.

Stacks that start at the same moment in different processes would find the same port free. So a
process takes ports from blocks that are its own: it keeps a block's first port bound.
"""

import json
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from deploy.local.errors import PortTakenError, StackError
from deploy.local.state_folder import write_secret

LOOPBACK = "127.0.0.1"
# Below the usual range of outgoing connections, so that none of those takes a remembered port.
FIRST_PORT = 15_000
LAST_PORT = 32_000
BLOCK_PORTS = 64
MAX_TRIES = 200


class Ports:
    """The port of each part, by the part's name.

    `preferred` gives well-known ports for a first start; a taken one is replaced by a free one.
    """

    def __init__(self, file: Path, preferred: Mapping[str, int] | None = None) -> None:
        self._file = file
        self._preferred = dict(preferred or {})
        self._ports: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}

    def of(self, part: str) -> int:
        """Return the part's port: remembered, or chosen now and remembered from now on."""
        if part not in self._ports:
            self._ports[part] = self._choose(part)
            write_secret(self._file, json.dumps(self._ports, indent=1, sort_keys=True) + "\n")
        return self._ports[part]

    def address_of(self, part: str) -> str:
        """`host:port` of the part."""
        return f"{LOOPBACK}:{self.of(part)}"

    def addresses(self) -> dict[str, str]:
        """Return `host:port` by name, of all that were chosen so far."""
        return {name: f"{LOOPBACK}:{port}" for name, port in self._ports.items()}

    def free_port_of(self, part: str) -> int:
        """Return the part's port. Raises PortTakenError when somebody listens there already."""
        port = self.of(part)
        if not is_free(port):
            raise PortTakenError(part, port, str(self._file))
        return port

    def _choose(self, part: str) -> int:
        taken = set(self._ports.values())
        preferred = self._preferred.get(part)
        if preferred is not None and preferred not in taken and is_free(preferred):
            return preferred
        for _ in range(MAX_TRIES):
            port = _own_block.next_port()
            if port not in taken and is_free(port):
                return port
        raise StackError(f"No free port was found for {part} between {FIRST_PORT} and {LAST_PORT}.")


class OwnBlock:
    """Ports that no other process hands out while this one lives; each is handed out once."""

    def __init__(self, first: int = FIRST_PORT, last: int = LAST_PORT) -> None:
        self._firsts = range(first, last - BLOCK_PORTS + 1, BLOCK_PORTS)
        self._claims: list[socket.socket] = []
        self._left: list[int] = []

    def next_port(self) -> int:
        """Return the next port; claims another block when the last one is used up."""
        if not self._left:
            self._left = self._claim()
        return self._left.pop()

    def _claim(self) -> list[int]:
        for _ in range(MAX_TRIES):
            first = secrets.choice(self._firsts)
            claim = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                claim.bind((LOOPBACK, first))
            except OSError:
                claim.close()
                continue
            self._claims.append(claim)
            return list(range(first + BLOCK_PORTS - 1, first, -1))
        raise StackError(f"No block of {BLOCK_PORTS} ports is free in {self._firsts}.")


_own_block = OwnBlock()


def is_free(port: int) -> bool:
    """Whether nobody listens on the loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: closed connections in TIME_WAIT do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
