"""A witness (c2sp.org/tlog-witness): it cosigns a log's checkpoint only when that grew from the one it cosigned last.

What it cosigned is on disk before the answer leaves; it needs the offline verifier and a folder, and trusts no log.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import IO

from services.audit.verify.checkpoint import Checkpoint, parse_checkpoint
from services.audit.verify.cosignature import cosign
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.merkle import EMPTY_ROOT, verify_consistency
from services.audit.verify.note import Note, parse_note, signers
from services.audit.verify.policy import Policy
from services.audit.verify.spelling import read_hash, read_number
from tools.govshare.witness_key import Unfit, WitnessKey

MOST_HASHES = 63
TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


@dataclass(frozen=True)
class Answer:
    """What a witness answers: an HTTP status, a content type and a body."""

    status: HTTPStatus
    kind: str
    body: bytes


class Refusal(Exception):
    """A checkpoint that is not cosigned, and the answer that says so."""

    def __init__(self, status: HTTPStatus, reason: str, *, size: int | None = None) -> None:
        super().__init__(reason)
        kind, body = (TEXT, reason) if size is None else (SIZE, str(size))
        self.answer = Answer(status, kind, f"{body}\n".encode())


@dataclass(frozen=True)
class Asked:
    """A request: the checkpoint of a signed `note`, which is said to follow from one of `old` entries by `proof`."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


class Cosigned:
    """What was cosigned last, a file for each log in a folder that one witness alone uses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = _only_user(folder)

    def last(self, origin: str) -> Checkpoint:
        """Return the last checkpoint of a log, of no entries before the first. Raises Unfit for a spoilt one."""
        try:
            kept = json.loads(self._file(origin).read_text(encoding="utf-8"))
            return Checkpoint(kept["origin"], int(kept["size"]), bytes.fromhex(kept["root"]))
        except FileNotFoundError:
            return Checkpoint(origin, 0, EMPTY_ROOT)
        except (ValueError, KeyError, TypeError) as error:
            raise Unfit(f"{self._file(origin)} is spoilt: {error}; restore it, never delete it") from error

    def keep(self, checkpoint: Checkpoint) -> None:
        """Put a checkpoint in the place of the last one; on disk when this returns, whole or not at all."""
        kept = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
        file = self._file(checkpoint.origin)
        draft = file.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as out:
            json.dump(kept, out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        _flush(self._folder)

    def close(self) -> None:
        """Let another witness use the folder."""
        self._guard.close()

    def _file(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()}.json"


class Witness:
    """Cosigns the checkpoints of the logs of `policy` with `key`, from what `cosigned` remembers."""

    def __init__(
        self, key: WitnessKey, policy: Policy, cosigned: Cosigned, clock: Callable[[], float] = time.time
    ) -> None:
        self._key = key
        self._policy = policy
        self._cosigned = cosigned
        self._clock = clock
        self._turn = Lock()

    @property
    def vkey(self) -> str:
        """The key by which its cosignatures are verified, for a log's policy."""
        return self._key.public.vkey

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request: the cosignature's line, or a refusal as the standard numbers them."""
        try:
            asked = read_request(body)
            self._check_log(asked)
            with self._turn:
                check_growth(asked, self._cosigned.last(asked.checkpoint.origin))
                self._cosigned.keep(asked.checkpoint)
        except Refusal as refusal:
            return refusal.answer
        made = cosign(asked.note.text, name=self._key.name, private=self._key.private, time=int(self._clock()))
        return Answer(HTTPStatus.OK, TEXT, made.line)

    def _check_log(self, asked: Asked) -> None:
        """Raise Refusal unless a log that the policy names signed the checkpoint."""
        logs = [key for key in self._policy.logs if key.name == asked.checkpoint.origin]
        if not logs:
            raise Refusal(HTTPStatus.NOT_FOUND, "this witness does not know that log")
        try:
            signed = signers(asked.note, logs)
        except NotVerified as error:
            raise Refusal(HTTPStatus.FORBIDDEN, str(error)) from error
        if not signed:
            raise Refusal(HTTPStatus.FORBIDDEN, "no key that this witness knows of that log signed the checkpoint")


def read_request(body: bytes) -> Asked:
    """Return the parts of a request's body; raises Refusal unless it is exactly in its format."""
    head, blank, note = body.partition(b"\n\n")
    old, *proof = head.decode("utf-8", "replace").split("\n")
    if not blank or not old.startswith("old ") or len(proof) > MOST_HASHES:
        shape = f"an old size, at most {MOST_HASHES} hashes, a blank line and a checkpoint"
        raise Refusal(HTTPStatus.BAD_REQUEST, f"the body is not {shape}")
    try:
        size, hashes, parsed = read_number(old.removeprefix("old ")), tuple(map(read_hash, proof)), parse_note(note)
        return Asked(size, hashes, parsed, parse_checkpoint(parsed.text))
    except Malformed as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, str(error)) from error


def check_growth(asked: Asked, last: Checkpoint) -> None:
    """Raise Refusal unless the checkpoint asked for grew, by its proof, from the `last` one cosigned."""
    new = asked.checkpoint
    if asked.old > new.size:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"the old size {asked.old} is larger than the checkpoint's {new.size}")
    if asked.old != last.size or (new.size == last.size and new.root != last.root):
        raise Refusal(HTTPStatus.CONFLICT, "another checkpoint was cosigned last", size=last.size)
    try:
        verify_consistency(old_size=last.size, old_root=last.root, size=new.size, root=new.root, proof=asked.proof)
    except NotVerified as error:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error


def _only_user(folder: Path) -> IO[str]:
    """Return the open lock of a folder, made when missing. Raises Unfit while another witness has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    guard = (folder / "lock").open("a", encoding="utf-8")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        guard.close()
        raise Unfit(f"{folder} is in use by another witness") from error
    return guard


def _flush(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
