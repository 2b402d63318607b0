"""A program in a process group of its own: started with a clean environment, ended whole, known by its pid.

Knows nothing of what the program does.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

GRACE_SECONDS = 5.0


def spawn(command: list[str], *, environment: Mapping[str, str], log: Path) -> int:
    """Start `command` in its own session, output to `log`; return its pid, which is also its group's."""
    fresh = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), fresh, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    return os.posix_spawn(command[0], command, environment, file_actions=files, setsid=True)


def is_alive(pid: int) -> bool:
    """Whether the process runs; a child of ours that has ended is reaped on the way."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # someone else's process, so it does live
        return True
    return True


def runs(pid: int, word: str) -> bool:
    """Whether `pid` lives and has `word` in its command line: a pid may since belong to another program."""
    return is_alive(pid) and word in _command_line(pid)


def end_group(pid: int) -> None:
    """End the process group of `pid`: asked first, killed after five seconds; no group is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        while _group_lives(pid) and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(pid, signal.SIGKILL)
    is_alive(pid)


def _group_lives(pid: int) -> bool:
    is_alive(pid)
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _command_line(pid: int) -> str:
    listed = Path(f"/proc/{pid}/cmdline")
    if listed.exists():
        return listed.read_text(errors="replace")
    asked = ["/bin/ps", "-o", "command=", "-p", str(pid)]  # macOS has no /proc
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603 - nothing of it is input
