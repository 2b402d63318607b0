"""The rows of an agreement's life (machine C.2): who may do what to it, under which guards, and what is filed. Pure.

A renewal lifts no suspension: it moves the end, and the agreement stays where it stands.
"""

from collections.abc import Iterable

from services.requests import agreement_effects as effects
from services.requests import agreement_guards as guards
from services.requests import agreement_pending_guards as pending
from services.requests.agreement import RUNNING, Agreement
from services.requests.agreement import AgreementState as S
from services.requests.agreement_acts import AgreementAction as A
from services.shared.callers import Claim
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Move, Party
from services.shared.organisations import OFFICE, SECRECY_BUREAU

Row = Move[Agreement]
Rows = dict[tuple[S, A], Row]
REQ, PRO, MIO, SUP, SYS = (
    frozenset({party}) for party in (Party.REQUESTER, Party.PROVIDER, Party.OFFICE, Party.SUPERVISION, Party.SYSTEM)
)
LG, ARC, BOTH = frozenset({Party.LEADING_GROUP}), frozenset({Party.ARCHIVES}), REQ | PRO
F_AMENDMENT = Filing(kind=FilingKind.AMENDMENT, authority=OFFICE)
F_AMENDMENT_SECRECY = Filing(kind=FilingKind.AMENDMENT, authority=SECRECY_BUREAU)  # beside it, where sensitive
F_NON_PERFORMANCE = Filing(kind=FilingKind.NON_PERFORMANCE_REPORT, authority=OFFICE)
F_TERMINATION = Filing(kind=FilingKind.TERMINATION, authority=OFFICE)
F_DISPOSAL = Filing(kind=FilingKind.DISPOSAL, authority=OFFICE)

SYSTEM_ACTIONS = (A.PUT_IN_FORCE, A.EXPIRE, A.MARK_EXPIRING, A.MARK_OVERDUE)
# What the system tries, in this order: what both have signed comes before what ends, and marks come last.
BY_ITSELF = (
    A.PUT_IN_FORCE,
    A.EXPIRE,
    A.ARCHIVE,
    A.RECORD_PROVISION,
    A.MARK_EXPIRING,
    A.MARK_OVERDUE,
    A.REPORT_NON_PERFORMANCE,
)


def who_suspends(agreement: Agreement) -> frozenset[Party]:
    """Return who may suspend: the provider in an emergency, the office, and where an item is sensitive the bureau."""
    return PRO | MIO | (frozenset({Party.SECRECY}) if agreement.sensitive_items else frozenset())


def who_resumes(agreement: Agreement) -> frozenset[Party]:
    """Return who may let it go on: who suspended it, or the office."""
    return MIO | (frozenset({agreement.suspension.by}) if agreement.suspension else frozenset())


def _in(states: Iterable[S], action: A, row: Row) -> Rows:
    return {(state, action): row for state in sorted(states)}


_PROPOSE = Row(
    BOTH,
    None,
    "agreement.amendment_proposed",
    guards=(
        pending.nothing_is_pending,
        pending.classifies_what_it_brings,
        pending.amendment_fits,
        pending.amendment_can_be_told,
    ),
    effect=effects.propose,
    awaited=False,
)
_SIGN = Row(
    BOTH,
    None,
    "agreement.amendment_signed",
    claim=Claim.APPROVER,
    guards=(pending.an_amendment_is_pending, pending.names_pending_version),
    effect=effects.sign,
    filing=F_AMENDMENT,
    each_once=True,
    awaited=False,
)
_DROP = Row(
    BOTH,
    None,
    "agreement.amendment_dropped",
    guards=(pending.may_still_be_dropped,),
    effect=effects.drop,
    awaited=False,
)
_RENEW = Row(
    BOTH,
    None,
    "agreement.renewal_signed",
    claim=Claim.APPROVER,
    guards=(pending.renews_alike,),
    effect=effects.renew,
    filing=F_AMENDMENT,
    each_once=True,
    awaited=False,
)
_PUT_IN_FORCE = Row(
    SYS,
    None,
    "agreement.amended",
    guards=(pending.receipts_of_the_version_are_in,),
    effect=effects.put_in_force,
    awaited=False,
)
_CHANGES: Rows = {
    **_in(RUNNING, A.PROPOSE_AMENDMENT, _PROPOSE),
    **_in(RUNNING, A.SIGN_AMENDMENT, _SIGN),
    **_in(RUNNING, A.DROP_AMENDMENT, _DROP),
    **_in(RUNNING, A.RENEW, _RENEW),
    **_in(RUNNING, A.PUT_IN_FORCE, _PUT_IN_FORCE),
}

