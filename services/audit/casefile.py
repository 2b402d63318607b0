"""A closed case as the ledger has it: what an archive package is made of, and nothing else. Pure.

What was written with an event is not in it: the ledger has its salted hash alone, and says whether it was erased.
"""

import json
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property

from pydantic import AwareDatetime, JsonValue

from services.audit.chain import CaseHead
from services.audit.entry import Mark
from services.audit.retention import Standing, Step, standing_of
from services.shared.model import Model
from services.shared.organisations import Organisation, name_at, organisation
from services.shared.working_days import day_in_beijing

DIGITS = 6


class Written(StrEnum):
    """What there is beside an entry of what people wrote: the archives ask its owner for what is kept."""

    NOTHING = "nothing"
    KEPT = "kept"
    ERASED = "erased"


class Told(Model):
    """An entry as the ledger holds it, with the fields that a package speaks of."""

    event_id: str
    type: str
    case: str
    case_seq: int
    organisation: str
    actor: str
    parties: tuple[str, ...] = ()
    occurred_at: AwareDatetime
    filing: dict[str, str] | None = None
    payload_sha256: str | None = None
    body: dict[str, JsonValue]


class FiledEntry(Model):
    """One entry's bytes and its receipt; `erased_by` is the event that told of the erasure of what was written."""

    entry: bytes
    receipt: bytes
    erased_by: str | None = None

    @cached_property
    def told(self) -> Told:
        """What the entry says. Raises ValueError when it is no entry of an event."""
        fields = json.loads(self.entry)
        return Told.model_validate({name: value for name, value in fields.items() if name in Told.model_fields})

    @property
    def written(self) -> Written:
        """Whether something was written with the event, and is still there."""
        if self.told.payload_sha256 is None:
            return Written.NOTHING
        return Written.ERASED if self.erased_by else Written.KEPT


class CaseFile(Model):
    """All entries of a case in their order; `checkpoint` is the signed one of the last entry's batch.

    `head` is what the ledger keeps of the case's latest entry: the file is whole when its last entry is that one.
    """

    case: str
    filed: tuple[FiledEntry, ...]
    checkpoint: bytes
    head: CaseHead

    @cached_property
    def standing(self) -> Standing | None:
        """How the case stands to the archives; None for an empty file."""
        return standing_of(map(step_of, self.filed))


class Agent(Model):
    """Who acted: an organisation by its code and its name of the time, or an officer by an opaque id."""

    code: str
    name: str
    uscc: str | None = None


def step_of(filed: FiledEntry) -> Step:
    """Return what the retention schedule looks at in an entry."""
    return Step.model_validate({name: getattr(filed.told, name) for name in Step.model_fields})


def entry_name(case_seq: int) -> str:
    """Return what the file of an entry is called in a package."""
    return f"entries/{case_seq:0{DIGITS}}.json"


def receipt_name(case_seq: int) -> str:
    """Return what the receipt of an entry is called in a package."""
    return f"receipts/{case_seq:0{DIGITS}}.tlog-proof"


def organisations_in(filed: Iterable[FiledEntry]) -> tuple[Agent, ...]:
    """Return the organisations that acted, each with every name it then had, in the order of their first acts."""
    acted = (_agent(each.told.organisation, each.told) for each in filed)
    return tuple({(agent.code, agent.name): agent for agent in acted}.values())


def officers_in(filed: Iterable[FiledEntry]) -> tuple[str, ...]:
    """Return the opaque ids of the officers who acted, in the order of their first acts."""
    return tuple(dict.fromkeys(each.told.actor for each in filed))


def indexed(marks: Iterable[Mark]) -> list[tuple[Mark, int, int]]:
    """Return marks with the index of each and the size of its batch's tree. Raises ValueError for one without."""
    found = []
    for mark in marks:
        if mark.index is None or mark.size is None:
            raise ValueError(f"event {mark.event_id} is not filed")
        found.append((mark, mark.index, mark.size))
    return found


def _agent(code: str, told: Told) -> Agent:
    body: Organisation | None = organisation(code)
    if body is None:
        return Agent(code=code, name=code)
    return Agent(code=code, name=name_at(body, day_in_beijing(told.occurred_at)).zh, uscc=body.uscc)
