"""What must hold before a row of the agreement's table may be taken. Each guard yields every fault it finds.

What is not possible as things stand, whatever is sent, is a Conflict. What a version to come needs stands apart, in
`agreement_pending_guards.py`.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.requests.agreement import Agreement
from services.requests.agreement_acts import Custody, Disposal, NonPerformanceReport, Suspend, TerminationRuling
from services.requests.agreement_clocks import late_clock
from services.requests.request import Request
from services.requests.wording import empty_reason
from services.shared import running
from services.shared.coordination import ENDS
from services.shared.errors import Conflict, Problem
from services.shared.lifecycle import Act, Party
from services.shared.reference import find_clause
from services.shared.working_days import day_in_beijing

Faults = Iterator[Problem]


class AgreementGiven(NamedTuple):
    """What is loaded beside an agreement: the request it came from, the receipts in the case (event ids).

    `provision_seen` says whether the provider has filed that it delivered anything, or the exchange saw a delivery.
    """

    request: Request
    receipts: frozenset[str] = frozenset()
    provision_seen: bool = False


def is_to_be_reviewed(_: Agreement, act: Act) -> Faults:
    """A suspension says by which day it is looked at again."""
    body: Suspend = act.body
    if body.review_by < day_in_beijing(act.at):
        yield Problem(pointer="/review_by", detail="早于今天 / this day is over")


def no_coordination_is_open(agreement: Agreement, _: Act) -> Iterable[Problem]:
    """What is in coordination already is settled there."""
    if agreement.coordination is not None and agreement.coordination.state not in ENDS:
        raise Conflict("已在协调中 / a non-performance is in coordination already")
    return ()


def tells_of_a_failure(agreement: Agreement, act: Act) -> Faults:
    """The provider says what it cannot provide and why, in words (S-013, S-086); the system, which day passed."""
    if act.party is Party.PROVIDER:
        yield from _empty_words(act.body)
    elif agreement.non_performance or not (agreement.clock and agreement.clock.overdue_since):
        yield Problem(pointer="/clock", detail="没有逾期未提供 / nothing that is due has not been provided")


def day_is_over(agreement: Agreement, act: Act) -> Faults:
    """The agreed last day is over in Beijing; one that both have put off waits for its receipts (I10)."""
    if agreement.is_being_extended:
        yield Problem(pointer="/pending", detail="续期待回执 / its renewal waits for a receipt")
    if act.at <= agreement.ends_at:
        yield Problem(pointer="/terms/validity/valid_until", detail="尚未到期 / its last day is not over")


def end_is_near(agreement: Agreement, act: Act) -> Faults:
    """It is told once that an agreement will end."""
    if agreement.expiring_since is not None or agreement.is_being_extended or act.at < agreement.warns_at:
        yield Problem(pointer="/terms/validity/valid_until", detail="未到提醒时间 / there is nothing to warn of")


def rests_on_a_clause(_: Agreement, act: Act) -> Faults:
    """A ruling has a basis; the leading group rules in a meeting (S-019, S-088)."""
    body: TerminationRuling = act.body
    if find_clause(body.instrument, body.clause) is None:
        yield Problem(pointer="/clause", detail="条款不在清单中 / no such clause in /catalog/vocabulary")
    if act.party is Party.LEADING_GROUP and body.meeting is None:
        yield Problem(pointer="/meeting", detail="必填 / required")


def is_provided_for_the_first_time(agreement: Agreement, act: Act) -> Faults:
    """The first provision is recorded once: on the provider's word, or by the system once one is filed (S-089)."""
    if agreement.provided_at is not None:
        raise Conflict("已记录首次提供 / the first provision is on record")
    if act.party is Party.SYSTEM:
        if not act.given.provision_seen:
            yield Problem(pointer="/provided_on", detail="尚无提供情况 / no provision is filed or seen yet")
        return
    if not day_in_beijing(agreement.activated_at) <= act.body.provided_on <= day_in_beijing(act.at):
        yield Problem(
            pointer="/provided_on", detail="须在生效之后、今天之前 / after the activation and not after today"
        )


def is_kept_for_a_time(_: Agreement, act: Act) -> Faults:
    """What is kept is kept until some day to come."""
    body: Custody = act.body
    if body.retention_until < day_in_beijing(act.at):
        yield Problem(pointer="/retention_until", detail="早于今天 / this day is over")


def accounts_for_all_of_it(agreement: Agreement, act: Act) -> Faults:
    """A disposal has taken place, says why anything remains, and covers the copies of all entrusted parties (R14)."""
    body: Disposal = act.body
    if not day_in_beijing(agreement.activated_at) <= body.disposed_on <= day_in_beijing(act.at):
        yield Problem(
            pointer="/disposed_on", detail="须在生效之后、今天之前 / after the activation and not after today"
        )
    if (body.remains is None) is not (body.because is None):
        missing = "because" if body.because is None else "remains"
        yield Problem(pointer=f"/{missing}", detail="须同时写明留存内容和理由 / say what remains and why, or neither")
    if body.because and (told := empty_reason(body.because)):
        yield Problem(pointer="/because", detail=told)
    for party in agreement.custody.entrusted if agreement.custody else ():
        if party not in body.entrusted:
            detail = f"未包括受托方“{party}” / the copies of '{party}' are not accounted for"
            yield Problem(pointer="/entrusted", detail=detail)


def is_scheduled(agreement: Agreement, act: Act) -> Faults:
    """By itself an agreement is archived when its clock for that has run out; the archives take it at any time."""
    falls_due = running.due_at(agreement.clock) if agreement.clock else None
    if act.party is Party.SYSTEM and (falls_due is None or act.at <= falls_due):
        yield Problem(pointer="/clock", detail="未到归档时间 / it is not due for the archives")


def a_clock_has_run_out(agreement: Agreement, act: Act) -> Faults:
    """The day of some clock is over and not marked yet (I6: that is marked and told, and decides nothing)."""
    if late_clock(agreement, act.at) is None:
        yield Problem(pointer="/clock", detail="未逾期 / it is not overdue")


def _empty_words(body: NonPerformanceReport) -> Faults:
    for field in ("situation", "reason"):
        if told := empty_reason(getattr(body, field)):
            yield Problem(pointer=f"/{field}", detail=told)
