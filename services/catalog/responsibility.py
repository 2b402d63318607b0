"""The life of a collection responsibility: machine B as a table.

It knows no table of items and no HTTP, and not that a step may move several cases at once: the steps do. Beyond B's
rows a draft or returned case can be written anew (`revise`), and what B says in a guard or effect is a row of its own:
`be_heard` (every claimant heard), `redirect` (the others of a settlement), `call_in` (the rivals of a contest).
"""

from services.catalog import collection_effects as effects
from services.catalog import collection_guards as guards
from services.catalog.collection import ENDED, Action, Collection, State
from services.shared.callers import SYSTEM, Caller
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Machine, Move, Party
from services.shared.organisations import LEADING_GROUP, OFFICE, STATISTICS_BUREAU

UNIT, MIO = frozenset({Party.UNIT}), frozenset({Party.OFFICE})
KEYS = frozenset({Party.OFFICE, Party.STATISTICS})
GROUP, BY_ITSELF = frozenset({Party.LEADING_GROUP}), frozenset({Party.SYSTEM})
FILED = Filing(kind=FilingKind.COLLECTION, authority=OFFICE)


def parties_of(collection: Collection) -> dict[Party, str]:
    """Return which organisation is which party to a case."""
    return {
        Party.UNIT: collection.unit,
        Party.OFFICE: OFFICE,
        Party.STATISTICS: STATISTICS_BUREAU,
        Party.LEADING_GROUP: LEADING_GROUP,
    }


def relations(collection: Collection, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to a case."""
    if caller == SYSTEM:
        return BY_ITSELF
    return frozenset(party for party, code in parties_of(collection).items() if code == caller.organisation)


REVISE = Move[Collection](UNIT, None, "collection.revised", effect=effects.revised)
APPLY = Move(UNIT, State.APPLIED, "collection.applied", guards=(guards.may_be_applied_for,), effect=effects.applied)
WITHDRAW = Move[Collection](UNIT, State.WITHDRAWN, "collection.withdrawn", awaited=False)
OPEN_COORDINATION = Move(
    MIO,
    State.COORDINATION,
    "collection.coordination_opened",
    guards=(guards.two_claims_at_least,),
    effect=effects.unheard,
    awaited=False,
)
# With the contest of a rival's claim: it was declined, and both are heard again.
CALL_IN = Move(BY_ITSELF, State.COORDINATION, "collection.coordination_opened", effect=effects.unheard, awaited=False)
SETTLING = (guards.every_claimant_heard, guards.settles_them_all)
RULING = (guards.settles_them_all,)

TABLE: dict[tuple[State, Action], Move[Collection]] = {
    (State.DRAFT, Action.REVISE): REVISE,
    (State.DRAFT, Action.APPLY): APPLY,
    (State.RETURNED, Action.REVISE): REVISE,
    (State.RETURNED, Action.APPLY): APPLY,
    (State.APPLIED, Action.START_REVIEW): Move(
        MIO, State.JOINT_REVIEW, "collection.review_started", guards=(guards.no_open_conflict,)
    ),
    (State.APPLIED, Action.OPEN_COORDINATION): OPEN_COORDINATION,
    (State.APPLIED, Action.CALL_IN): CALL_IN,
    (State.JOINT_REVIEW, Action.OPEN_COORDINATION): OPEN_COORDINATION,
    (State.JOINT_REVIEW, Action.CALL_IN): CALL_IN,
    (State.JOINT_REVIEW, Action.RETURN): Move(
        KEYS, State.RETURNED, "collection.returned", effect=effects.returned, awaited=False
    ),
    (State.JOINT_REVIEW, Action.APPROVE): Move(
        KEYS, State.DESIGNATED, "collection.approved", effect=effects.approved, each_once=True
    ),
    (State.JOINT_REVIEW, Action.DECLINE): Move(
        KEYS, State.DECLINED, "collection.declined", effect=effects.declined, awaited=False
    ),
    (State.COORDINATION, Action.BE_HEARD): Move(UNIT, None, "collection.heard", effect=effects.heard, each_once=True),
    (State.COORDINATION, Action.SETTLE): Move(
        MIO, State.DESIGNATED, "collection.settled", guards=SETTLING, effect=effects.designated
    ),
    (State.COORDINATION, Action.REDIRECT): Move(
        MIO, State.REDIRECTED, "collection.settled", effect=effects.redirected, awaited=False
    ),
    (State.COORDINATION, Action.ESCALATE): Move(
        MIO, State.ESCALATED, "collection.escalated", effect=effects.escalated, awaited=False
    ),
    (State.ESCALATED, Action.RULE): Move(
        GROUP, State.DESIGNATED, "collection.ruled", guards=RULING, effect=effects.designated
    ),
    (State.ESCALATED, Action.REDIRECT): Move(
        GROUP, State.REDIRECTED, "collection.ruled", effect=effects.redirected, awaited=False
    ),
    (State.ESCALATED, Action.REMAND): Move(GROUP, State.COORDINATION, "collection.remanded", awaited=False),
    (State.DECLINED, Action.CONTEST): Move(
        UNIT, State.COORDINATION, "collection.contested", guards=(guards.not_too_many,), effect=effects.unheard
    ),
    (State.DECLINED, Action.ACCEPT): Move(UNIT, State.REJECTED, "collection.decline_accepted"),
    (State.DESIGNATED, Action.REGISTER): Move(
        MIO,
        State.REGISTERED,
        "collection.registered",
        guards=(guards.holds_its_ground,),
        effect=effects.registered,
        filing=FILED,
    ),
    (State.REGISTERED, Action.PUBLISH): Move(MIO, State.PUBLISHED, "collection.published", effect=effects.published),
    (State.PUBLISHED, Action.REVISE): Move(
        UNIT, None, "collection.revised", guards=(guards.may_be_revised,), effect=effects.revised
    ),
    (State.PUBLISHED, Action.TRANSFER): Move(
        KEYS,
        State.TRANSFERRED,
        "collection.transferred",
        guards=(guards.goes_to_its_successor,),
        effect=effects.transferred,
        each_once=True,
    ),
    (State.PUBLISHED, Action.REVOKE): Move(
        MIO, State.REVOKED, "collection.revoked", guards=(guards.known_basis,), effect=effects.revoked
    ),
    (State.PUBLISHED, Action.EXPIRE): Move(BY_ITSELF, State.EXPIRED, "collection.expired"),
    **{
        (state, Action.WITHDRAW): WITHDRAW
        for state in (
            *(State.DRAFT, State.APPLIED, State.RETURNED, State.JOINT_REVIEW),
            *(State.COORDINATION, State.DECLINED),
        )
    },
}

MACHINE = Machine[Collection](
    name="collection",
    table=TABLE,
    relations=relations,
    initial=State.DRAFT,
    terminal=ENDED,
    resting=frozenset({State.PUBLISHED}),
)
