"""Run PostgreSQL as root: it refuses uid 0, so it gets another one.

First choice is a user namespace of its own, where root's files belong to uid 1000: nothing on
disk changes owner. Where namespaces are forbidden, `setpriv` drops to `nobody`, who is given the
data folder, and leaves the one capability that reaches it through root's closed folders.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deploy.local.errors import StackError

NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
NOBODY = 65_534
REACH = ("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override")
DROP = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *REACH)
PROBE_TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Unprivileged:
    """How to start a program that must not be root."""

    prefix: tuple[str, ...] = ()
    # The user who must own the program's files; None: whoever we are.
    file_owner: int | None = None

    def give(self, folder: Path) -> None:
        """Let the program write a folder that we made."""
        if self.file_owner is not None:
            os.chown(folder, self.file_owner, self.file_owner)

    def with_death_signal(self, name: str) -> tuple[str, ...]:
        """Return a prefix that dies with its parent; changing the user clears an earlier setting."""
        return (*self.prefix, f"--pdeathsig={name}") if self.file_owner is not None else self.prefix


@cache
def unprivileged() -> Unprivileged:
    """Return the way that works here. Raises StackError when root cannot become anybody else."""
    if os.geteuid() != 0:
        return Unprivileged()
    if _works(NAMESPACE):
        return Unprivileged(NAMESPACE)
    if _works(DROP):
        return Unprivileged(DROP, NOBODY)
    raise StackError(
        "PostgreSQL refuses to run as root, and neither 'unshare -U' nor 'setpriv' works here. "
        "Run as an ordinary user, or set PARTERRE_POSTGRES_URL to a server of your own."
    )


def _works(prefix: tuple[str, ...]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    probe = [*prefix, "true"]
    try:
        done = subprocess.run(
            probe, check=False, capture_output=True, timeout=PROBE_TIMEOUT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
