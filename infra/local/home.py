"""Where a local stack keeps its files, and the error whose words the user sees.

Everything lies in one folder (`.local/` in the repository), so that taking the stack down is deleting that folder.
"""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".local"
PORT = 4566


class LocalStackError(Exception):
    """Something that the person at the keyboard can put right; its text is shown as it is, without a trace."""


def make_private(folder: Path) -> Path:
    """Return `folder`, made when missing, open to its owner alone (mode 0700)."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def read_record(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in `path`, or None when it is missing or was cut short by a crash."""
    try:
        record = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Replace `path` in one step: a reader sees the old record or the new one, never half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    fresh.replace(path)
