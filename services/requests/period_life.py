"""The life of a report period (D) as a table: who files, who explains, what happens by itself (S-089, S-090).

A filing is never refused; what is late is marked and chased, and decides nothing.
"""

from collections.abc import Mapping
from enum import StrEnum

from services.requests import report_effects as effects
from services.requests import report_guards as guards
from services.requests.case_record import parties_of
from services.requests.lateness import day_has_passed, marked_overdue
from services.requests.period import Period, PeriodAction, PeriodState
from services.shared.callers import Caller
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Machine, Move, Party
from services.shared.organisations import OFFICE

REQ, PRO = frozenset({Party.REQUESTER}), frozenset({Party.PROVIDER})
MIO, SUP, SYS = frozenset({Party.OFFICE}), frozenset({Party.SUPERVISION}), frozenset({Party.SYSTEM})
FOLLOW = REQ | PRO | MIO | SUP  # who sees a report period

F_PROVISION = Filing(kind=FilingKind.PROVISION, authority=OFFICE)
F_USAGE = Filing(kind=FilingKind.USAGE, authority=OFFICE)

S, A = PeriodState, PeriodAction
Row = Move[Period]
TERMINAL = frozenset({S.RECONCILED})
CLOCKS: Mapping[StrEnum, str] = {
    S.OPEN: "usage_filing",
    S.RECONCILING: "reconciliation",
    S.DISCREPANT: "discrepancy",
    S.UNDER_INSPECTION: "inspection",
}

_MARK_OVERDUE = Row(SYS, None, "report.overdue", guards=(day_has_passed,), effect=marked_overdue, awaited=False)

TABLE: dict[tuple[PeriodState, PeriodAction], Row] = {
    (S.OPEN, A.FILE_PROVISION): Row(
        PRO,
        None,
        "report.provision_filed",
        guards=(guards.provision_is_whole,),
        effect=effects.file_provision,
        filing=F_PROVISION,
        each_once=True,
    ),
    (S.OPEN, A.FILE_USAGE): Row(
        REQ,
        None,
        "report.usage_filed",
        guards=(guards.usage_is_whole,),
        effect=effects.file_usage,
        filing=F_USAGE,
        each_once=True,
    ),
    (S.OPEN, A.CHASE): Row(
        MIO, None, "report.chased", guards=(guards.somebody_is_late,), effect=effects.chase, awaited=False
    ),
    # Taken with the second of the two filings, in one step.
    (S.OPEN, A.RECONCILE): Row(SYS, S.RECONCILING, "report.both_filed", guards=(guards.both_are_in,), awaited=False),
    (S.RECONCILING, A.MATCH): Row(
        SYS, S.RECONCILED, "report.reconciled", guards=(guards.all_agrees,), effect=effects.find_nothing
    ),
    (S.RECONCILING, A.MISMATCH): Row(
        SYS, S.DISCREPANT, "report.discrepant", guards=(guards.something_differs,), effect=effects.find
    ),
    (S.DISCREPANT, A.EXPLAIN): Row(
        REQ | PRO,
        S.RECONCILING,
        "report.explained",
        guards=(guards.corrects_its_own_report,),
        effect=effects.explain,
        each_once=True,
    ),
    (S.DISCREPANT, A.INSPECT): Row(
        SUP | MIO, S.UNDER_INSPECTION, "report.inspected", effect=effects.inspect, awaited=False
    ),
    (S.UNDER_INSPECTION, A.CONCLUDE): Row(SUP, S.RECONCILED, "report.concluded", effect=effects.conclude),
    **{(state, A.MARK_OVERDUE): _MARK_OVERDUE for state in PeriodState if state not in TERMINAL},
}
SYSTEM_ACTIONS = (A.RECONCILE, A.MATCH, A.MISMATCH, A.MARK_OVERDUE)
BY_ITSELF = (A.MATCH, A.MISMATCH, A.MARK_OVERDUE)  # what the system tries, in this order


def relations(period: Period, caller: Caller) -> frozenset[Party]:
    """Return what a caller is to a report period; nobody else has to do with it."""
    return parties_of(period, caller) & (FOLLOW | SYS)


PERIOD: Machine[Period] = Machine(
    name="report_period",
    table=TABLE,
    relations=relations,
    initial=S.OPEN,
    terminal=TERMINAL,
)
