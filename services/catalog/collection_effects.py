"""What a step changes in a collection responsibility beyond its state. Pure; each effect returns a changed copy."""

from typing import TYPE_CHECKING

from services.catalog.collection import Collection, Decline, Pending, State
from services.catalog.reviewing import Review
from services.shared.lifecycle import Act, Party

if TYPE_CHECKING:
    from services.catalog.collection_acts import Revoked, Settled
    from services.catalog.reviewing import Commented, Declined


def revised(collection: Collection, act: Act) -> Collection:
    """Replace what a draft says; of a published duty, put what it is to say next under review beside it."""
    statement = act.body.kept()
    if collection.state is State.PUBLISHED:
        return collection.model_copy(update={"pending": Pending(statement=statement, state=State.JOINT_REVIEW)})
    return collection.model_copy(update={"statement": statement})


def applied(collection: Collection, act: Act) -> Collection:
    """Make it known, with the claims that conflict with it; an earlier review's words are over."""
    rivals = tuple(claim.id for claim in act.given.book.rivals_of(collection))
    fresh: dict[str, object] = {"reviews": (), "gaps": (), "declined": None}
    return collection.model_copy(update={"applied_at": act.at, "rivals": rivals, **fresh})


def unheard(collection: Collection, _: Act) -> Collection:
    """Begin a coordination: nobody was heard yet, and no key was given."""
    return collection.model_copy(update={"heard_at": None, "reviews": ()})


def heard(collection: Collection, act: Act) -> Collection:
    """Note that the claimant said what it has to say."""
    return collection.model_copy(update={"heard_at": act.at})


def escalated(collection: Collection, act: Act) -> Collection:
    """Bring the case before the leading group."""
    return collection.model_copy(update={"escalated_at": act.at})


def designated(collection: Collection, act: Act) -> Collection:
    """Make the unit the collector, for the part of its scope that the settlement gives it."""
    body: Settled = act.body
    areas = (body.split or {}).get(collection.id, collection.statement.areas)
    statement = collection.statement.model_copy(update={"areas": areas})
    return collection.model_copy(update={"statement": statement, "designated_at": act.at})


def redirected(collection: Collection, act: Act) -> Collection:
    """Keep which cases were designated instead."""
    return collection.model_copy(update={"redirected_to": tuple(sorted(act.body.chosen))})


def returned(collection: Collection, act: Act) -> Collection:
    """Keep every gap that a reviewer found; both keys start anew."""
    return collection.model_copy(update={"gaps": act.body.gaps, "reviews": ()})


def approved(collection: Collection, act: Act) -> Collection:
    """Keep one key's comment; with the second the unit is designated."""
    body: Commented = act.body
    approval = Review(party=_party(act), officer=act.caller.officer, comment=body.comment, at=act.at)
    reviews = (*collection.reviews, approval)
    both = {given.party for given in reviews} >= {Party.OFFICE, Party.STATISTICS}
    return collection.model_copy(
        update={"reviews": reviews, "designated_at": act.at if both else collection.designated_at}
    )


def declined(collection: Collection, act: Act) -> Collection:
    """Keep who declined, why and on what evidence."""
    body: Declined = act.body
    decline = Decline(party=_party(act), reason=body.reason, evidence=body.evidence, at=act.at)
    return collection.model_copy(update={"declined": decline, "reviews": ()})


def registered(collection: Collection, act: Act) -> Collection:
    """Note its number, and the day it came into the register."""
    return collection.model_copy(update={"number": act.given.number, "registered_at": act.at})


def published(collection: Collection, act: Act) -> Collection:
    """Note the day it was made public (S-049)."""
    return collection.model_copy(update={"published_at": act.at, "edition_at": act.at})


def transferred(collection: Collection, act: Act) -> Collection:
    """Keep which case it goes over to."""
    return collection.model_copy(update={"successor": act.body.successor})


def revoked(collection: Collection, act: Act) -> Collection:
    """Keep on which clause it was taken away, and why."""
    body: Revoked = act.body
    return collection.model_copy(update={"basis": body.basis, "reason": body.reason})


def _party(act: Act) -> Party:
    if act.party is None:
        raise ValueError("an effect needs an act whose party is known")
    return act.party
