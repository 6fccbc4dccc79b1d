"""Processes and their groups on Linux: dying with a parent, who belongs to a group, ending all of it."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Loaded here, not in the child: between fork and exec nothing may be imported.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dying_with_us() -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends the child SIGTERM when we end, even by kill -9 (prctl(2)).

    It is bound to the thread that starts the child and reaches no grandchildren, so what we start must end
    its own: gunicorn and qcluster do so on SIGTERM. What slips through is ended by the next run.
    """
    parent = os.getpid()

    def bind() -> None:
        if _LIBC:
            _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # we ended before the line above
            os._exit(1)

    return bind


def end_group(group: int) -> None:
    """Kill every process of the group; one that is gone already is fine."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def members(group: int, mark: str) -> list[int]:
    """Processes of that group that were started with `mark` (NAME=value) in their environment.

    The mark guards against numbers that the system has given to somebody else since.
    """
    return [pid for pid in _processes() if _group_of(pid) == group and mark.encode() in _environment(pid)]


def end_leftovers(groups: Iterable[int], mark: str, patience: float = 2.0) -> int:
    """Kill what an earlier run left behind, wait until it is gone, and say how many there were."""
    found = {pid for group in groups for pid in members(group, mark)}
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + patience
    while any(map(_runs, found)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return len(found)


def _processes() -> list[int]:
    proc = Path("/proc")
    return [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()] if proc.is_dir() else []


def _group_of(pid: int) -> int:
    with suppress(ProcessLookupError, PermissionError):
        return os.getpgid(pid)
    return 0


def _environment(pid: int) -> list[bytes]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []


def _runs(pid: int) -> bool:
    with suppress(OSError, IndexError):
        # "pid (name) state …": a zombie waits for its parent only, and holds nothing.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
