"""Who gets the CPU first: a generator that has to wait for it measures itself.

The kernel may share the CPU among sessions first ("autogroups"), and within one by niceness.
"""

from __future__ import annotations

import os
from pathlib import Path

AHEAD = -10


def go_ahead() -> bool:
    """Put this process, in a session of its own, before all others; False when not allowed."""
    try:
        os.setsid()
        os.nice(AHEAD)
    except OSError:
        return False
    step_back(os.getpid(), AHEAD)
    return True


def step_back(pid: int, niceness: int) -> None:
    """Set the niceness of a process's whole session; nothing where sessions do not count."""
    try:
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness))
    except OSError:
        return
