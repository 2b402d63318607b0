"""The clock of a record's state, from a table of states and clock codes. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from services.requests.case_record import CaseRecord
from services.shared import running

C = TypeVar("C", bound=CaseRecord)


def clocked(before: CaseRecord | None, after: C, at: datetime, clocks: Mapping[StrEnum, str]) -> C:
    """Return a record with the clock of the state it came into; one that stays where it was keeps its own.

    A state without a code in `clocks` is not timed.
    """
    if before is not None and before.state is after.state:
        return after
    code = clocks.get(after.state)
    return after.model_copy(update={"clock": running.start(code, at) if code else None})
