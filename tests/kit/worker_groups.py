"""Tests that share one suite run in one worker, one after the other.

With pytest 9.2 xdist 3.8 no longer sees the `xdist_group` marks (pytest-xdist, issue 1386) and
spreads such tests over all workers, each of which would start a suite. Until that is mended the
folder says what the mark would have said.
"""

from typing import Any

from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]

GROUP_OF_FOLDER = {"tests/e2e/": "stack", "tests/faults/": "faults"}


class FolderGroupScheduling(LoadGroupScheduling):  # type: ignore[misc]
    """Gives all tests of a folder that shares a suite to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        for folder, group in GROUP_OF_FOLDER.items():
            if nodeid.startswith(folder):
                return group
        return str(super()._split_scope(nodeid))


def make_scheduler(config: Any, log: Any) -> FolderGroupScheduling | None:
    """Answer xdist's hook; None leaves other ways of distribution alone."""
    if config.getvalue("dist") != "loadgroup":
        return None
    return FolderGroupScheduling(config, log)
