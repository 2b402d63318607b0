"""`make down`: the stack stops and leaves nothing behind but `.venv`."""

import shutil
from pathlib import Path

from infra.local import emulator, localstack
from infra.local.home import HOME, read_record
from infra.local.places import Kind


def down(*, home: Path = HOME) -> str:
    """Stop the emulator of `home`, delete `home` with the local key in it, and return what was done, in a sentence."""
    record = read_record(home / "stack.json") or {}
    ended = emulator.stop(home)
    if record.get("kind") == Kind.LOCALSTACK:
        localstack.stop(int(record["port"]))
        ended = True
    shutil.rmtree(home, ignore_errors=True)
    return "stopped; nothing is left but .venv" if ended else "nothing was running; nothing is left but .venv"