_SUSPEND = Row(
    who_suspends,
    S.SUSPENDED,
    "agreement.suspended",
    guards=(guards.is_to_be_reviewed,),
    effect=effects.suspend,
    awaited=False,
)
_REPORT = Row(
    PRO | SYS,
    None,
    "agreement.non_performance_reported",
    guards=(guards.no_coordination_is_open, guards.tells_of_a_failure),
    effect=effects.report,
    filing=F_NON_PERFORMANCE,
    awaited=False,
)
_SUSPECT = Row(PRO | SUP | SYS, S.BREACH_SUSPECTED, "agreement.breach_suspected", effect=effects.suspect, awaited=False)
_TROUBLE: Rows = {
    (S.ACTIVE, A.SUSPEND): _SUSPEND,
    (S.SUSPENDED, A.RESUME): Row(who_resumes, S.ACTIVE, "agreement.resumed", effect=effects.resume),
    (S.ACTIVE, A.REPORT_NON_PERFORMANCE): _REPORT,
    (S.ACTIVE, A.SUSPECT_BREACH): _SUSPECT,
    (S.BREACH_SUSPECTED, A.CLEAR): Row(SUP, S.ACTIVE, "agreement.breach_cleared", effect=effects.clear),
    (S.BREACH_SUSPECTED, A.CONFIRM_BREACH): Row(SUP, S.ENDED, "agreement.ended", effect=effects.revoke),
}

_EXPIRE = Row(SYS, S.ENDED, "agreement.ended", guards=(guards.day_is_over,), effect=effects.expire, awaited=False)
_TERMINATE = Row(
    BOTH,
    S.ENDED,
    "agreement.ended",
    claim=Claim.APPROVER,
    effect=effects.terminate,
    filing=F_TERMINATION,
    each_once=True,
    awaited=False,
)
_RULE_TERMINATION = Row(
    MIO | LG,
    S.ENDED,
    "agreement.ended",
    guards=(guards.rests_on_a_clause,),
    effect=effects.rule_termination,
    filing=F_TERMINATION,
    awaited=False,
)
_DISPOSE = Row(
    REQ,
    S.DISPOSED,
    "agreement.disposed",
    guards=(guards.accounts_for_all_of_it,),
    effect=effects.dispose,
    filing=F_DISPOSAL,
)
_ENDS: Rows = {
    **_in(RUNNING, A.EXPIRE, _EXPIRE),
    (S.ACTIVE, A.FULFIL): Row(REQ, S.ENDED, "agreement.ended", effect=effects.fulfil, awaited=False),
    **_in(RUNNING, A.TERMINATE, _TERMINATE),
    **_in(RUNNING, A.RULE_TERMINATION, _RULE_TERMINATION),
    (S.ENDED, A.DISPOSE): _DISPOSE,
    (S.DISPOSED, A.ARCHIVE): Row(ARC | SYS, S.ARCHIVED, "agreement.archived", guards=(guards.is_scheduled,)),
}

_PROVISION = Row(
    PRO | SYS,
    None,
    "agreement.provided",
    guards=(guards.is_provided_for_the_first_time,),
    effect=effects.record_provision,
    awaited=False,
)
_CUSTODY = Row(
    REQ,
    None,
    "agreement.custody_recorded",
    guards=(guards.is_kept_for_a_time,),
    effect=effects.record_custody,
    awaited=False,
)
_EXPIRING = Row(
    SYS, None, "agreement.expiring", guards=(guards.end_is_near,), effect=effects.mark_expiring, awaited=False
)
_OVERDUE = Row(
    SYS, None, "agreement.overdue", guards=(guards.a_clock_has_run_out,), effect=effects.mark_overdue, awaited=False
)
_RECORDS: Rows = {
    **_in(RUNNING, A.RECORD_PROVISION, _PROVISION),
    **_in((S.ACTIVE, S.SUSPENDED, S.ENDED), A.RECORD_CUSTODY, _CUSTODY),
    **_in(RUNNING, A.MARK_EXPIRING, _EXPIRING),
    **_in((S.ACTIVE, S.SUSPENDED, S.BREACH_SUSPECTED, S.ENDED), A.MARK_OVERDUE, _OVERDUE),
}

TABLE: Rows = {**_CHANGES, **_TROUBLE, **_ENDS, **_RECORDS}
