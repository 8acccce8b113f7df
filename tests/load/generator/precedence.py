"""Who gets the CPU first: a generator that has to wait for it measures itself.

The kernel may share the CPU among sessions first ("autogroups"), and within one by niceness.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AHEAD = -10
_REALTIME_PRIORITY = 1


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


@contextmanager
def on_the_dot() -> Iterator[None]:
    """Let all threads of this process run the moment they want to, where that is allowed.

    For arrivals that come by the clock: they need little CPU, but at once. A closed loop would
    take all there is.
    """
    _schedule(os.SCHED_RR, _REALTIME_PRIORITY)
    try:
        yield
    finally:
        _schedule(os.SCHED_OTHER, 0)


def _schedule(policy: int, priority: int) -> None:
    for thread in Path("/proc/self/task").iterdir():
        try:
            os.sched_setscheduler(int(thread.name), policy, os.sched_param(priority))
        except OSError:
            return
