"""MiniStack, the embedded emulator: started on loopback in its own process group, stopped without a trace left.

Knows ports, processes and MiniStack's settings; knows nothing of what is deployed to it.
"""

import errno
import os
import shutil
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from infra.local import processes
from infra.local.home import LocalStackError, make_private, read_record, write_record

START_SECONDS = 60.0
LOG_LINES = 12


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    endpoint: str
    port: int
    pid: int


def start(port: int, home: Path) -> Emulator:
    """Start an emulator that keeps its files under `home`, and return once it answers.

    The one that already runs for `home` on this port is returned as it is. Raises LocalStackError, leaving nothing
    running, when the port is taken, when another port is in use for `home`, or when the emulator dies.
    """
    if before := running(home):
        if before.port != port:
            raise LocalStackError(f"the stack of {home} already runs on port {before.port}: `make down` first")
        return before
    stop(home)
    refuse_taken(port)
    emulator = Emulator(f"http://127.0.0.1:{port}", port, _spawn(port, make_private(home)))
    write_record(home / "emulator.json", asdict(emulator))
    try:
        wait(emulator, home)
    except BaseException:
        stop(home)
        raise
    return emulator


def running(home: Path) -> Emulator | None:
    """Return the emulator that runs for `home` and answers, or None."""
    record = read_record(home / "emulator.json")
    if record is None:
        return None
    emulator = Emulator(**record)
    return emulator if processes.runs(emulator.pid, "ministack") and answers(emulator.endpoint) else None


def left_over(home: Path) -> bool:
    """Whether an earlier run left its pid file here, but no emulator that answers."""
    return (home / "emulator.json").exists() and running(home) is None


def stop(home: Path) -> bool:
    """End the emulator of `home` with its workers and delete its files; return whether there was one."""
    record = read_record(home / "emulator.json")
    pid = int(record["pid"]) if record else 0
    ours = pid > 1 and (processes.runs(pid, "ministack") or not processes.is_alive(pid))
    if ours:  # also when it is dead: its workers may live on in its group
        processes.end_group(pid)
    for folder in ("tmp", "state"):
        shutil.rmtree(home / folder, ignore_errors=True)
    (home / "emulator.json").unlink(missing_ok=True)
    return ours


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refuse_taken(port: int) -> None:
    """Raise LocalStackError when nothing of ours could listen on `port` of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OverflowError as error:
            raise LocalStackError(f"{port} is not a port: choose one from 1024 to 65535, PORT=…") from error
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "is taken by another program" if taken else "cannot be opened"
            raise LocalStackError(f"port {port} {reason}: choose another, for example PORT={port + 1}") from error


def answers(endpoint: str) -> bool:
    """Whether an emulator answers its health address at `endpoint` within two seconds."""
    try:
        # trust_env=False: a proxy of the user's has no business on loopback
        return httpx.get(f"{endpoint}/_localstack/health", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def wait(emulator: Emulator, home: Path) -> None:
    """Return once `emulator` answers; raises LocalStackError with its last words when it dies or stays silent."""
    until = time.monotonic() + START_SECONDS
    while not answers(emulator.endpoint):
        if not processes.is_alive(emulator.pid):
            raise LocalStackError(_obituary(home, "died while starting"))
        if time.monotonic() > until:
            raise LocalStackError(_obituary(home, f"did not answer within {START_SECONDS:.0f} s"))
        time.sleep(0.1)


def _spawn(port: int, home: Path) -> int:
    command = [sys.executable, "-P", "-m", "ministack"]
    return processes.spawn(command, environment=_environment(port, home), log=home / "emulator.log")


def _environment(port: int, home: Path) -> dict[str, str]:
    """Return all that the emulator, and so every function in it, sees of this machine."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.environ.get("HOME", str(home)),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(make_private(home / "tmp")),
        "STATE_DIR": str(make_private(home / "state")),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AUTH": "true",  # the functions' own policies and the callers' signatures are enforced, as on AWS
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }


def _obituary(home: Path, what: str) -> str:
    log = home / "emulator.log"
    last = log.read_text(errors="replace").splitlines()[-LOG_LINES:] if log.exists() else []
    quoted = "\n".join(f"    {line}" for line in last) or "    (it said nothing)"
    return f"the emulator {what}. Its last words:\n{quoted}\nThe whole log: {log}"
