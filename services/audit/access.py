"""Who reads what of the ledger: one table, decided without I/O.

Checkpoint and hash tiles are anyone's. An entry is its parties', its authority's, and the overseers'; the log as a
whole is the overseers' alone. What is known of sealed evidence follows its entry, but for the units under inquiry.
"""

from enum import StrEnum

from services.audit.entry import Mark
from services.audit.evidence import BUREAUS, Evidence
from services.shared.callers import Caller, Claim
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SUPERVISION_BUREAU

OVERSEERS = frozenset({OFFICE, SUPERVISION_BUREAU, ARCHIVES_BUREAU})
EVIDENCE_READERS = frozenset({Claim.OFFICER, Claim.AUDITOR})


class Part(StrEnum):
    """What of the log is asked for, apart from single entries."""

    CHECKPOINT = "checkpoint"
    HASH_TILE = "hash_tile"
    ENTRY_BUNDLE = "entry_bundle"
    ALL_FILINGS = "all_filings"


PUBLIC = frozenset({Part.CHECKPOINT, Part.HASH_TILE})


def may_read(part: Part, caller: Caller) -> bool:
    """Return whether the caller may read this part of the log."""
    return part in PUBLIC or oversees(caller)


def may_read_entry(mark: Mark, caller: Caller) -> bool:
    """Return whether the caller may read one entry and its receipt."""
    authority = {mark.filing.authority} if mark.filing else set()
    return oversees(caller) or (not caller.anonymous and caller.organisation in {*mark.parties, *authority})


def may_read_evidence(evidence: Evidence, caller: Caller) -> bool:
    """Return whether the caller may know of a sealed bundle: who sealed it, supervision, the overseers; no unit in it.

    A unit under inquiry does not see it even where it oversees sharing itself.
    """
    if caller.organisation == evidence.sealed_by:
        return True
    follows = caller.organisation == SUPERVISION_BUREAU or oversees(caller)
    return follows and caller.organisation not in evidence.units


def may_list_evidence(caller: Caller) -> bool:
    """Return whether the caller may ask what was sealed for an accountability case."""
    return caller.organisation in BUREAUS or oversees(caller)


def oversees(caller: Caller) -> bool:
    """Return whether the caller is an officer or auditor of a body that oversees sharing."""
    return caller.organisation in OVERSEERS and bool(caller.claims & EVIDENCE_READERS)
