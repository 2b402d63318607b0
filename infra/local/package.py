"""What functions are made of, as zip files that are the same bytes for the same content.

Knows which folders travel; knows no emulator.
"""

import hashlib
import io
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from infra.local.home import ROOT, LocalStackError

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can hold
LEFT_OUT = ("__pycache__", ".lock", "Makefile")


def code() -> bytes:
    """Return the code of every function: `services/` and the reference data, without what Python compiled."""
    files = _files(ROOT / "services", ROOT)
    data = {str(path.relative_to(ROOT)): path.read_bytes() for path in (ROOT / "data").glob("*.json")}
    return archive(files | data)


def layer(architecture: str, home: Path) -> bytes:
    """Return the layer of third-party wheels for this processor; built once for each state of the requirements."""
    requirements = ROOT / "infra" / "dependencies" / "requirements.txt"
    kept = home / f"layer-{architecture}-{fingerprint(requirements.read_bytes())}.zip"
    if not kept.exists():
        kept.write_bytes(_build_layer(architecture))
    return kept.read_bytes()


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of `files` in which neither time nor order of the disk leaves a mark."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return written.getvalue()


def fingerprint(content: bytes) -> str:
    """Return a short name for content: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16]


def _build_layer(architecture: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = ["make", "--silent", "build-Dependencies", f"ARTIFACTS_DIR={folder}", f"ARCHITECTURE={architecture}"]
        where = ROOT / "infra" / "dependencies"
        made = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        if made.returncode:
            raise LocalStackError(f"the layer could not be built:\n{made.stderr.strip()}")
        return archive(_files(Path(folder), Path(folder)))


def _files(folder: Path, root: Path) -> dict[str, bytes]:
    found = (Path(parent) / name for parent, _, names in os.walk(folder) for name in names)
    return {str(path.relative_to(root)): path.read_bytes() for path in found if not set(path.parts) & set(LEFT_OUT)}
