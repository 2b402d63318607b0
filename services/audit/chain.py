"""Decides whether an event is the next of its case, known already, too early, or contradicts what is filed.

Pure: what is stored is given to it, what is to be stored is its answer.
"""

import hashlib
from datetime import datetime

from services.audit.entry import Mark, entry_of, mark_of, written
from services.shared.events import Event
from services.shared.ledger_bodies import ConflictFound
from services.shared.model import Model


class CaseHead(Model):
    """The latest accepted entry of a case: number, hex leaf hash, event, when it came; all empty before the first."""

    case_seq: int = 0
    leaf_hash: str = ""
    event_id: str = ""
    accepted_at: str = ""


class Accepted(Model):
    """An event that is the next of its case: its entry, its mark, and the case's head before it."""

    entry: bytes
    mark: Mark
    before: CaseHead

    @property
    def head(self) -> CaseHead:
        """The case's head after it."""
        return head_at(self.mark)


class AheadOfCase(Exception):
    """The case's earlier event is not here yet; the message comes again."""


class ConflictingEvent(Exception):
    """Another event was accepted under this id, or in this place of the case: a security event, which tells `found`."""

    def __init__(self, detail: str, found: ConflictFound) -> None:
        super().__init__(detail)
        self.found = found


def admit(event: Event, head: CaseHead, known: Mark | None, *, at: datetime) -> Accepted | None:
    """Return what to store for an event that came `at`, or None when it was accepted before with the same bytes.

    Raises AheadOfCase, ConflictingEvent, or NotAnEntry.
    """
    if known is not None:
        _check_repeated(event, known)
        return None
    entry = entry_of(event, head.leaf_hash)
    mark = mark_of(entry).model_copy(update={"accepted_at": max(written(at), head.accepted_at)})
    expected, came = head.case_seq + 1, mark.case_seq
    if came > expected:
        raise AheadOfCase(f"event {event.id} is number {came} of its case, {expected} comes first")
    if came < expected:
        detail = f"event {event.id} claims place {came} of its case, which another event has"
        raise ConflictingEvent(detail, _found("place_taken", event, entry_of(event, "")))
    return Accepted(entry=entry, mark=mark, before=head)


def head_at(mark: Mark) -> CaseHead:
    """Return the head of a case whose latest accepted event has this mark."""
    return CaseHead(**{name: getattr(mark, name) for name in CaseHead.model_fields})


def _check_repeated(event: Event, known: Mark) -> None:
    """Raise ConflictingEvent when an event of a known id is not the one that was accepted."""
    entry = entry_of(event, known.prev_hash)
    if hashlib.sha256(entry).hexdigest() != known.entry_sha256:
        found = _found("other_bytes", event, entry, filed_sha256=known.entry_sha256)
        raise ConflictingEvent(f"event {event.id} was accepted with other bytes", found)


def _found(reason: str, event: Event, offered: bytes, *, filed_sha256: str = "") -> ConflictFound:
    """Return the contradiction. However often the event comes, and whatever its case did since, it is the same one.

    An event whose place is taken has no predecessor of its own, so the entry it offers names none.
    """
    return ConflictFound(
        reason=reason,
        event_id=event.id,
        case=event.case,
        case_seq=event.case_seq or 0,
        offered_sha256=hashlib.sha256(offered).hexdigest(),
        filed_sha256=filed_sha256,
    )
