"""What follows the handover, to be read: report periods (S-089, S-090) and effect feedback (S-091). Routes only.

What is done about them goes to the agreement's own address, as each of its actions does.
"""

from aws_lambda_powertools.event_handler import Response

from services.requests import report_views as views
from services.requests.agreement import Agreement
from services.requests.case import Case
from services.requests.case_record import parties_of
from services.requests.feedback import Feedback
from services.requests.period import Period
from services.requests.period import name_of as period_name
from services.requests.period_life import FOLLOW
from services.requests.store import request_store
from services.shared import http
from services.shared.errors import NotFound

router = http.make_router()


@router.get("/agreements/<agreement_id>/periods")
def list_periods(agreement_id: str) -> Response[views.PeriodPage]:
    """List an agreement's report periods, the first first: whom each waits for, and until when."""
    caller, case = http.officer_of(router), _visible(agreement_id)
    periods = sorted((period for _, period in case.all_of(Period)), key=lambda period: period.number)
    return http.answer(views.PeriodPage(items=tuple(views.period_line(period, caller) for period in periods)))


@router.get("/agreements/<agreement_id>/periods/<period>")
def read_period(agreement_id: str, period: str) -> Response[views.PeriodView]:
    """Read a report period: both reports once both are in, what differs, and what was said and found."""
    case = _visible(agreement_id)
    found = case.named(period_name(period), Period)
    if found is None:
        raise NotFound("there is no such report period")
    return http.answer(views.period_view(found, case, http.officer_of(router)), version=found.version)


@router.get("/agreements/<agreement_id>/feedback")
def list_feedback(agreement_id: str) -> Response[views.FeedbackPage]:
    """List what was fed back of an agreement's effect, and what is due, the first first."""
    caller, case = http.officer_of(router), _visible(agreement_id)
    found = sorted((feedback for _, feedback in case.all_of(Feedback)), key=lambda feedback: feedback.number)
    return http.answer(views.FeedbackPage(items=tuple(views.feedback_view(each, case, caller) for each in found)))


@router.get("/agreements/<agreement_id>/feedback/<number>")
def read_feedback(agreement_id: str, number: str) -> Response[views.FeedbackView]:
    """Read one effect feedback."""
    case = _visible(agreement_id)
    found = case.named(f"feedback-{number}", Feedback)
    if found is None:
        raise NotFound("there is no such feedback")
    return http.answer(views.feedback_view(found, case, http.officer_of(router)), version=found.version)


def _visible(agreement_id: str) -> Case:
    """Return the case of an agreement for both sides, the office and supervision; to others it is not there."""
    caller = http.officer_of(router)
    try:
        case = request_store().get(agreement_id)
    except NotFound as error:
        raise _none() from error
    agreement = case.named("agreement", Agreement)
    if agreement is None or not parties_of(agreement, caller) & FOLLOW:
        raise _none()
    return case


def _none() -> NotFound:
    return NotFound("there is no such agreement")
