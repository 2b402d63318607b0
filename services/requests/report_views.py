"""What a caller sees after the handover: report periods and effect feedback, and what this caller may do now. Pure."""

from collections.abc import Iterable
from datetime import date

from pydantic import AwareDatetime

from services.requests.case import Case
from services.requests.feedback import Contest, Effects, Feedback, FeedbackState, Occasion, Response
from services.requests.feedback_life import FEEDBACK
from services.requests.period import Period, PeriodState
from services.requests.period_life import PERIOD
from services.requests.period_parts import Difference, Explanation, Facts, Finding, Inspection, Provision, Usage
from services.requests.terms import Terms
from services.requests.views import FiledTerms, due_of, filings_of, waiting_for
from services.shared.callers import Caller
from services.shared.clock_views import ClockView, explained
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.views import Waiting


class PeriodLine(Model):
    """A report period in a list; `filed` are the sides whose report is in."""

    agreement: str
    period: str
    number: int
    state: PeriodState
    version: int
    first: date
    last: date
    filed: tuple[Party, ...]
    round: int
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    overdue_since: AwareDatetime | None
    actions: tuple[str, ...]
    changed_at: AwareDatetime


class PeriodView(PeriodLine):
    """A report period as the API shows it; a difference's pointers are into this.

    Until both reports are in, each side sees its own alone. `facts` are what the exchange saw, null if nothing.
    """

    requester: str
    provider: str
    resource: str
    resource_title: str
    terms: Terms
    terms_hash: str
    provision: Provision | None
    usage: Usage | None
    facts: Facts | None
    differences: tuple[Difference, ...]
    explanations: tuple[Explanation, ...]
    inspection: Inspection | None
    finding: Finding | None
    chased_at: AwareDatetime | None
    filing: tuple[FiledTerms, ...]
    clock: ClockView | None


class PeriodPage(Model):
    """An agreement's report periods, the first first; there are few, so that all are on one page."""

    items: tuple[PeriodLine, ...]
    next: None = None


class FeedbackView(Model):
    """An effect feedback as the API shows it; `effects` is null until it is sent."""

    agreement: str
    feedback: int
    occasion: Occasion
    state: FeedbackState
    version: int
    requester: str
    provider: str
    resource: str
    resource_title: str
    effects: Effects | None
    sent_at: AwareDatetime | None
    contests: tuple[Contest, ...]
    responses: tuple[Response, ...]
    comment: str | None
    reason: str | None
    filing: tuple[FiledTerms, ...]
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    overdue_since: AwareDatetime | None
    clock: ClockView | None
    actions: tuple[str, ...]
    changed_at: AwareDatetime


class FeedbackPage(Model):
    """An agreement's effect feedback, the first first; there is little, so that all is on one page."""

    items: tuple[FeedbackView, ...]
    next: None = None


def period_line(period: Period, caller: Caller) -> PeriodLine:
    """Return a period as a line of this caller's list."""
    same = period.model_dump(include=PeriodLine.model_fields.keys() & Period.model_fields.keys())
    return PeriodLine(
        **same,
        agreement=period.id,
        filed=tuple(party for party in period.sides if party not in period.unfiled),
        awaiting=waiting_for(period, PERIOD),
        due_at=due_of(period),
        overdue_since=period.clock.overdue_since if period.clock else None,
        actions=PERIOD.actions_for(period, caller),
    )


def period_view(period: Period, case: Case, caller: Caller) -> PeriodView:
    """Return a period as this caller sees it."""
    same = period.model_dump(include=PeriodView.model_fields.keys() & Period.model_fields.keys())
    hidden = dict.fromkeys(_hidden_from(period, caller))
    more = {
        "facts": case.facts.get(period.name),
        "filing": tuple(filings_of(period, case.receipts)),
        "clock": explained(period.clock) if period.clock else None,
    }
    return PeriodView.model_validate(same | period_line(period, caller).model_dump() | more | hidden)


def feedback_view(feedback: Feedback, case: Case, caller: Caller) -> FeedbackView:
    """Return a feedback as this caller sees it."""
    same = feedback.model_dump(include=FeedbackView.model_fields.keys() & Feedback.model_fields.keys())
    return FeedbackView.model_validate(
        same
        | {
            "agreement": feedback.id,
            "feedback": feedback.number,
            "filing": tuple(filings_of(feedback, case.receipts)),
            "awaiting": waiting_for(feedback, FEEDBACK),
            "due_at": due_of(feedback),
            "overdue_since": feedback.clock.overdue_since if feedback.clock else None,
            "clock": explained(feedback.clock) if feedback.clock else None,
            "actions": FEEDBACK.actions_for(feedback, caller),
        }
    )


def _hidden_from(period: Period, caller: Caller) -> Iterable[str]:
    """Return which reports this caller does not see: of two that are compared, none is written after the other."""
    others = {"provision": period.requester, "usage": period.provider}
    return (name for name, code in others.items() if period.unfiled and code == caller.organisation)
