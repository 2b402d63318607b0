"""The life of one version of a catalogue entry: machine A0 as a table.

It knows no table and no HTTP, and not that an entry may hold two versions: `entry.py` does. Beyond A0's rows a draft or
returned version can be written anew (`revise`), the office gives what nobody owned an owner (`assign`), and two rows
happen by themselves with another version's step (`supersede`, `drop`).
"""

from services.catalog.resource_acts import Action
from services.catalog.resource_guards import (
    can_be_coded,
    has_an_owner_to_come,
    is_commented,
    is_complete,
    rests_on_what_stands,
    sees_its_impact,
)
from services.catalog.reviewing import Review
from services.catalog.version import State, Version
from services.shared.callers import SYSTEM, Caller
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.organisations import OFFICE, STATISTICS_BUREAU


def relations(version: Version, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to a version."""
    if caller == SYSTEM:
        return frozenset({Party.SYSTEM})
    codes = {Party.PROVIDER: version.provider, Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU}
    return frozenset(party for party, code in codes.items() if code == caller.organisation)


def reviewers(version: Version) -> frozenset[Party]:
    """Return who reviews: the office, and for basic information the statistics bureau too."""
    return frozenset({Party.OFFICE, Party.STATISTICS} if version.is_basic else {Party.OFFICE})


def _revised(version: Version, act: Act) -> Version:
    # On a live version nothing changes: the new version is made beside it.
    return version if version.state is State.LIVE else version.model_copy(update={"metadata": act.body.kept()})


def _submitted(version: Version, act: Act) -> Version:
    return version.model_copy(update={"submitted_at": act.at, "gaps": ()})


def _returned(version: Version, act: Act) -> Version:
    return version.model_copy(update={"gaps": act.body.gaps, "returned_at": act.at, "reviews": ()})


def _approved(version: Version, act: Act) -> Version:
    said = {"party": act.party, "officer": act.caller.officer, "at": act.at, "comment": act.body.comment}
    reviews = (*version.reviews, Review.model_validate(said))
    complete = reviewers(version) <= {review.party for review in reviews}
    return version.model_copy(update={"reviews": reviews, "approved_at": act.at if complete else None})


def _published(version: Version, act: Act) -> Version:
    return version.model_copy(update={"published_at": act.at, "resource_code": act.given.code})


def _confirmed(version: Version, act: Act) -> Version:
    return version.model_copy(update={"confirmed_at": act.at})


def _assigned(version: Version, act: Act) -> Version:
    return version.model_copy(update={"provider": act.body.provider})


def _withdrawn(version: Version, act: Act) -> Version:
    return version.model_copy(update={"reason": act.body.reason})


PROVIDER, MIO, BY_ITSELF = frozenset({Party.PROVIDER}), frozenset({Party.OFFICE}), frozenset({Party.SYSTEM})
FILED = Filing(kind=FilingKind.CATALOGUE, authority=OFFICE)

REVISE = Move(PROVIDER, None, "resource.revised", effect=_revised)
SUBMIT = Move(
    PROVIDER,
    State.SUBMITTED,
    "resource.submitted",
    guards=(is_complete, can_be_coded, rests_on_what_stands),
    effect=_submitted,
)
DISCARD = Move[Version](PROVIDER, State.DISCARDED, "resource.discarded", awaited=False)
DROP = Move[Version](BY_ITSELF, State.DISCARDED, "resource.withdrawn", awaited=False)

TABLE: dict[tuple[State, Action], Move[Version]] = {
    (State.DRAFT, Action.REVISE): REVISE,
    (State.DRAFT, Action.SUBMIT): SUBMIT,
    (State.DRAFT, Action.DISCARD): DISCARD,
    (State.SUBMITTED, Action.START_REVIEW): Move(MIO, State.UNDER_REVIEW, "resource.review_started"),
    (State.SUBMITTED, Action.DISCARD): DISCARD,
    (State.UNDER_REVIEW, Action.RETURN): Move(
        reviewers, State.RETURNED, "resource.returned", effect=_returned, awaited=False
    ),
    (State.UNDER_REVIEW, Action.APPROVE): Move(
        reviewers, State.APPROVED, "resource.approved", guards=(is_commented,), effect=_approved, each_once=True
    ),
    (State.RETURNED, Action.REVISE): REVISE,
    (State.RETURNED, Action.SUBMIT): SUBMIT,
    (State.RETURNED, Action.DISCARD): DISCARD,
    (State.APPROVED, Action.PUBLISH): Move(
        MIO, State.LIVE, "resource.published", guards=(rests_on_what_stands,), effect=_published, filing=FILED
    ),
    (State.APPROVED, Action.DISCARD): DISCARD,
    (State.LIVE, Action.REVISE): REVISE,
    (State.LIVE, Action.CONFIRM): Move(PROVIDER, None, "resource.confirmed", effect=_confirmed),
    (State.LIVE, Action.ASSIGN): Move(MIO, None, "resource.assigned", guards=(has_an_owner_to_come,), effect=_assigned),
    (State.LIVE, Action.WITHDRAW): Move(
        PROVIDER | MIO, State.WITHDRAWN, "resource.withdrawn", guards=(sees_its_impact,), effect=_withdrawn
    ),
    # With the publication of the next version, and with the withdrawal of the entry: one step, one event.
    (State.LIVE, Action.SUPERSEDE): Move(BY_ITSELF, State.SUPERSEDED, "resource.published"),
    **{(state, Action.DROP): DROP for state in (State.DRAFT, State.SUBMITTED, State.UNDER_REVIEW)},
    **{(state, Action.DROP): DROP for state in (State.RETURNED, State.APPROVED)},
}

MACHINE = Machine[Version](
    name="resource",
    table=TABLE,
    relations=relations,
    initial=State.DRAFT,
    terminal=frozenset({State.SUPERSEDED, State.WITHDRAWN, State.DISCARDED}),
    resting=frozenset({State.LIVE}),
)
