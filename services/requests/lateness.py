"""What every record of a case that can be late has in common: its day passes, and that is marked.

A mark decides nothing (I6). Pure.
"""

from collections.abc import Iterator
from typing import TypeVar

from services.requests.case_record import CaseRecord
from services.shared import running
from services.shared.errors import Problem
from services.shared.lifecycle import Act

C = TypeVar("C", bound=CaseRecord)


def day_has_passed(record: CaseRecord, act: Act) -> Iterator[Problem]:
    """The day on which the record's clock runs out is over, and not marked yet."""
    falls_due = running.due_at(record.clock) if record.clock else None
    if falls_due is None or act.at <= falls_due:
        yield Problem(pointer="/clock", detail="未逾期 / it is not overdue")


def marked_overdue(record: C, act: Act) -> C:
    """Return the record with the mark that it is overdue; one that is not timed has none to bear."""
    marked = running.mark_overdue(record.clock, act.at) if record.clock else None
    return record.model_copy(update={"clock": marked})
