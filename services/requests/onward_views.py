"""What a caller sees of an onward permission: what was asked and said, the limits, and how it goes on. Pure."""

from datetime import date

from pydantic import AwareDatetime

from services.requests.onward import Denial, Limits, OnwardPermission, State, ThirdParty, Word
from services.requests.onward_life import ONWARD_PERMISSION
from services.requests.terms import Purpose
from services.requests.views import due_of, waiting_for
from services.shared.callers import Caller
from services.shared.clock_views import ClockView, explained
from services.shared.model import Model
from services.shared.organisations import name_at, organisations
from services.shared.views import Waiting
from services.shared.working_days import day_in_beijing

HERE = "/onward-permissions"


class NextStep(Model):
    """What is to be done with a permission, in both languages."""

    zh: str
    en: str


class OnwardLine(Model):
    """An onward permission in a list; `agreement` is the id of its case."""

    id: str
    agreement: str
    number: int
    version: int
    state: State
    requester: str
    provider: str
    resource: str
    resource_title: str
    to: ThirdParty
    items: tuple[str, ...]
    until: date
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    overdue_since: AwareDatetime | None
    actions: tuple[str, ...]
    asked_at: AwareDatetime
    changed_at: AwareDatetime


class OnwardView(OnwardLine):
    """An onward permission as the API shows it: what was asked for, each word, and the limits once it is allowed.

    `next` says how it goes on; a permission is no agreement, and opens no access. `comment` is why it was withdrawn.
    """

    purpose: Purpose
    explanation: str | None
    reason: str
    confidential: bool
    words: tuple[Word, ...]
    limits: Limits | None
    denial: Denial | None
    comment: str | None
    next: NextStep | None
    clock: ClockView | None
    filing: None = None


class OnwardPage(Model):
    """A page of onward permissions; `next` is null at the list's end."""

    items: tuple[OnwardLine, ...]
    next: str | None


def view_of(permission: OnwardPermission, caller: Caller) -> OnwardView:
    """Return a permission as this caller sees it."""
    line = line_of(permission, caller).model_dump()
    more = OnwardView.model_fields.keys() - OnwardLine.model_fields.keys() - {"clock"}
    return OnwardView(
        **line | permission.model_dump(include=more & OnwardPermission.model_fields.keys()),
        limits=permission.limits,
        next=next_step_of(permission),
        clock=explained(permission.clock) if permission.clock else None,
    )


def line_of(permission: OnwardPermission, caller: Caller) -> OnwardLine:
    """Return a permission as a line of this caller's list."""
    own = {"id", "agreement", "awaiting", "due_at", "overdue_since", "actions"}
    return OnwardLine(
        **permission.model_dump(include=OnwardLine.model_fields.keys() - own),
        id=permission.public_id,
        agreement=permission.id,
        awaiting=waiting_for(permission, ONWARD_PERMISSION),
        due_at=due_of(permission),
        overdue_since=permission.clock.overdue_since if permission.clock else None,
        actions=ONWARD_PERMISSION.actions_for(permission, caller),
    )


def next_step_of(permission: OnwardPermission) -> NextStep | None:
    """Return what an allowed permission leads to: an agreement of its own for the third party; None before that."""
    limits = permission.limits
    if limits is None:
        return None
    entry = f"《{permission.resource_title}》({permission.resource})"
    items, until = "、".join(limits.items), limits.until
    zh, en = _third_party(permission)
    if permission.to.organisation is None:
        return NextStep(
            zh=f"{zh}不是本市单位:由提供单位就{entry}中的{items}与其另订协议,不晚于{until};订立前不得提供",
            en=f"{en} is no organisation of the city: the provider makes an agreement of its own with it on {items} of "
            f"{entry}, until {until} at the latest; nothing is given before that",
        )
    return NextStep(
        zh=f"{zh}就{entry}中的{items}起草共享申请,另订协议,不晚于{until};协议生效前不得提供",
        en=f"{en} drafts a sharing request for {items} of {entry}, for an agreement of its own until {until} at the "
        "latest; nothing is given before that is in force",
    )


def _third_party(permission: OnwardPermission) -> tuple[str, str]:
    code, name = permission.to.organisation, permission.to.name or ""
    if code is None or code not in organisations():
        return code or name, code or name
    found = name_at(organisations()[code], day_in_beijing(permission.changed_at))
    return f"{found.zh}({code})", f"{found.en} ({code})"
