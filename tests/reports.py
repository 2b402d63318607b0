"""Makers for tests of what follows the handover: an agreement's case in memory, both reports, and who acts on them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.requests import feedback_steps, report_steps
from services.requests.agreement import Agreement, AgreementState, agreement_of
from services.requests.agreement_parts import AgreementEnd, EndKind
from services.requests.api import handler
from services.requests.case import Case
from services.requests.case_record import Filed
from services.requests.case_work import go_on
from services.requests.entry import Sensitivity, published_entry
from services.requests.feedback import Feedback, FeedbackAction
from services.requests.period import Period, PeriodAction, name_of
from services.requests.period_parts import Facts
from services.requests.request import Request, State
from services.requests.request_parts import Offer
from services.requests.store import request_store
from services.requests.telling import Step
from services.requests.terms import Terms, terms_hash
from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.canonical import new_id, now
from services.shared.events import Event, FilingKind, Origin, event_of
from services.shared.lifecycle import Act, Party
from services.shared.organisations import LEADING_GROUP, OFFICE, SECRECY_BUREAU, SUPERVISION_BUREAU
from services.shared.report_bodies import DeliveryAccepted
from services.shared.working_days import start_of
from tests.sharing import ITEMS, PROVIDER, REQUESTER, STRANGER, a_request, published, terms
from tests.support import Reply, call, token

CASE = "0195d7a0-0000-7000-8000-000000000007"
ACTIVE_FROM = datetime(2027, 1, 10, 4, 0, tzinfo=UTC)  # a Sunday
QUARTER_OVER = start_of(date(2027, 4, 1))
MAY = datetime(2027, 5, 10, 4, 0, tzinfo=UTC)  # long past any day on which the first report was due
PROVISION: dict[str, Any] = {
    "deliveries": 3,
    "rows": 300,
    "items": list(ITEMS),
    "first_on": "2027-01-20",
    "last_on": "2027-03-20",
}
USAGE: dict[str, Any] = {
    "deliveries": 3,
    "rows": 300,
    "uses": 40,
    "purposes": ["city_operation"],
    "recipients": ["停车管理处"],
    "shared_onward": False,
    "custody_confirmed": True,
}
NOTHING_PROVIDED: dict[str, Any] = {"deliveries": 0, "rows": 0}
NOTHING_USED = NOTHING_PROVIDED | {"uses": 0, "shared_onward": False, "custody_confirmed": True}
EFFECTS: dict[str, Any] = {
    "decision": {"rating": 4, "words": "停车价格调整有了依据"},
    "efficiency": {"words": "不再逐家电话核实"},
    "evidence": "《路侧停车运行月报》2027年第1至3期",
    "figures": {"saved_hours": 120},
}


def a_caller(organisation: str, *claims: Claim) -> Caller:
    """Return somebody of an organisation, an officer unless `claims` say otherwise."""
    return Caller(organisation=organisation, officer=f"o-{organisation}", claims=frozenset(claims or (Claim.OFFICER,)))


WHO: dict[str, Caller] = {
    "requester": a_caller(REQUESTER),
    "provider": a_caller(PROVIDER),
    "office": a_caller(OFFICE),
    "supervision": a_caller(SUPERVISION_BUREAU),
    "secrecy": a_caller(SECRECY_BUREAU),
    "leading_group": a_caller(LEADING_GROUP),
    "stranger": a_caller(STRANGER),
    "requester_approver": a_caller(REQUESTER, Claim.APPROVER),
    "provider_approver": a_caller(PROVIDER, Claim.APPROVER),
    "anonymous": ANONYMOUS,
}


def agreed_terms(*, frequency: str = "irregular", until: str = "2028-12-31") -> Terms:
    """Return terms on which something is shared from the first day of 2027."""
    said = terms(until=until)
    return Terms.model_validate(said | {"method": said["method"] | {"frequency": frequency}})


def an_agreement(agreed: Terms | None = None, *, at: datetime = ACTIVE_FROM) -> tuple[Request, Agreement]:
    """Return a request that was concluded at a moment, and the agreement that it became."""
    agreed = agreed or agreed_terms()
    offer = Offer(number=1, by=Party.REQUESTER, terms=agreed, terms_hash=terms_hash(agreed), officer="o-1", at=at)
    filings = tuple(
        Filed(kind=kind, authority=OFFICE, event_id=f"e-{kind}", terms_hash=offer.terms_hash, at=at)
        for kind in (FilingKind.REQUEST, FilingKind.RESULT)
    )
    request = Request(
        id=CASE,
        state=State.CONCLUDED,
        requester=REQUESTER,
        entry=published_entry(published("0195d7a0-0000-7000-8000-000000000001")),
        duty="parking_management",
        offers=(offer,),
        classification=dict.fromkeys(ITEMS, Sensitivity.NONE),
        filings=filings,
        submitted_at=at,
        created_at=at,
        changed_at=at,
        version=9,
        case_seq=9,
    )
    return request, agreement_of(request)


def ended(agreement: Agreement, at: datetime, kind: EndKind = EndKind.TERMINATED) -> Agreement:
    """Return an agreement as it is once it is over."""
    end = AgreementEnd(kind=kind, by=Party.SYSTEM, at=at, officer="system")
    return agreement.model_copy(update={"state": AgreementState.ENDED, "end": end})


class Handover:
    """A case after its handover, in memory: acts are taken one after another, and what they leave is kept."""

    def __init__(self, agreed: Terms | None = None, facts: Mapping[str, Facts] | None = None) -> None:
        request, agreement = an_agreement(agreed)
        self.case = Case({"request": request, "agreement": agreement}, {}, facts or {})
        self.events: list[Event] = []
        self.steps: list[Step] = []

    @property
    def agreement(self) -> Agreement:
        """The agreement as it stands."""
        found = self.case.named("agreement", Agreement)
        assert found is not None
        return found

    def period(self, period: str = "2027Q1") -> Period:
        """Return a report period."""
        found = self.case.named(name_of(period), Period)
        assert found is not None, sorted(self.case.records)
        return found

    def feedback(self, number: int = 1) -> Feedback:
        """Return an effect feedback."""
        found = self.case.named(f"feedback-{number}", Feedback)
        assert found is not None, sorted(self.case.records)
        return found

    def report(self, who: str, action: str, at: datetime = QUARTER_OVER, **said: Any) -> Step:
        """Let somebody act on a report period, the first unless another is named."""
        known = PeriodAction(action)
        body = report_steps.BODIES[known].model_validate({"period": "2027Q1"} | said)
        return self._keep(report_steps.take(self.case, Act(known, body, WHO[who], at)))

    def feed(self, who: str, action: str, at: datetime = QUARTER_OVER, **said: Any) -> Step:
        """Let somebody act on an effect feedback."""
        known = FeedbackAction(action)
        body = feedback_steps.BODIES[known].model_validate(said)
        return self._keep(feedback_steps.take(self.case, Act(known, body, WHO[who], at)))

    def go_on(self, at: datetime) -> list[str]:
        """Let happen what happens by itself up to a moment; return the types of the events that tell of it."""
        before = len(self.events)
        while step := self._ready(at):
            self._keep(step)
        return [event.type for event in self.events[before:]]

    def end(self, at: datetime) -> None:
        """Let the agreement be over since a moment."""
        self.case = self.case.after({"agreement": ended(self.agreement, at)})

    def _ready(self, at: datetime) -> Step | None:
        return report_steps.next_of_the_reports(self.case, at) or feedback_steps.next_of_the_feedback(self.case, at)

    def _keep(self, step: Step) -> Step:
        self.case = self.case.after(step.records)
        self.events += step.events
        self.steps.append(step)
        return step


def opened(agreed: Terms | None = None, facts: Mapping[str, Facts] | None = None) -> Handover:
    """Return a case as its first report period has just opened."""
    handover = Handover(agreed, facts)
    assert handover.go_on(QUARTER_OVER) == ["report.opened"]
    return handover


def both_filed(provision: Mapping[str, Any] = PROVISION, usage: Mapping[str, Any] = USAGE, **changes: Any) -> Handover:
    """Return a case in which both sides have filed for the first period; nothing is compared yet."""
    handover = opened(**changes)
    handover.report("provider", "file_provision", **provision)
    handover.report("requester", "file_usage", **usage)
    return handover


def discrepant() -> Handover:
    """Return a case in which the two reports were found to differ: the requester received fewer rows."""
    handover = both_filed(usage=USAGE | {"rows": 299})
    assert handover.go_on(QUARTER_OVER) == ["report.discrepant"]
    return handover


def after_due_day(handover: Handover) -> datetime:
    """Return a moment after the day on which the first period's reports are due."""
    clock = handover.period().clock
    assert clock is not None
    assert clock.due is not None
    return clock.due.due_at + timedelta(seconds=1)


