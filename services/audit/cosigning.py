"""Asking a witness for its cosignature (c2sp.org/tlog-witness), and putting cosignatures into a checkpoint's note.

Pure, given a way to post: knows no network, no table and no clock.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.cosignature import Cosignature, read_cosignature
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.note import Key
from services.audit.verify.policy import NO_QUORUM, Policy
from services.audit.verify.spelling import read_number, write_base64
from services.audit.witness import State, Witness

SIZE_TYPE = "text/x.tlog.size"
TRIES = 2  # a witness that knows another size than we thought says so once
CLOCKS_DIFFER = timedelta(minutes=5)
LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: `kind` is its content type."""

    status: int
    kind: str
    body: bytes


@dataclass(frozen=True)
class Shown:
    """What is shown to witnesses: a checkpoint, its `note` as the log signed it, and how to `prove` that it grew.

    `prove` returns the consistency proof (RFC 9162 §2.1.4.1) from a size up to the checkpoint's.
    """

    checkpoint: Checkpoint
    note: bytes
    prove: Callable[[int], Sequence[bytes]]


class NotCosigned(Exception):
    """A witness did not cosign: in which `state` that leaves it, and with which HTTP status it answered, if any."""

    def __init__(self, state: State, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.state = state
        self.status = status


Post = Callable[[str, bytes], Answer]
"""Posts a body to an address; raises NotCosigned when nothing usable comes back."""


def ask(witness: Witness, known: int, shown: Shown, post: Post, *, at: datetime) -> Cosignature:
    """Return the cosignature of a witness that has cosigned `known` entries as far as we know. Raises NotCosigned.

    One that names another size is asked once more from there; one that knows what the log does not contain is `ahead`.
    """
    size = shown.checkpoint.size
    for _ in range(TRIES):
        answer = post(witness.url, request_of(known, shown.prove(known), shown.note))
        if answer.status != HTTPStatus.CONFLICT:
            return _cosignature(answer, witness.key, shown.checkpoint, at)
        held = _size_in(answer)
        if held > size or held == known == size:
            raise NotCosigned(State.AHEAD, f"has cosigned another tree, of {held}; ours has {size}", answer.status)
        known = held
    raise NotCosigned(State.REFUSED, f"keeps answering that it knows another size, {known}", HTTPStatus.CONFLICT)


def request_of(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """Return the body of `add-checkpoint`: the old size, the proof from there, and the signed checkpoint."""
    lines = [f"old {old}", *map(write_base64, proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + note


def cosignatures_of(policy: Policy, text: bytes, sources: Iterable[bytes]) -> tuple[Cosignature, ...]:
    """Return the cosignatures over a note's `text` by the policy's witnesses, in its order, each from the first source.

    A source is signature lines; those that do not hold, or are of other keys, are passed over.
    """
    given = list(sources)
    found = (_first(given, text, key) for key in policy.witnesses.values())
    return tuple(each for each in found if each)


def has_quorum(policy: Policy, cosignatures: Iterable[Cosignature]) -> bool:
    """Say whether cosignatures make up the quorum; where the policy asks for none, nothing is ever witnessed."""
    return policy.quorum != NO_QUORUM and policy.reaches_quorum({each.key for each in cosignatures})


def _first(sources: Iterable[bytes], text: bytes, key: Key) -> Cosignature | None:
    for lines in sources:
        with suppress(NotVerified):
            return read_cosignature(lines, text, key)
    return None


def _cosignature(answer: Answer, key: Key, checkpoint: Checkpoint, at: datetime) -> Cosignature:
    if answer.status != HTTPStatus.OK:
        later = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in LATER
        raise NotCosigned(State.SILENT if later else State.REFUSED, f"answered {answer.status}", answer.status)
    try:
        cosignature = read_cosignature(answer.body, checkpoint.text, key)
    except NotVerified as error:
        raise NotCosigned(State.WRONG, str(error), answer.status) from error
    if cosignature.time > (at + CLOCKS_DIFFER).timestamp():
        raise NotCosigned(State.WRONG, f"cosigned at {cosignature.time}, which is yet to come", answer.status)
    return cosignature


def _size_in(answer: Answer) -> int:
    sized = answer.kind.partition(";")[0].strip() == SIZE_TYPE and answer.body.endswith(b"\n")
    try:
        return read_number(answer.body[:-1].decode("ascii", "replace") if sized else "")
    except Malformed as error:
        raise NotCosigned(State.WRONG, f"answered 409 without its size in {SIZE_TYPE}", answer.status) from error
