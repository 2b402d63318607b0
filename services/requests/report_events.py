"""The events of a report period: what each carries, and who reads it. Pure.

Two reports are evidence as far as neither was written after the other: until both are in, each is its own side's and
the offices' to read.
"""

from collections.abc import Callable, Mapping

from services.requests.period import Period
from services.requests.period_life import PERIOD
from services.requests.telling import Told
from services.shared.canonical import digest
from services.shared.events import Filing
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.organisations import OFFICE, SUPERVISION_BUREAU
from services.shared.report_bodies import (
    FoundDifference,
    ReportConcluded,
    ReportDiscrepant,
    ReportExplained,
    ReportFiled,
    ReportLate,
    ReportMoved,
    ReportOpened,
    ReportsFiled,
)

ALSO_TOLD: Mapping[str, tuple[str, ...]] = {
    "report.overdue": (OFFICE,),
    "report.chased": (OFFICE,),
    "report.discrepant": (OFFICE, SUPERVISION_BUREAU),
    "report.explained": (OFFICE, SUPERVISION_BUREAU),
    "report.inspected": (OFFICE, SUPERVISION_BUREAU),
    "report.concluded": (OFFICE, SUPERVISION_BUREAU),
}
FILED_BY = {"report.provision_filed": Party.PROVIDER, "report.usage_filed": Party.REQUESTER}


def told_of_period(
    period: Period, event_type: str, *, filing: Filing | None = None, event_id: str | None = None
) -> Told:
    """Return what is told of a period; a filing's authority reads it too."""
    return Told(event_type, _body(period, event_type), _readers(period, event_type), filing, event_id)


def report_hash(period: Period, party: Party) -> str:
    """Return the hash of a side's report; raises ValueError before it is in."""
    report = period.provision if party is Party.PROVIDER else period.usage
    if report is None:
        raise ValueError(f"the {party} has not filed yet")
    return digest(report)


def _readers(period: Period, event_type: str) -> tuple[str, ...]:
    if event_type in FILED_BY:
        return (period.sides[FILED_BY[event_type]], OFFICE)
    return (period.requester, period.provider, *ALSO_TOLD.get(event_type, ()))


def _body(period: Period, event_type: str) -> Model:
    moved: dict[str, object] = {
        "state": period.state,
        "requester": period.requester,
        "provider": period.provider,
        "resource": period.resource,
        "period": period.period,
        "first": period.first,
        "last": period.last,
    }
    more = MORE.get(event_type)
    return more(period, moved) if more else ReportMoved.model_validate(moved)


def _opened(period: Period, moved: dict[str, object]) -> Model:
    return ReportOpened.model_validate(moved | {"number": period.number, "terms_hash": period.terms_hash})


def _provision(period: Period, moved: dict[str, object]) -> Model:
    return _filed(period, moved, Party.PROVIDER)


def _usage(period: Period, moved: dict[str, object]) -> Model:
    return _filed(period, moved, Party.REQUESTER)


def _filed(period: Period, moved: dict[str, object], party: Party) -> Model:
    report = period.provision if party is Party.PROVIDER else period.usage
    figures = report.model_dump(include={"deliveries", "rows"}) if report else {}
    return ReportFiled.model_validate(moved | figures | {"report_hash": report_hash(period, party)})


def _both(period: Period, moved: dict[str, object]) -> Model:
    hashes = {"provision_hash": Party.PROVIDER, "usage_hash": Party.REQUESTER}
    return ReportsFiled.model_validate(moved | {name: report_hash(period, party) for name, party in hashes.items()})


def _late(period: Period, moved: dict[str, object]) -> Model:
    clock = period.clock
    timed = {"clock": clock.clock if clock else "", "due_at": clock.due.due_at if clock and clock.due else None}
    late = tuple(period.organisations[party] for party in PERIOD.awaiting(period))
    return ReportLate.model_validate(moved | timed | {"late": late})


def _discrepant(period: Period, moved: dict[str, object]) -> Model:
    found = tuple(FoundDifference(kind=each.kind, pointer=each.pointer) for each in period.differences)
    return ReportDiscrepant.model_validate(moved | {"round": period.round, "differences": found})


def _explained(period: Period, moved: dict[str, object]) -> Model:
    said = period.explanations[-1]
    named = report_hash(period, said.by) if said.corrected else None
    return ReportExplained.model_validate(moved | {"round": said.round, "report_hash": named})


def _concluded(period: Period, moved: dict[str, object]) -> Model:
    outcome = period.finding.outcome if period.finding else ""
    return ReportConcluded.model_validate(moved | {"outcome": outcome})


MORE: Mapping[str, Callable[[Period, dict[str, object]], Model]] = {
    "report.opened": _opened,
    "report.provision_filed": _provision,
    "report.usage_filed": _usage,
    "report.both_filed": _both,
    "report.chased": _late,
    "report.overdue": _late,
    "report.discrepant": _discrepant,
    "report.explained": _explained,
    "report.concluded": _concluded,
}
