"""Where a process spends its time: its main thread is looked at again and again from another one.

No substitute for a real profiler: only what holds the interpreter is seen, to a few per cent.
"""

from __future__ import annotations

import atexit
import os
import runpy
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

LOOK_EVERY_S = 0.002
SHOWN = 45
FOLDER_VARIABLE = "PROFILE_FOLDER"
_PROJECT = str(Path(__file__).parents[3]) + os.sep


class Sampler:
    """Counts on which line of work the main thread is; `write` shows the most frequent."""

    def __init__(self) -> None:
        self.looks = 0
        self.own: Counter[str] = Counter()
        self.within: Counter[str] = Counter()
        self._main = threading.main_thread().ident or 0

    def start(self) -> None:
        threading.Thread(target=self._look_on, daemon=True).start()

    def write(self, path: Path) -> None:
        if not self.looks:
            return
        lines = [f"{self.looks} looks while it worked\n", "own time:"]
        lines += [f"{n / self.looks:6.1%} {name}" for name, n in self.own.most_common(SHOWN)]
        lines += ["", "with everything called:"]
        lines += [f"{n / self.looks:6.1%} {name}" for name, n in self.within.most_common(SHOWN)]
        path.write_text("\n".join(lines) + "\n")

    def _look_on(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            frame = sys._current_frames().get(self._main)
            if frame is None:
                return
            names = _names(frame)
            # Nothing but the loop's own frames: it waits.
            if names and not names[0].startswith("asyncio/runners"):
                self.looks += 1
                self.own[names[0]] += 1
                self.within.update(set(names))


def run(module: str) -> None:
    """Run a service's module under the sampler when it is an RPC or worker process."""
    role = sys.argv[1] if len(sys.argv) > 1 else ""
    if role in {"rpc", "worker"}:
        sampler = Sampler()
        sampler.start()
        folder = Path(os.environ.get(FOLDER_VARIABLE, "."))
        path = folder / f"profile-{module}-{role}-{os.getpid()}.txt"
        atexit.register(sampler.write, path)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _names(frame: FrameType | None) -> list[str]:
    names = []
    while frame is not None:
        code = frame.f_code
        file = code.co_filename.removeprefix(_PROJECT).rpartition("site-packages/")[2]
        names.append(f"{file}:{code.co_qualname}".replace("/usr/lib/python3.11/", ""))
        frame = frame.f_back
    return [name.rpartition("python3.11/")[2] for name in names]
