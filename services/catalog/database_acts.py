"""What each act on a database takes: its own actions, those of its lifecycle cases, and of a coordination."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.catalog.database import Kind, Status
from services.catalog.database_description import DraftStatement
from services.catalog.reviewing import Declined, Gaps, Noted, Nothing, Reasoned
from services.shared.model import Model
from services.shared.texts import Code, Line, Text

MAX_INCIDENTS = 1000  # a database's item keeps twelve reports beside all the rest, and holds 400 KB


class Action(StrEnum):
    """What can be done with a database itself; the last five happen with the end of a lifecycle case."""

    ABANDON = "abandon"
    GO_LIVE = "go_live"
    REPORT = "report"
    SUSPEND = "suspend"
    RESUME = "resume"
    TRANSFER_ARCHIVE = "transfer_archive"
    APPROVE_TO_BUILD = "approve_to_build"
    END_PLAN = "end_plan"
    REGISTER = "register"
    CHANGE = "change"
    DEREGISTER = "deregister"


class CaseAction(StrEnum):
    """What can be done with a lifecycle case; `revise` has its own address, the last three happen by themselves."""

    REVISE = "revise"
    FILE = "file"
    START_REVIEW = "start_review"
    RETURN = "return"
    SUPPLEMENT = "supplement"
    APPROVE = "approve"
    DECLINE = "decline"
    CONTEST = "contest"
    ACCEPT = "accept"
    REUSE = "reuse"
    WITHDRAW = "withdraw"
    RECONSIDER = "reconsider"
    REJECT = "reject"
    DROP = "drop"


SYSTEM_ACTIONS = frozenset(
    {Action.APPROVE_TO_BUILD, Action.END_PLAN, Action.REGISTER, Action.CHANGE, Action.DEREGISTER}
)
SYSTEM_CASE_ACTIONS = frozenset({CaseAction.RECONSIDER, CaseAction.REJECT, CaseAction.DROP})


class Reuse(Model):
    """Use what is there instead of building: an entry, for an own duty; without items, all that the plan names."""

    resource: Code
    duty: Code
    purpose: Code
    items: Annotated[tuple[Line, ...], Field(max_length=200)] = ()


class Report(Model):
    """An operation report; `availability` in thousandths of the period (S-064)."""

    period_from: date
    period_until: date
    status: Status
    record_count: Annotated[int, Field(ge=0, le=10**15)]
    updated_at: AwareDatetime
    availability: Annotated[int, Field(ge=0, le=1000)]
    incidents: Annotated[Text, Field(max_length=MAX_INCIDENTS)] | None = None


class Takeover(Model):
    """What the archives took over: the package's reference and digest, and the number of the receipt."""

    package: Line
    package_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    receipt_number: Line


class Revision(DraftStatement):
    """What a draft or returned case says instead; `kind` may be left out while only one case can be revised."""

    kind: Kind | None = None


class CoordinationAct(Model):
    """Which case's coordination an act is in; needed where two cases are contested."""

    kind: Kind | None = None


BODIES: dict[Action, type[Model]] = {
    Action.ABANDON: Reasoned,
    Action.GO_LIVE: Nothing,
    Action.REPORT: Report,
    Action.SUSPEND: Reasoned,
    Action.RESUME: Noted,
    Action.TRANSFER_ARCHIVE: Takeover,
}
CASE_BODIES: dict[CaseAction, type[Model]] = {
    CaseAction.FILE: Nothing,
    CaseAction.START_REVIEW: Nothing,
    CaseAction.RETURN: Gaps,
    CaseAction.SUPPLEMENT: Noted,
    CaseAction.APPROVE: Noted,
    CaseAction.DECLINE: Declined,
    CaseAction.CONTEST: Reasoned,
    CaseAction.ACCEPT: Nothing,
    CaseAction.REUSE: Reuse,
    CaseAction.WITHDRAW: Noted,
}