def an_agreement_in_force() -> str:
    """Play a case over HTTP until its agreement is in force; return its id."""
    request_id, _, _ = a_request("CONCLUDED")
    return request_id


def end_of_quarter(case: str) -> datetime:
    """Return the moment at which the first report period of an agreement in force is over."""
    agreement = request_store().get(case).named("agreement", Agreement)
    assert agreement is not None
    window = agreement.report_window
    assert window is not None
    return window.opens_at


def open_period(case: str) -> str:
    """Let the first quarter of an agreement in force pass; return what its report period is called."""
    go_on(case, end_of_quarter(case))
    return next(period.period for _, period in request_store().get(case).all_of(Period))


def act(case: str, who: str, action: str, said: Mapping[str, Any], at: datetime | None = None) -> Step:
    """Let somebody act in a case that is stored, as the agreement's routes do: load, decide, save."""
    loaded, moment = request_store().get(case), at or now()
    reports = {each.value: each for each in report_steps.BODIES}
    if action in reports:
        body = report_steps.BODIES[reports[action]].model_validate(said)
        step = report_steps.take(loaded, Act(reports[action], body, WHO[who], moment))
    else:
        known = FeedbackAction(action)
        body_of_feedback = feedback_steps.BODIES[known].model_validate(said)
        step = feedback_steps.take(loaded, Act(known, body_of_feedback, WHO[who], moment))
    request_store().save(step)
    return step


def delivered(case: str, day: date, *, delivery: str | None = None, rows: int = 100) -> Event:
    """Return the exchange's word that a delivery under an agreement was accepted."""
    body = DeliveryAccepted(
        agreement=case, delivery=delivery or new_id(), delivered_on=day, items=ITEMS, rows=rows, digest="00" * 32
    )
    return event_of("delivery.accepted", body, Origin(body.delivery, 4, REQUESTER, "o-1", now()))


def reading(who: str, path: str) -> Reply:
    """Read at an address as somebody's officer."""
    return call(handler, "GET", path, token=token(WHO[who].organisation))
