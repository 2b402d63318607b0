"""Runs a script as somebody would who has the verifier and nothing else of ours: the standard library, `cryptography`
and `rfc8785` can be imported beside it, and the verifier is a copy in another place."""

import shutil
import subprocess
import sys
from pathlib import Path

import rfc8785

VERIFIER = Path(__file__).parents[1] / "services/audit/verify"
LIBRARIES = Path(rfc8785.__file__).parents[1]
ONLY = """
import sys

class Only:
    def find_spec(self, name, path=None, target=None):
        first, ours = name.partition(".")[0], ("services", "services.audit")
        known = sys.stdlib_module_names | {"cryptography", "cffi", "_cffi_backend", "rfc8785"}
        if first not in known and name not in ours and not name.startswith("services.audit.verify"):
            raise ImportError(f"{name} is not there")

sys.path[:0] = sys.argv.pop(1).split(":")
sys.meta_path.insert(0, Only())
"""


def run_alone(folder: Path, script: str, *arguments: str | Path) -> str:
    """Run a script with a copy of the verifier in `folder`; return what it printed, or how it ended."""
    copy = folder / "services/audit/verify"
    if not copy.exists():
        shutil.copytree(VERIFIER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    places = f"{folder}:{LIBRARIES}"
    command = [sys.executable, "-I", "-S", "-B", "-c", ONLY + script, places, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return done.stdout if done.returncode == 0 else done.stderr
