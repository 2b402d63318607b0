"""The lifecycle cases of a database (三(二)): machine A's second table, one for each kind of case.

It knows no table of the database and no HTTP; what the end of a case does to its database, `database_steps.py` says.
Beyond its rows a draft or returned case can be written anew (`revise`), and ends with its database (`drop`).
"""

from services.catalog import database_effects as effects
from services.catalog import database_guards as guards
from services.catalog.database import CLOSED, Kind, LifecycleCase
from services.catalog.database import CaseState as S
from services.catalog.database_acts import CaseAction as A
from services.shared.callers import SYSTEM, Caller
from services.shared.coordination import machine
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Machine, Move, Party
from services.shared.organisations import OFFICE, STATISTICS_BUREAU

Row = Move[LifecycleCase]
UNIT, MIO, BY_ITSELF = frozenset({Party.UNIT}), frozenset({Party.OFFICE}), frozenset({Party.SYSTEM})
EITHER = frozenset({Party.OFFICE, Party.STATISTICS})
KEY_GIVEN = "database.case_key_given"
FILINGS = {kind: Filing(kind=FilingKind(f"db_{kind}"), authority=OFFICE) for kind in Kind}
APPROVED = {
    Kind.ESTABLISHMENT: "database.approved_to_build",
    Kind.REGISTRATION: "database.registered",
    Kind.CHANGE: "database.changed",
    Kind.DEREGISTRATION: "database.deregistered",
}
BEFORE_REVIEW_ENDS = (S.DRAFT, S.FILED, S.UNDER_REVIEW, S.RETURNED, S.DECLINED)


def relations(case: LifecycleCase, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to a lifecycle case."""
    if caller == SYSTEM:
        return BY_ITSELF
    codes = {Party.UNIT: case.unit, Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU}
    return frozenset(party for party, code in codes.items() if code == caller.organisation)


def keys(case: LifecycleCase) -> frozenset[Party]:
    """Return who approves: the office, and for a basic class the statistics bureau too (S-029)."""
    return EITHER if case.is_basic else MIO


def who_opened(case: LifecycleCase) -> frozenset[Party]:
    """Return who may take a case back."""
    return frozenset({case.opened_by})


def _table(kind: Kind) -> dict[tuple[S, A], Row]:
    event = "database.revised" if kind is Kind.ESTABLISHMENT else "database.case_revised"
    revise = Row(UNIT, None, event, guards=(guards.fits_its_kind,), effect=effects.revised, awaited=False)
    withdraw = Row(who_opened, S.WITHDRAWN, "database.case_withdrawn", awaited=False)
    drop = Row(BY_ITSELF, S.WITHDRAWN, "database.case_withdrawn", awaited=False)
    complete, filing = guards.COMPLETE[kind], FILINGS[kind]
    return {
        (S.DRAFT, A.REVISE): revise,
        (S.RETURNED, A.REVISE): revise,
        (S.DRAFT, A.FILE): Row(
            UNIT, S.FILED, "database.case_filed", guards=complete, effect=effects.filed, filing=filing
        ),
        (S.FILED, A.START_REVIEW): Row(MIO, S.UNDER_REVIEW, "database.case_review_started"),
        (S.RETURNED, A.SUPPLEMENT): Row(
            UNIT, S.UNDER_REVIEW, "database.case_supplemented", guards=complete, effect=effects.supplemented
        ),
        **_reviewed(kind),
        **{(state, A.WITHDRAW): withdraw for state in BEFORE_REVIEW_ENDS},
        # With the end of the database: one step, one event.
        **{(state, A.DROP): drop for state in (*BEFORE_REVIEW_ENDS, S.CONTESTED)},
    }


def _reviewed(kind: Kind) -> dict[tuple[S, A], Row]:
    return {
        (S.UNDER_REVIEW, A.RETURN): Row(
            MIO,
            S.RETURNED,
            "database.case_returned",
            guards=(guards.is_returned_once,),
            effect=effects.returned,
            awaited=False,
        ),
        (S.UNDER_REVIEW, A.APPROVE): Row(
            keys,
            S.APPROVED,
            APPROVED[kind],
            guards=guards.APPROVABLE[kind],
            effect=effects.reviewed,
            filing=FILINGS[kind] if kind is Kind.DEREGISTRATION else None,
            each_once=True,
        ),
        (S.UNDER_REVIEW, A.DECLINE): Row(
            EITHER, S.DECLINED, "database.case_declined", effect=effects.declined, awaited=False
        ),
        (S.DECLINED, A.CONTEST): Row(UNIT, S.CONTESTED, "database.case_contested", effect=effects.contested),
        (S.DECLINED, A.ACCEPT): Row(UNIT, S.REJECTED, "database.case_decline_accepted"),
        # With the end of the coordination: one step, one event.
        (S.CONTESTED, A.RECONSIDER): Row(BY_ITSELF, S.UNDER_REVIEW, "database.coordination_settled"),
        (S.CONTESTED, A.REJECT): Row(BY_ITSELF, S.REJECTED, "database.coordination_upheld"),
    }


def _machine(kind: Kind, more: dict[tuple[S, A], Row] | None = None) -> Machine[LifecycleCase]:
    return Machine(
        name=f"{kind}_case",
        table=_table(kind) | (more or {}),
        relations=relations,
        initial=S.DRAFT,
        terminal=CLOSED - (frozenset() if more else {S.REDIRECTED}),
    )


_REUSE = Row(
    UNIT,
    S.REDIRECTED,
    "database.redirected",
    guards=(guards.wants_what_is_there,),
    effect=effects.redirected,
    awaited=False,
)
ESTABLISHMENT = _machine(Kind.ESTABLISHMENT, {(state, A.REUSE): _REUSE for state in BEFORE_REVIEW_ENDS})
REGISTRATION = _machine(Kind.REGISTRATION)
CHANGE = _machine(Kind.CHANGE)
DEREGISTRATION = _machine(Kind.DEREGISTRATION)
MACHINES = {
    Kind.ESTABLISHMENT: ESTABLISHMENT,
    Kind.REGISTRATION: REGISTRATION,
    Kind.CHANGE: CHANGE,
    Kind.DEREGISTRATION: DEREGISTRATION,
}
COORDINATION = machine("database.coordination")
