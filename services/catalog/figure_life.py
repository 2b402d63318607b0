"""The life of one version of an accurate figure, as a table (S-030).

It knows no table of items and no HTTP, and not that a figure may hold two versions: `figure_steps.py` does.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from services.catalog.figure import OPEN, Meaning, State, Version
from services.catalog.reviewing import Review
from services.shared.callers import SYSTEM, Caller
from services.shared.errors import Conflict, Problem
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.organisations import OFFICE, STATISTICS_BUREAU, organisation
from services.shared.reference import find_clause

REQUIRED = ("definition", "unit_of_measure", "method", "sources", "authority", "cycle", "period", "legal_basis")


class Action(StrEnum):
    """What can be done with a version; the last two happen by themselves, with another version's step."""

    REVISE = "revise"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    DISCARD = "discard"
    SUPERSEDE = "supersede"
    DROP = "drop"


SYSTEM_ACTIONS = frozenset({Action.SUPERSEDE, Action.DROP})


class FigureGiven(NamedTuple):
    """What is loaded beside a version: its sources that stand in the catalogue, and who holds its name."""

    sources: frozenset[tuple[str, str]] = frozenset()
    holder: str | None = None


def relations(version: Version, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to a version."""
    if caller == SYSTEM:
        return frozenset({Party.SYSTEM})
    codes = {Party.UNIT: version.unit, Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU}
    return frozenset(party for party, code in codes.items() if code == caller.organisation)


def meaning_faults(meaning: Meaning, unit: str) -> Iterator[Problem]:
    """Yield what is wrong with what a figure says, complete or not: whose number counts is for statistics to say."""
    if meaning.authority and organisation(meaning.authority) is None:
        yield Problem(pointer="/authority", detail=f"没有这个单位 / there is no organisation '{meaning.authority}'")
    elif meaning.authority and unit not in {meaning.authority, STATISTICS_BUREAU}:
        detail = "以谁的数为准:本单位,或由统计部门指定 / your own, unless the statistics bureau names another"
        yield Problem(pointer="/authority", detail=detail)
    basis = meaning.legal_basis
    if basis and find_clause(basis.instrument, basis.clause) is None:
        yield Problem(pointer="/legal_basis", detail="条款不在清单中 / no such clause in /catalog/vocabulary")


def _complete(version: Version, act: Act) -> Iterator[Problem]:
    meaning, given = version.meaning, act.given or FigureGiven()
    for name in REQUIRED:
        if not getattr(meaning, name):
            yield Problem(pointer=f"/{name}", detail="必填 / required")
    for place, source in enumerate(meaning.sources):
        if source.kind and (source.kind, source.id) not in given.sources:
            detail = f"目录中没有此已公布的来源 / no such {source.kind} stands in the catalogue"
            yield Problem(pointer=f"/sources/{place}", detail=detail)
    yield from meaning_faults(meaning, version.unit)


def _right(version: Version, act: Act) -> Iterator[Problem]:
    yield from meaning_faults(act.body, version.unit)


def _name_is_free(version: Version, act: Act) -> Iterable[Problem]:
    given = act.given or FigureGiven()
    if given.holder not in {None, version.id}:
        raise Conflict(f"'{version.meaning.name}' is published already: figure {given.holder}")
    return ()


def _revised(version: Version, act: Act) -> Version:
    # On a published version nothing changes: the new version is made beside it.
    return version if version.state is State.PUBLISHED else version.model_copy(update={"meaning": act.body})


def _submitted(version: Version, act: Act) -> Version:
    return version.model_copy(update={"submitted_at": act.at, "gaps": (), "reviews": ()})


def _returned(version: Version, act: Act) -> Version:
    return version.model_copy(update={"gaps": act.body.gaps, "reviews": ()})


def _approved(version: Version, act: Act) -> Version:
    if act.party is None:
        raise ValueError("an effect needs an act whose party is known")
    review = Review(party=act.party, officer=act.caller.officer, at=act.at, comment=act.body.comment)
    reviews = (*version.reviews, review)
    both = {each.party for each in reviews} >= BOTH
    return version.model_copy(update={"reviews": reviews, "approved_at": act.at if both else None})


def _published(version: Version, act: Act) -> Version:
    return version.model_copy(update={"published_at": act.at})


def _withdrawn(version: Version, act: Act) -> Version:
    return version.model_copy(update={"reason": act.body.reason})


UNIT, BOTH = frozenset({Party.UNIT}), frozenset({Party.OFFICE, Party.STATISTICS})
BY_ITSELF = frozenset({Party.SYSTEM})

REVISE = Move(UNIT, None, "figure.revised", guards=(_right,), effect=_revised, awaited=False)
SUBMIT = Move(UNIT, State.UNDER_REVIEW, "figure.submitted", guards=(_complete,), effect=_submitted)
DISCARD = Move[Version](UNIT, State.DISCARDED, "figure.discarded", awaited=False)
DROP = Move[Version](BY_ITSELF, State.DISCARDED, "figure.withdrawn", awaited=False)

TABLE: dict[tuple[State, Action], Move[Version]] = {
    (State.DRAFT, Action.REVISE): REVISE,
    (State.DRAFT, Action.SUBMIT): SUBMIT,
    (State.UNDER_REVIEW, Action.RETURN): Move(BOTH, State.RETURNED, "figure.returned", effect=_returned, awaited=False),
    (State.UNDER_REVIEW, Action.APPROVE): Move(
        BOTH, State.APPROVED, "figure.approved", effect=_approved, each_once=True
    ),
    (State.RETURNED, Action.REVISE): REVISE,
    (State.RETURNED, Action.SUBMIT): SUBMIT,
    (State.APPROVED, Action.PUBLISH): Move(
        BOTH, State.PUBLISHED, "figure.published", guards=(_name_is_free,), effect=_published
    ),
    (State.PUBLISHED, Action.REVISE): REVISE,
    (State.PUBLISHED, Action.WITHDRAW): Move(
        UNIT | BOTH, State.WITHDRAWN, "figure.withdrawn", effect=_withdrawn, awaited=False
    ),
    **{(state, Action.DISCARD): DISCARD for state in OPEN},
    # With the publication of the next version, and with the withdrawal of the figure: one step, one event.
    (State.PUBLISHED, Action.SUPERSEDE): Move(BY_ITSELF, State.SUPERSEDED, "figure.published", awaited=False),
    **{(state, Action.DROP): DROP for state in OPEN},
}

MACHINE = Machine[Version](
    name="figure",
    table=TABLE,
    relations=relations,
    initial=State.DRAFT,
    terminal=frozenset({State.SUPERSEDED, State.WITHDRAWN, State.DISCARDED}),
    resting=frozenset({State.PUBLISHED}),
)
