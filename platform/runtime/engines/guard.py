"""Runs as a process of its own in front of an engine: `guard.py PARENT COMMAND…`. Imports nothing of ours.

It ties the engine's life to the owner's (PR_SET_PDEATHSIG survives exec) and leaves if the owner died before that held.
An exec'd wrapper and not a preexec_fn, which may deadlock in a process with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Arm, look for the owner once more, become the engine."""
    parent = int(sys.argv[1])
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit("the kernel refuses PR_SET_PDEATHSIG")
    if os.getppid() != parent:
        sys.exit("the owner is gone")
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the command comes from this package's own callers


if __name__ == "__main__":
    main()
