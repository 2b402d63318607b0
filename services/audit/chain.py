"""Decides whether an event is the next of its case, known already, too early, or contradicts what is filed.

Pure: what is stored is given to it, what is to be stored is its answer.
"""

import hashlib

from services.audit.entry import Mark, entry_of, mark_of
from services.shared.events import Event
from services.shared.model import Model


class CaseHead(Model):
    """The latest accepted entry of a case: its number, hex leaf hash and event; all empty before the first."""

    case_seq: int = 0
    leaf_hash: str = ""
    event_id: str = ""


class Accepted(Model):
    """An event that is the next of its case: its entry, its mark, and the case's head before it."""

    entry: bytes
    mark: Mark
    before: CaseHead

    @property
    def head(self) -> CaseHead:
        """The case's head after it."""
        return CaseHead(case_seq=self.mark.case_seq, leaf_hash=self.mark.leaf_hash, event_id=self.mark.event_id)


class AheadOfCase(Exception):
    """The case's earlier event is not here yet; the message comes again."""


class ConflictingEvent(Exception):
    """Another event was accepted under this id, or in this place of the case: a security event."""


def admit(event: Event, head: CaseHead, known: Mark | None) -> Accepted | None:
    """Return what to store for an event, or None when it was accepted before with the same bytes.

    Raises AheadOfCase, ConflictingEvent, or NotAnEntry.
    """
    if known is not None:
        entry = entry_of(event, known.prev_hash)
        if hashlib.sha256(entry).hexdigest() != known.entry_sha256:
            raise ConflictingEvent(f"event {event.id} was accepted with other bytes")
        return None
    accepted = Accepted(entry=(entry := entry_of(event, head.leaf_hash)), mark=mark_of(entry), before=head)
    expected, came = head.case_seq + 1, accepted.mark.case_seq
    if came > expected:
        raise AheadOfCase(f"event {event.id} is number {came} of its case, {expected} comes first")
    if came < expected:
        raise ConflictingEvent(f"event {event.id} claims place {came} of its case, which another event has")
    return accepted
