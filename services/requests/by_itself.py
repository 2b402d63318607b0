"""What happens in a case without anybody's word: when a receipt has come, when a day has passed. Pure.

Nothing here approves or refuses (I6): what was decided goes on, what is late is marked, what was agreed to end ends.
"""

from collections.abc import Callable
from datetime import datetime

from services.requests.agreement_steps import next_of_the_agreement
from services.requests.case import Case
from services.requests.feedback_steps import next_of_the_feedback
from services.requests.guards import Given
from services.requests.objection_steps import next_of_the_objections
from services.requests.onward_steps import next_of_the_permissions
from services.requests.report_steps import next_of_the_reports
from services.requests.steps import next_of_the_request
from services.requests.telling import Step

Ready = Callable[[Case, datetime], Step | None]


def next_step(case: Case, at: datetime) -> Step | None:
    """Return the step that a case is ready for at an aware moment, or None; asked again after each step."""
    return next((step for ready in READY if (step := ready(case, at))), None)


def _of_the_request(case: Case, at: datetime) -> Step | None:
    return next_of_the_request(case.request, Given(receipts=case.seen), at)


# An agreement's own step comes before its reports': what is over ends before its last period opens.
READY: tuple[Ready, ...] = (
    _of_the_request,
    next_of_the_agreement,
    next_of_the_reports,
    next_of_the_feedback,
    next_of_the_objections,
    next_of_the_permissions,
)
