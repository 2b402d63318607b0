"""`@sigstore/verify`, run by node: receipts with their signed notes. Knows neither proofs of growth nor tiles."""

import json
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.audit.verify.note import parse_vkey
from tests.interop.claims import Filed, Signed, Verifier

HERE = Path(__file__).parent / "node"
PACKAGE = HERE / "node_modules" / "@sigstore" / "verify" / "package.json"
NODE = shutil.which("node")
Written = dict[str, object]


def what_is_missing() -> str:
    """Return what has to be installed before this verifier can be asked; empty when it is all there."""
    if not NODE:
        return "node"
    return "" if PACKAGE.is_file() else "its packages (npm ci in tests/interop/node)"


def verifier() -> Verifier:
    """Return the verifier as it is installed."""
    return Verifier("@sigstore/verify", json.loads(PACKAGE.read_text())["version"], filed, signed)


def filed(claims: Sequence[Filed]) -> list[bool]:
    """Check each note, and the entry's path to the root that it signs."""
    return _ask([_note(claim.note, claim.vkey) | _place(claim) for claim in claims])


def signed(claims: Sequence[Signed]) -> list[bool]:
    """Read each note as a checkpoint and check its signature."""
    return _ask([_note(claim.note, claim.vkey) for claim in claims])


def _ask(claims: Sequence[Written]) -> list[bool]:
    """Ask one process about all the claims."""
    command = [str(NODE), "verify.js"]
    asked = json.dumps(claims)
    done = subprocess.run(command, cwd=HERE, input=asked, capture_output=True, text=True, check=True)  # noqa: S603
    return [reason == "" for reason in json.loads(done.stdout)]


def _note(note: bytes, vkey: str) -> Written:
    return {"note": note.decode(), "key": _key(vkey)}


@cache
def _key(vkey: str) -> dict[str, str]:
    key = parse_vkey(vkey)
    spki = Ed25519PublicKey.from_public_bytes(key.public).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"name": key.name, "id": _text(key.id), "spki": _text(spki)}


def _place(claim: Filed) -> Written:
    return {"entry": _text(claim.entry), "index": claim.index, "proof": [_text(each) for each in claim.proof]}


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
