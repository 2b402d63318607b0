"""What must hold before a row of the report period's table may be taken. Each guard yields every fault it finds.

A report says what happened, and is filed even where that was not agreed: what differs is found when both are compared.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from services.requests.period import Period
from services.requests.period_parts import Facts, Provision, Usage
from services.requests.reconciliation import Compared, differences
from services.requests.wording import empty_reason
from services.shared.errors import Problem
from services.shared.lifecycle import Act, Party
from services.shared.reference import vocabulary
from services.shared.running import is_overdue

if TYPE_CHECKING:
    from services.requests.report_acts import Explain

Faults = Iterator[Problem]
REPORT_OF = {Party.PROVIDER: "provision", Party.REQUESTER: "usage"}
NOTHING_DELIVERED = "本期无交付，应为空或零 / nothing was delivered in this period: zero, or left out"


class ReportGiven(NamedTuple):
    """What is loaded beside a period: what the exchange saw, and whether the provider allowed onward provision."""

    facts: Facts | None = None
    onward_allowed: bool = False


def provision_is_whole(period: Period, act: Act) -> Faults:
    """The provider's report agrees with itself, and names agreed items and days of the period."""
    yield from provision_faults(period, act.body, "")


def usage_is_whole(_: Period, act: Act) -> Faults:
    """The requester's report agrees with itself, and names listed purposes."""
    yield from usage_faults(act.body, "")


def corrects_its_own_report(period: Period, act: Act) -> Faults:
    """A side files its own report anew, not the other's, and as whole as the first."""
    body: Explain = act.body
    for party, report in REPORT_OF.items():
        if act.party is not party and getattr(body, report) is not None:
            yield Problem(pointer=f"/{report}", detail=f"只能更正本方的报告 / this report is the {party}'s to correct")
    if act.party is Party.PROVIDER and body.provision:
        yield from provision_faults(period, body.provision, "/provision")
    if act.party is Party.REQUESTER and body.usage:
        yield from usage_faults(body.usage, "/usage")


def somebody_is_late(period: Period, act: Act) -> Faults:
    """Who is chased is past the day; where no number gives a day, the office may chase at any time."""
    if period.clock and period.clock.due and not is_overdue(period.clock, act.at):
        yield Problem(pointer="/period", detail=f"未逾期：{period.clock.due.zh} / not overdue: {period.clock.due.en}")


def both_are_in(period: Period, _: Act) -> Faults:
    """Both sides have filed."""
    for party in period.unfiled:
        yield Problem(pointer=f"/{REPORT_OF[party]}", detail=f"未备案 / the {party} has not filed yet")


def all_agrees(period: Period, act: Act) -> Faults:
    """Both reports, what the exchange saw and what was agreed are the same."""
    for difference in differences(compared(period, act)):
        yield Problem(pointer=difference.pointer, detail=f"{difference.zh} / {difference.en}")


def something_differs(period: Period, act: Act) -> Faults:
    """There is a difference to explain."""
    if not any(True for _ in differences(compared(period, act))):
        yield Problem(pointer="", detail="双方一致 / everything agrees")


def compared(period: Period, act: Act) -> Compared:
    """Return what is held against each other; raises ValueError before both reports are in."""
    given: ReportGiven = act.given or ReportGiven()
    if period.provision is None or period.usage is None:
        raise ValueError("two reports are compared")
    return Compared(
        provision=period.provision,
        usage=period.usage,
        terms=period.terms,
        first=period.first,
        last=period.last,
        facts=given.facts,
        onward_allowed=given.onward_allowed,
    )


def provision_faults(period: Period, provision: Provision, at: str) -> Faults:
    """Yield everything wrong with what a provider reports; pointers begin with `at`."""
    yield from _none_without_deliveries(provision, at, ("rows", "items", "first_on", "last_on"))
    yield from _repeated(provision.items, f"{at}/items")
    for place, item in enumerate(provision.items):
        if item not in period.terms.content.items:
            yield Problem(pointer=f"{at}/items/{place}", detail=f"未约定此信息项 / '{item}' is not an agreed item")
    if provision.deliveries:
        yield from _days_faults(period, provision, at)
        yield from _completeness_faults(period, provision, at)
    if provision.incomplete and (told := empty_reason(provision.reason or "")):
        yield Problem(pointer=f"{at}/reason", detail=told)


def usage_faults(usage: Usage, at: str) -> Faults:
    """Yield everything wrong with what a requester reports; pointers begin with `at`."""
    yield from _none_without_deliveries(usage, at, ("rows",))
    for field in ("purposes", "recipients"):
        named = getattr(usage, field)
        yield from _repeated(named, f"{at}/{field}")
        if bool(named) is not bool(usage.uses):
            detail = "使用次数与用途、使用者应同时填写 / with uses say what for and who, without any leave both out"
            yield Problem(pointer=f"{at}/{field}", detail=detail)
    for place, purpose in enumerate(usage.purposes):
        if not vocabulary().purposes.has(purpose):
            detail = f"不在用途清单中 / '{purpose}' is not in the vocabulary"
            yield Problem(pointer=f"{at}/purposes/{place}", detail=detail)


def _none_without_deliveries(report: Provision | Usage, at: str, fields: Sequence[str]) -> Faults:
    if not report.deliveries:
        for field in fields:
            if getattr(report, field):
                yield Problem(pointer=f"{at}/{field}", detail=NOTHING_DELIVERED)


def _days_faults(period: Period, provision: Provision, at: str) -> Faults:
    for field in ("first_on", "last_on"):
        day = getattr(provision, field)
        if day is None or not period.first <= day <= period.last:
            detail = f"应为{period.first}至{period.last}之间的日期 / a day from {period.first} to {period.last}"
            yield Problem(pointer=f"{at}/{field}", detail=detail)
    if provision.first_on and provision.last_on and provision.last_on < provision.first_on:
        yield Problem(pointer=f"{at}/last_on", detail="早于首次交付日 / before the first delivery")


def _completeness_faults(period: Period, provision: Provision, at: str) -> Faults:
    """Yield a fault where agreed items are left out and nobody says so (S-084)."""
    missing = sum(item not in provision.items for item in period.terms.content.items)
    if missing and not provision.incomplete:
        detail = (
            f"约定的信息项少{missing}项，须注明不完整并说明理由 / {missing} agreed items are missing: say so, and why"
        )
        yield Problem(pointer=f"{at}/incomplete", detail=detail)


def _repeated(names: Sequence[str], at: str) -> Faults:
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Problem(pointer=f"{at}/{place}", detail=f"重复 / '{name}' is named twice")
