"""Who started whom, read from /proc (elsewhere than on Linux: nothing is known)."""

from collections import defaultdict
from pathlib import Path

PROC = Path("/proc")


def descendants(pid: int) -> list[int]:
    """All processes that `pid` started, and those that they started.

    PostgreSQL's backends lead sessions of their own, so a process group does not hold them.
    """
    children = defaultdict(list)
    for entry in PROC.glob("[0-9]*/stat"):
        stat = _stat_fields(entry)
        if stat:
            children[int(stat[1])].append(int(entry.parent.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for child in children[waiting.pop()]:
            found.append(child)
            waiting.append(child)
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended but was not yet reaped does not."""
    if not PROC.exists():
        return True
    stat = _stat_fields(PROC / str(pid) / "stat")
    return bool(stat) and stat[0] not in {"Z", "X"}


def exists(pid: int) -> bool:
    """Whether the process id is in use, be it only by one that waits to be reaped."""
    return (PROC / str(pid)).exists()


def _stat_fields(path: Path) -> list[str]:
    """Return the fields after the name: state, parent, ..."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []
