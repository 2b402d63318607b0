"""What a caller sees of an objection: what was said, where it stands, and what this caller may do now. Pure."""

from pydantic import AwareDatetime

from services.requests.objection import Correction, Objection, Said, State
from services.requests.objection_life import OBJECTION
from services.requests.views import due_of, waiting_for
from services.shared.callers import Caller
from services.shared.clock_views import ClockView, explained
from services.shared.coordination import Basis, Coordination, Ruling, Seat
from services.shared.coordination import State as CoordinationState
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.views import Waiting

HERE = "/objections"


class CoordinationView(Model):
    """A coordination as it is seen: the last of each thing that was said; `settled_by` are those who say it is over."""

    state: CoordinationState
    seats: tuple[Seat, ...]
    settled_by: tuple[Party, ...]
    proposal: str | None
    docket: str | None
    instructions: str | None
    basis: Basis | None
    ruling: Ruling | None


class ObjectionLine(Model):
    """An objection in a list; `agreement` is the id of its case."""

    id: str
    agreement: str
    number: int
    version: int
    state: State
    requester: str
    provider: str
    resource: str
    resource_title: str
    items: tuple[str, ...]
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    overdue_since: AwareDatetime | None
    actions: tuple[str, ...]
    raised_at: AwareDatetime
    changed_at: AwareDatetime


class ObjectionView(ObjectionLine):
    """An objection as the API shows it. `clock` says by which rule it is due.

    `position` is why a rejection is contested, `comment` why it was withdrawn, where that was said.
    """

    records: str
    wrong: str
    evidence: str | None
    finding: Said | None
    correction: Correction | None
    rejection: Said | None
    position: Said | None
    coordination: CoordinationView | None
    comment: str | None
    clock: ClockView | None
    filing: None = None


class ObjectionPage(Model):
    """A page of objections; `next` is null at the list's end."""

    items: tuple[ObjectionLine, ...]
    next: str | None


def view_of(objection: Objection, caller: Caller) -> ObjectionView:
    """Return an objection as this caller sees it."""
    line = line_of(objection, caller).model_dump()
    more = ObjectionView.model_fields.keys() - ObjectionLine.model_fields.keys() - {"coordination", "clock"}
    return ObjectionView(
        **line | objection.model_dump(include=more & Objection.model_fields.keys()),
        coordination=_coordination(objection.coordination) if objection.coordination else None,
        clock=explained(objection.clock) if objection.clock else None,
    )


def line_of(objection: Objection, caller: Caller) -> ObjectionLine:
    """Return an objection as a line of this caller's list."""
    own = {"id", "agreement", "awaiting", "due_at", "overdue_since", "actions"}
    return ObjectionLine(
        **objection.model_dump(include=ObjectionLine.model_fields.keys() - own),
        id=objection.public_id,
        agreement=objection.id,
        awaiting=waiting_for(objection, OBJECTION),
        due_at=due_of(objection),
        overdue_since=objection.clock.overdue_since if objection.clock else None,
        actions=OBJECTION.actions_for(objection, caller),
    )


def _coordination(coordination: Coordination) -> CoordinationView:
    same = CoordinationView.model_fields.keys() & Coordination.model_fields.keys()
    settled = tuple(done.party for done in coordination.done)
    return CoordinationView(**{name: getattr(coordination, name) for name in same}, settled_by=settled)
