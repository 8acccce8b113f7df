"""`RESULTS.md`: what was measured when, where and at which commit."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
PROJECT = Path(__file__).parents[2]


def heading(title: str) -> str:
    """Name a run: date, commit, machine."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"## {title}, {now}\n\nCommit {commit()}, {machine()}."


def append(title: str, lines: Iterable[str]) -> None:
    """Add a run to the end of the file."""
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write("\n" + heading(title) + "\n\n" + "\n".join(lines) + "\n")


def commit() -> str:
    """Give the present commit, and say when the work tree differs from it."""
    head = _git("rev-parse", "--short", "HEAD") or "unknown"
    return head + (" with changes" if _git("status", "--porcelain", "-uno") else "")


def machine() -> str:
    """Say on what it ran, and how busy that was."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory_gib:.0f} GiB,"
        f" {platform.system()} {platform.release()}, Python {platform.python_version()},"
        f" load average {os.getloadavg()[1]:.1f}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, check=False, cwd=PROJECT
        )
    except OSError:
        return ""
    return done.stdout.strip()
