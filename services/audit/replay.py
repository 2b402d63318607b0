"""Decides what a table that was restored from a backup lacks of a batch that the log holds. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from services.audit.chain import CaseHead, head_at
from services.audit.entry import Mark, State


class Contradicted(Exception):
    """The log holds another version of something that the table knows: neither is changed, a person must look."""


@dataclass(frozen=True)
class Known:
    """What the table knows of some filed events: marks by event, heads by case, and whose receipts were sent."""

    marks: Mapping[str, Mark]
    cases: Mapping[str, CaseHead]
    answered: Set[str]


class Move(NamedTuple):
    """The head of a case as it is in the table, and as it must become."""

    case: str
    before: CaseHead
    after: CaseHead


def missing_marks(filed: Iterable[Mark], known: Known) -> Iterator[Mark]:
    """Yield the marks that the table lacks, or has as those of events that still wait. Raises Contradicted."""
    for mark in filed:
        before = known.marks.get(mark.event_id)
        if before is None:
            yield mark
            continue
        if before.entry_sha256 != mark.entry_sha256:
            raise Contradicted(f"event {mark.event_id} has other bytes in the table than in the log")
        if before.state is not State.FILED:
            yield mark.model_copy(update={"accepted_at": before.accepted_at})
        elif before.index != mark.index:
            raise Contradicted(
                f"event {mark.event_id} is filed at {before.index} in the table, at {mark.index} in the log"
            )


def moved_cases(filed: Sequence[Mark], known: Known) -> Iterator[Move]:
    """Yield the cases that the table has not as far as the log. Raises Contradicted when it has another event there."""
    cases: dict[str, list[Mark]] = {}
    for mark in filed:
        cases.setdefault(mark.case, []).append(mark)
    for case, marks in cases.items():
        head = known.cases.get(case, CaseHead())
        _check_same(head, marks, known)
        if head.case_seq < marks[-1].case_seq:
            yield Move(case, head, head_at(marks[-1]))


def _check_same(head: CaseHead, marks: Sequence[Mark], known: Known) -> None:
    """Raise Contradicted when the head of a case does not stand on these entries of it, nor they on it.

    Each entry names the one before, so that one hash speaks for all.
    """
    first, last = marks[0], marks[-1]
    hashes = {first.case_seq - 1: first.prev_hash} | {mark.case_seq: mark.leaf_hash for mark in marks}
    unknown = head.case_seq > last.case_seq and any(mark.event_id not in known.marks for mark in marks)
    if unknown or hashes.get(head.case_seq, head.leaf_hash) != head.leaf_hash:
        raise Contradicted(
            f"the table has another event than the log in case {first.case}, place {first.case_seq} or later"
        )
