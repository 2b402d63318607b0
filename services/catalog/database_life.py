"""The life of a database (三(二), 三(三)): machine A's first table.

It knows no table of the store and no HTTP. The steps by the system happen with the end of a lifecycle case.
"""

from collections.abc import Iterator

from services.catalog import database_effects as effects
from services.catalog.database import ENDED, STANDING, Database
from services.catalog.database import State as S  # noqa: N817 - a row of a table is short
from services.catalog.database_acts import Action as A  # noqa: N817
from services.shared.callers import SYSTEM, Caller
from services.shared.errors import Problem
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SECRECY_BUREAU
from services.shared.working_days import day_in_beijing

Row = Move[Database]
UNIT, BY_ITSELF = frozenset({Party.UNIT}), frozenset({Party.SYSTEM})
STOPPERS = frozenset({Party.UNIT, Party.OFFICE, Party.SECRECY})


def relations(database: Database, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to a database."""
    if caller == SYSTEM:
        return BY_ITSELF
    codes = {
        Party.UNIT: database.unit,
        Party.OFFICE: OFFICE,
        Party.SECRECY: SECRECY_BUREAU,
        Party.ARCHIVES: ARCHIVES_BUREAU,
    }
    return frozenset(party for party, code in codes.items() if code == caller.organisation)


def who_suspended_or_the_office(database: Database) -> frozenset[Party]:
    """Return who may let a suspended database run again."""
    return frozenset({Party.OFFICE, *((database.suspension.party,) if database.suspension else ())})


def _is_of_the_past(_: Database, act: Act) -> Iterator[Problem]:
    report, today = act.body, day_in_beijing(act.at)
    if report.period_until < report.period_from:
        yield Problem(pointer="/period_until", detail="早于开始日 / ends before it begins")
    if report.period_until > today:
        yield Problem(pointer="/period_until", detail="期间尚未结束 / the period is not over")
    if report.updated_at > act.at:
        yield Problem(pointer="/updated_at", detail="晚于现在 / later than now")


TABLE: dict[tuple[S, A], Row] = {
    (S.PLANNED, A.APPROVE_TO_BUILD): Row(
        BY_ITSELF, S.APPROVED_TO_BUILD, "database.approved_to_build", effect=effects.approved_to_build
    ),
    (S.PLANNED, A.END_PLAN): Row(BY_ITSELF, S.ABANDONED, "database.case_withdrawn", effect=effects.ended),
    (S.APPROVED_TO_BUILD, A.REGISTER): Row(
        BY_ITSELF, S.REGISTERED, "database.registered", effect=effects.registered, awaited=False
    ),
    (S.APPROVED_TO_BUILD, A.ABANDON): Row(UNIT, S.ABANDONED, "database.abandoned", effect=effects.ended),
    (S.REGISTERED, A.GO_LIVE): Row(UNIT, S.OPERATING, "database.went_live", effect=effects.went_live),
    (S.OPERATING, A.REPORT): Row(UNIT, None, "database.reported", guards=(_is_of_the_past,), effect=effects.reported),
    (S.OPERATING, A.SUSPEND): Row(STOPPERS, S.SUSPENDED, "database.suspended", effect=effects.suspended, awaited=False),
    (S.SUSPENDED, A.RESUME): Row(who_suspended_or_the_office, S.OPERATING, "database.resumed", effect=effects.resumed),
    **{
        (state, A.CHANGE): Row(BY_ITSELF, None, "database.changed", effect=effects.changed, awaited=False)
        for state in sorted(STANDING)
    },
    **{
        (state, A.DEREGISTER): Row(
            BY_ITSELF, S.DEREGISTERED, "database.deregistered", effect=effects.ended, awaited=False
        )
        for state in sorted(STANDING)
    },
    (S.DEREGISTERED, A.TRANSFER_ARCHIVE): Row(
        frozenset({Party.ARCHIVES}), S.ARCHIVED, "database.archived", effect=effects.archived
    ),
}

LIFE = Machine[Database](
    name="database",
    table=TABLE,
    relations=relations,
    initial=S.PLANNED,
    terminal=ENDED,
    resting=frozenset({S.OPERATING}),
)
