"""From an act on an onward permission to everything it leaves behind. Pure but for fresh ids and keys."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.requests.agreement import Agreement
from services.requests.case import Case
from services.requests.matter import next_number, own_agreement, written
from services.requests.numbered import there_is_none
from services.requests.onward import Action, OnwardPermission, State
from services.requests.onward_acts import Asked
from services.requests.onward_guards import asking_faults
from services.requests.onward_life import CLOCK, ONWARD_PERMISSION
from services.requests.telling import Step, Told, step_of
from services.shared import running
from services.shared.callers import SYSTEM, Caller
from services.shared.errors import refuse_if
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.objection_bodies import TYPES
from services.shared.organisations import OFFICE, SECRECY_BUREAU
from services.shared.working_days import day_in_beijing

ASKED, OVERDUE = "onward_permission.asked", "onward_permission.overdue"
ONE_WORD = "onward_permission.word_given"


def ask_step(said: Asked, case: Case, *, caller: Caller, at: datetime, key: str | None = None) -> Step:
    """Return a new permission asked for in the case of an agreement; `key` is the Idempotency-Key it is asked under.

    Raises Forbidden for who does not receive under it, Invalid with everything wrong at once.
    """
    agreement = own_agreement(case, caller, "ask for an onward permission")
    faults = asking_faults(said, agreement, day_in_beijing(at))
    refuse_if(faults, "cannot ask for this onward permission: not valid")
    seq = {"version": agreement.case_seq + 1, "case_seq": agreement.case_seq + 1}
    asked = OnwardPermission(
        **said.model_dump(exclude={"agreement"}),
        **agreement.model_dump(include={"id", "requester", "provider", "resource", "resource_title"}),
        state=State.ASKED,
        number=next_number(case, OnwardPermission),
        confidential=agreement.confidentiality_filing is not None,
        clock=running.start(CLOCK, at),
        key=key,
        asked_at=at,
        changed_at=at,
        **seq,
    )
    return _told(None, asked, Act(Action.ASK, said, caller, at), ASKED)


def take(case: Case, name: str, act: Act) -> Step:
    """Return what an act on the permission of this name leaves behind.

    Raises NotFound without such a permission, and what the table raises.
    """
    permission = case.named(name, OnwardPermission)
    if permission is None:
        raise there_is_none(OnwardPermission.kind)
    moved = ONWARD_PERMISSION.advance(permission, replace(act, given=case.named("agreement", Agreement)))
    event = moved.move.event if moved.complete else ONE_WORD
    return _told(permission, moved.record, moved.act, event)


def next_of_the_permissions(case: Case, at: datetime) -> Step | None:
    """Return the mark of a permission whose answer is overdue at an aware moment, or None."""
    late = (name for name, each in case.all_of(OnwardPermission) if each.wakes_at and at > each.wakes_at)
    name = next(late, None)
    return take(case, name, Act(Action.MARK_OVERDUE, None, SYSTEM, at)) if name else None


def _told(before: OnwardPermission | None, moved: OnwardPermission, act: Act, event: str) -> Step:
    ended = moved.state in ONWARD_PERMISSION.terminal
    after = moved.model_copy(update={"clock": None}) if ended else moved
    called_upon = (SECRECY_BUREAU,) if after.confidential else ()
    late = (OFFICE,) if event == OVERDUE else ()
    told = Told(event, _body_of(after, event, act), (after.requester, after.provider, *called_upon, *late))
    return step_of(after.id, {after.name: (before, after)}, act, told, words=written(act.body))


def _body_of(permission: OnwardPermission, event: str, act: Act) -> Model:
    body, _ = TYPES[event]
    facts = _facts(permission, event, act)
    return body(**{name: facts[name] for name in body.model_fields})


def _facts(permission: OnwardPermission, event: str, act: Act) -> Mapping[str, Any]:
    """Return all that an event of a permission may say; each takes what its body has. A name is never of it."""
    clock = permission.clock
    extent = permission.limits or (permission.words[-1] if event == ONE_WORD else permission)
    return {
        **permission.model_dump(include={"state", "number", "requester", "provider", "resource", "confidential"}),
        "organisation": permission.to.organisation,
        "items": extent.items,
        "until": extent.until,
        "purpose": permission.purpose.code,
        "by": act.party,
        "clock": clock.clock if clock else None,
        "due_at": clock.due.due_at if clock and clock.due else None,
    }
