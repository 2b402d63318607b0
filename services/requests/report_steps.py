"""From an act on a report period to everything it leaves behind, and what happens to periods by itself.

The period's table decides; this file only says what is written down. Pure but for fresh ids and keys.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from services.requests.case import Case
from services.requests.onward import OnwardPermission
from services.requests.period import Period, PeriodAction, PeriodState, name_of
from services.requests.period_life import BY_ITSELF, CLOCKS, F_PROVISION, F_USAGE, PERIOD, TABLE
from services.requests.report_acts import BODIES, Chase, Explain, OfPeriod
from services.requests.report_events import report_hash, told_of_period
from services.requests.report_guards import ReportGiven
from services.requests.report_opening import next_opened
from services.requests.state_clocks import clocked
from services.requests.telling import Step, filed, fresh_event_id, step_of
from services.shared.callers import SYSTEM
from services.shared.errors import Invalid, Problem
from services.shared.events import Filing
from services.shared.lifecycle import Act, Moved, Party
from services.shared.model import Model
from services.shared.working_days import day_in_beijing

__all__ = ["BODIES", "next_of_the_reports", "period_in", "take"]

FILINGS = {Party.PROVIDER: F_PROVISION, Party.REQUESTER: F_USAGE}


def take(case: Case, act: Act) -> Step:
    """Return what `act` leaves behind in the period that its body names.

    Raises Invalid when the case has no such period, and what PERIOD.advance raises.
    """
    body: OfPeriod = act.body
    return _moved(case, period_in(case, body.period), act)


def period_in(case: Case, period: str) -> Period:
    """Return a period of a case by what it is called. Raises Invalid when it is not there, or not over yet."""
    found = case.named(name_of(period), Period)
    if found is None:
        detail = f"没有此报告期，或尚未结束 / there is no report period {period}, or it is not over yet"
        raise Invalid("no such report period", [Problem(pointer="/period", detail=detail)])
    return found


def next_of_the_reports(case: Case, at: datetime) -> Step | None:
    """Return the step that the reports are ready for without anybody's word, or None."""
    opened = next_opened(case, at)
    return opened or next((step for _, period in case.all_of(Period) for step in _ready(case, period, at)), None)


def _ready(case: Case, period: Period, at: datetime) -> Iterator[Step]:
    for action in BY_ITSELF:
        if (period.state, action) in TABLE:
            try:
                yield _moved(case, period, Act(action, None, SYSTEM, at))
            except Invalid:
                continue


def _moved(case: Case, period: Period, act: Act) -> Step:
    moved, event_id = PERIOD.advance(period, replace(act, given=_given(case, period))), fresh_event_id()
    filing, named = _filing(moved)
    after = filed(moved.record, filing, event_id=event_id, named=named, act=act)
    told = [told_of_period(after, moved.move.event, filing=filing, event_id=event_id)]
    if closed := _closed(after, act.at):
        # The second event of the same step: the record is counted from the first.
        after = closed.model_copy(update={"case_seq": after.case_seq})
        told.append(told_of_period(after, "report.both_filed"))
    after = clocked(period, after, act.at, CLOCKS)
    return step_of(after.id, {after.name: (period, after)}, act, *told, words=_written(act.body))


def _closed(period: Period, at: datetime) -> Period | None:
    """Return a period that both have filed in as it goes on to be compared; None while one is missing."""
    if period.state is not PeriodState.OPEN or period.unfiled:
        return None
    return PERIOD.advance(period, Act(PeriodAction.RECONCILE, None, SYSTEM, at)).record


def _filing(moved: Moved[Period]) -> tuple[Filing | None, str]:
    """Return the filing that an act makes, and the hash of the report that it files.

    A report that is corrected is filed anew, and the last one stands.
    """
    body, party = moved.act.body, moved.act.party
    corrected = isinstance(body, Explain) and (body.provision or body.usage)
    if party is None or not (moved.filing or corrected):
        return None, ""
    return FILINGS[party], report_hash(moved.record, party)


def _given(case: Case, period: Period) -> ReportGiven:
    allowed = any(_allowed(each, period) for _, each in case.all_of(OnwardPermission))
    return ReportGiven(facts=case.facts.get(period.name), onward_allowed=allowed)


def _allowed(permission: OnwardPermission, period: Period) -> bool:
    """Return whether a permission was good on any day of a period."""
    limits = permission.limits
    if limits is None:
        return False
    since = day_in_beijing(max(word.at for word in permission.words))
    return since <= period.last and period.first <= limits.until


def _written(body: Model | None) -> Model | None:
    """Return what people wrote with an act, if they wrote anything."""
    silent = isinstance(body, Chase) and body.comment is None
    return None if silent else body
