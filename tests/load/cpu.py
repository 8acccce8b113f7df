"""CPU time and memory of processes with all that they started, from /proc."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from deploy.local.process_tree import descendants

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the name: utime, stime, and those of reaped children.
_TIMES = slice(11, 15)


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Read how much CPU each part used since it started, its living and reaped children included."""
    return {
        name: sum(_of_process(each) for each in (pid, *descendants(pid)))
        for name, pid in pids.items()
    }


def used(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """CPU seconds between two readings, by part."""
    return {name: max(0.0, after[name] - before.get(name, 0.0)) for name in after}


def _of_process(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in text.rpartition(")")[2].split()[_TIMES]) / _TICKS_PER_S


def resident_bytes(pid: int) -> int:
    """Read how much memory a process and all that it started hold."""
    return sum(_resident(each) for each in (pid, *descendants(pid)))


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
