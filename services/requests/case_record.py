"""What every record in a sharing case carries: whose it is, its clock, its filings, when something is due by itself.

A case is the request's id: the request, its agreement, the reports after the handover, objections and onward
permissions lie in it side by side, each under a name of its own (`request`, `agreement`, `period-2027Q1`).
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime

from services.shared.callers import Caller
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Party, Record
from services.shared.organisations import (
    ARCHIVES_BUREAU,
    LEADING_GROUP,
    OFFICE,
    SECRECY_BUREAU,
    SUPERVISION_BUREAU,
)
from services.shared.running import Running, due_at

BODIES_OF_THE_CITY: Mapping[Party, str] = {
    Party.OFFICE: OFFICE,
    Party.SECRECY: SECRECY_BUREAU,
    Party.SUPERVISION: SUPERVISION_BUREAU,
    Party.ARCHIVES: ARCHIVES_BUREAU,
    Party.LEADING_GROUP: LEADING_GROUP,
    Party.SYSTEM: "system",
}


class Filed(Filing):
    """A filing made in this case: the event that made it, and the hash of what was filed."""

    event_id: str
    terms_hash: str
    at: AwareDatetime


class CaseRecord(Record):
    """A record of a case between two units; `clock` runs for whom it waits, None where nothing is timed."""

    clock: Running | None = None
    filings: tuple[Filed, ...] = ()

    @property
    def sides(self) -> Mapping[Party, str]:
        """Requester and provider by their organisations' codes."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What a list calls it: the entry's title."""
        raise NotImplementedError

    @property
    def urgent(self) -> bool:
        """Whether it goes before what is not urgent."""
        return False

    @property
    def waits_since(self) -> datetime:
        """Since when it waits for whom it waits: its clock's start, its last change where nothing is timed."""
        return self.clock.since if self.clock else self.changed_at

    @property
    def wakes_at(self) -> datetime | None:
        """When something happens to it by itself; None while nothing will."""
        return due_at(self.clock) if self.clock else None

    @property
    def organisations(self) -> Mapping[Party, str]:
        """Every party's organisation, the system included."""
        return {**BODIES_OF_THE_CITY, **self.sides}

    def last_filing(self, kind: FilingKind) -> Filed | None:
        """Return the last filing of a kind: where terms changed, the last one stands (I5)."""
        return next((filed for filed in reversed(self.filings) if filed.kind is kind), None)


def parties_of(record: CaseRecord, caller: Caller) -> frozenset[Party]:
    """Return what a caller is to a record, whatever it may see."""
    return frozenset(party for party, code in record.organisations.items() if code == caller.organisation)
