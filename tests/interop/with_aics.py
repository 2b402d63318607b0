"""`aics-tlog` (Python 3.12 or newer): receipts with their signed notes and cosignatures, growth, and whole exports."""

from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import aics_tlog
from aics_tlog import cli
from aics_tlog.tiles import materialise_tiles

from tests.interop.claims import Exported, Filed, Grew, Signed, Verifier

REFUSALS = (ValueError, FileNotFoundError)  # what it raises for a tile or a bundle that is wrong, and for one missing


def verifier() -> Verifier:
    """Return the verifier as it is installed."""
    return Verifier("aics-tlog", aics_tlog.__version__, filed, signed, grew=grew, audit=audit, rebuild=rebuild)


def filed(claims: Sequence[Filed]) -> list[bool]:
    """Check each note, its cosignatures, and the entry's path to the root that it signs."""
    return [_accepts(claim) for claim in claims]


def _accepts(claim: Filed) -> bool:
    checked = _checkpoint(claim.note, claim.vkey, claim.witnesses)
    if checked != (claim.size, claim.root):
        return False
    return bool(aics_tlog.verify_leaf_inclusion(claim.entry, claim.index, claim.size, claim.proof, claim.root))


def _checkpoint(note: bytes, vkey: str, witnesses: Sequence[str] = ()) -> tuple[int, bytes] | None:
    """Return size and root of a note that the log and all the witnesses signed, else None."""
    key = aics_tlog.parse_vkey(vkey)
    cosigners = [aics_tlog.parse_vkey(each) for each in witnesses]
    try:
        parsed = aics_tlog.parse_note(note)
    except ValueError:
        return None
    checked = aics_tlog.verify_checkpoint(parsed, key, cosigners, len(cosigners), expected_origin=key.name)
    if not checked.ok or checked.size is None or checked.root is None:
        return None
    return checked.size, checked.root


def signed(claims: Sequence[Signed]) -> list[bool]:
    """Read each note as a checkpoint and check its signature."""
    return [_checkpoint(claim.note, claim.vkey) is not None for claim in claims]


def grew(claim: Grew) -> bool:
    """Check a proof of growth."""
    sizes, roots = (claim.old_size, claim.size), (claim.old_root, claim.root)
    return bool(aics_tlog.verify_consistency(*sizes, *roots, claim.proof))


def rebuild(entries: Sequence[bytes]) -> dict[str, bytes]:
    """Return every tile and bundle of a log of these entries."""
    return dict(materialise_tiles([*entries]))


def audit(claim: Exported) -> bool:
    """Check every tile and bundle at every archived checkpoint, and with its command line that the log only grew."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name, data in claim.files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        archived = sorted((root / "checkpoints").iterdir())
        return all(_holds(root, note, claim.vkey) and _leads_to_latest(root, note, claim.vkey) for note in archived)


def _holds(root: Path, note: Path, vkey: str) -> bool:
    head = _checkpoint(note.read_bytes(), vkey)
    if head is None or str(head[0]) != note.name:
        return False
    try:
        aics_tlog.audit_tiles(aics_tlog.FileSystemTileReader(root), *head)
    except REFUSALS:
        return False
    return True


def _leads_to_latest(root: Path, note: Path, vkey: str) -> bool:
    command = ["verify-consistency", "--tiles", str(root), "--old-checkpoint", str(note), "--log-key", vkey]
    with redirect_stdout(StringIO()):
        return bool(cli.main(command) == 0)
