"""Become another program that dies with its parent: `launch.py SIGNAL PARENT_PID PROGRAM ARGS...`.

Run as a script by `deploy.local.child`. The kernel sends SIGNAL when the parent is gone, even
when it was killed with -9. The setting survives exec, so nothing else stays of this script.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    death_signal, parent_pid = int(sys.argv[1]), int(sys.argv[2])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent_pid:  # It died before the kernel was told.
            sys.exit(1)
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - becoming the program is the purpose.
