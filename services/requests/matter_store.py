"""Finds matters in their cases: one by its id, those of a side or in a state; and keeps a new one, once a key."""

from collections.abc import Callable
from typing import TypeVar

from services.requests.case import Case
from services.requests.case_record import CaseRecord
from services.requests.matter import Matter, no_agreement
from services.requests.numbered import read_id, there_is_none
from services.requests.store import request_store
from services.requests.telling import Step
from services.shared.callers import Caller
from services.shared.errors import Forbidden, Invalid, NotFound, Problem, Stale
from services.shared.lifecycle import Party
from services.shared.once import Once

M = TypeVar("M", bound=Matter)
Listed = tuple[list[CaseRecord], str | None]


def find(text: str, model: type[M]) -> tuple[Case, M]:
    """Return the matter that has this id, and its case. Raises NotFound, for what could be no id too."""
    named = read_id(text, model.kind)
    try:
        case = request_store().get(named.case)
    except NotFound as error:
        raise there_is_none(model.kind) from error
    matter = case.named(named.name, model)
    if matter is None:
        raise there_is_none(model.kind)
    return case, matter


def keep(make: Callable[[Case], Step], agreement: str, once: Once | None, model: type[M]) -> M:
    """Make a matter in the case of an agreement and keep it; return it, or what the same key kept before.

    Raises Invalid where there is no such agreement, for its id stands in a body, and what `make` raises.
    """
    store = request_store()
    try:
        step = make(_case_of(agreement))
        store.save(step, once)
    except (Invalid, Stale):
        if once is None or (made := store.made_before(once)) is None:
            raise
        return _kept_under(once, store.get(made), model)
    return made_by(step, model)


def made_by(step: Step, model: type[M]) -> M:
    """Return the matter as a step leaves it."""
    return next(record for record in step.records.values() if isinstance(record, model))


def those_of(model: type[M], caller: Caller, side: str | None, *, limit: int, after: str | None) -> Listed:
    """Return the caller's organisation's matters, as requester unless `side` says otherwise, latest change first."""
    party = Party(side) if side else Party.REQUESTER
    return request_store().page(model.kind, caller.organisation, party, limit=limit, after=after)


def those_in(
    state: str, model: type[M], caller: Caller, offices: frozenset[str], *, limit: int, after: str | None
) -> Listed:
    """Return everybody's matters that stand in a state, for one of the offices. Raises Forbidden for any other."""
    if caller.organisation not in offices:
        raise Forbidden("what stands in a state is listed for the offices; name a side in `as`")
    return request_store().standing(model.kind, state, limit=limit, after=after)


def refuse_both(side: str | None, state: str | None) -> None:
    """Raise Invalid where a list is asked for by side and by state at once."""
    if side and state:
        detail = "与 as 不能同用 / not together with `as`"
        raise Invalid("the request is not valid", [Problem(pointer="/query/state", detail=detail)])


def _case_of(agreement: str) -> Case:
    try:
        return request_store().get(agreement)
    except NotFound as error:
        raise no_agreement() from error


def _kept_under(once: Once, case: Case, model: type[M]) -> M:
    kept = (each for _, each in case.all_of(model) if (each.key, each.requester) == (once.key, once.organisation))
    return next(kept)
