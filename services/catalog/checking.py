"""From what somebody means to collect or build to a search certificate (S-069, S-070).

What could be the same comes as an argument; how it is ranked is in `similarity.py`. Pure but for fresh ids.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from services.catalog.adjudication import REVIEWERS, Judged, ruling
from services.catalog.certificate import Certificate, Hit, State, Subject
from services.catalog.likeness import DUPLICATES, Likeness, Thing
from services.catalog.scope import area_faults
from services.catalog.similarity import pair_score, ranked
from services.shared.callers import Caller, Claim
from services.shared.canonical import new_id
from services.shared.catalog_bodies import CheckRecorded
from services.shared.clocks import due
from services.shared.errors import Conflict, Forbidden, Problem, refuse_if
from services.shared.events import Event, Origin, event_of
from services.shared.model import Model
from services.shared.reference import vocabulary
from services.shared.steps import Step, step_of

CLOCK = "search_certificate"
MAX_ITEM_BYTES = 40_000  # of all names together: what is wanted of them goes into an event, and one holds 60,000 bytes
# What stands in these states is under way and in no catalogue yet; an entry under review is its unit's alone.
UNDER_WAY: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "collection": (
            "APPLIED",
            "RETURNED",
            "JOINT_REVIEW",
            "COORDINATION",
            "ESCALATED",
            "DECLINED",
            "DESIGNATED",
            "REGISTERED",
        ),
        "database": ("PLANNED", "APPROVED_TO_BUILD"),
    }
)


class Candidate(NamedTuple):
    """Something that stands in a catalogue, or is applied for (`open`)."""

    kind: str
    id: str
    title: str
    unit: str
    thing: Thing
    open: bool = False


class Searched(NamedTuple):
    """What the two searches look through, the number of the last change that they can have seen, and what is judged.

    `judged` are the reviewers' verdicts about the subject, by the id of what it was compared with.
    """

    collections: Sequence[Candidate]
    catalogue: Sequence[Candidate]
    version: int
    judged: Mapping[str, Judged] = MappingProxyType({})


def issue(subject: Subject, searched: Searched, caller: Caller, at: datetime) -> Step[Certificate]:
    """Return a new certificate of the caller's unit, valid by the clock `search_certificate`.

    Raises Forbidden without the officer's role, Invalid with everything wrong with the subject at once.
    """
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may search for what is already there")
    refuse_if(_subject_faults(subject), "the search is not valid")
    wanted, until = thing_wanted(subject, caller.organisation), due(CLOCK, at)
    if until is None:
        raise Conflict("no profile says for how long a search certificate is valid")
    certificate = Certificate(
        id=new_id(),
        state=State.ISSUED,
        version=1,
        case_seq=1,
        changed_at=at,
        unit=caller.organisation,
        subject=subject,
        catalogue_version=searched.version,
        collection_hits=tuple(_hits(wanted, searched.collections, searched.judged)),
        catalogue_hits=tuple(_hits(wanted, searched.catalogue, searched.judged)),
        issued_at=at,
        expires_at=until.due_at,
    )
    body = CheckRecorded(
        unit=certificate.unit,
        intent=subject.intent,
        evidence_hash=certificate.evidence_hash,
        catalogue_version=certificate.catalogue_version,
        strong=len(certificate.undecided),
        expires_at=certificate.expires_at,
    )
    return step_of(certificate, event_for("check.recorded", body, certificate, caller, at))


def event_for(kind: str, body: Model, certificate: Certificate, caller: Caller, at: datetime) -> Event:
    """Return an event of a certificate; its unit and the reviewers read it."""
    origin = Origin(certificate.id, certificate.case_seq, caller.organisation, caller.officer, at)
    return event_of(kind, body, origin, parties=(certificate.unit, *REVIEWERS))


def _subject_faults(subject: Subject) -> Iterator[Problem]:
    yield from area_faults(subject.areas, "/areas")
    if subject.basic_class and not vocabulary().basic_classes.has(subject.basic_class):
        yield Problem(pointer="/basic_class", detail="not a code of the list basic_classes in /catalog/vocabulary")
    if sum(len(item.encode()) for item in subject.items) > MAX_ITEM_BYTES:
        yield Problem(pointer="/items", detail=f"the items' names are over {MAX_ITEM_BYTES} bytes together")


def thing_wanted(subject: Subject, unit: str) -> Thing:
    """Return what a unit means to collect or build, as it is compared."""
    return Thing(subject.name, subject.items, unit, subject.basic_class, subject.areas)


def _hits(wanted: Thing, candidates: Sequence[Candidate], judged: Mapping[str, Judged]) -> Iterator[Hit]:
    """Yield what reviewers decided about, however unlike it is, and then what is most like the subject."""
    decided = [candidate for candidate in candidates if candidate.id in judged]
    others = [candidate for candidate in candidates if candidate.id not in judged]
    likely = [(others[match.place], match.likeness) for match in ranked(wanted, [each.thing for each in others])]
    first = sorted(((each, pair_score(wanted, each.thing)) for each in decided), key=lambda each: -each[1].score)
    for rank, (candidate, likeness) in enumerate([*first, *likely], 1):
        yield _hit(rank, candidate, likeness, judged.get(candidate.id), own=candidate.unit == wanted.provider)


def _hit(rank: int, candidate: Candidate, likeness: Likeness, judged: Judged | None, *, own: bool) -> Hit:
    verdict = judged.verdict if judged else likeness.verdict
    standing = ("正在办理,尚未公布 / under way, not published yet",) if candidate.open else ()
    mine = ("本单位自有,无须决定 / your own, nothing to decide",) if own else ()
    ruled = (ruling(verdict),) if judged else ()
    return Hit(
        rank=rank,
        kind=candidate.kind,
        id=candidate.id,
        title=candidate.title,
        provider=candidate.unit,
        score=likeness.score,
        strong=verdict in DUPLICATES and not own,
        reasons=(*ruled, *likeness.reasons, *standing, *mine),
        verdict=verdict,
        judged=judged.adjudication if judged else None,
    )
