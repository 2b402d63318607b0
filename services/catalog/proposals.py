"""A demand that a unit took up, as what it begins with: the draft of a duty to collect, or a planned database (S-010).

It is the unit's own and its officer's to complete; nobody else sees it before it is applied for or filed. Pure.
"""

from typing import Any, TypeVar

from pydantic import ValidationError

from services.catalog.collection_statement import CollectionDraft
from services.catalog.collection_steps import Change, create
from services.catalog.database import Database
from services.catalog.database_description import DraftStatement
from services.catalog.database_steps import plan
from services.shared.callers import Caller, Claim
from services.shared.demand_bodies import DemandTakenUp
from services.shared.errors import Invalid
from services.shared.events import Event
from services.shared.inputs import problems_of
from services.shared.model import Model
from services.shared.steps import Step

M = TypeVar("M", bound=Model)


def taken_up_in(event: Event) -> DemandTakenUp:
    """Return what a unit took up, as the event has it."""
    return DemandTakenUp.model_validate(dict(event.body))


def proposed_collection(event: Event) -> Change:
    """Return the draft of a duty to collect, of who took the demand up and at that time.

    Raises Invalid where no draft can be.
    """
    taken = taken_up_in(event)
    draft = _said(CollectionDraft, item=taken.title, items=taken.items, areas=taken.areas)
    return create(draft, _officer(event), event.at, collection_id=taken.proposal)


def proposed_database(event: Event) -> Step[Database]:
    """Return the plan of a database, of who took the demand up and at that time.

    Raises Invalid where no plan can be.
    """
    taken = taken_up_in(event)
    items = [{"name": item} for item in taken.items]
    statement = _said(DraftStatement, description={"name": taken.title, "items": items, "areas": taken.areas})
    return plan(statement, _officer(event), event.at, database_id=taken.proposal)


def _said(model: type[M], **said: Any) -> M:
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise Invalid("what was taken up is no draft", problems_of(error.errors())) from error


def _officer(event: Event) -> Caller:
    return Caller(organisation=event.organisation, officer=event.actor, claims=frozenset({Claim.OFFICER}))
