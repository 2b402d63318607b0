"""From what somebody means to collect or build to a search certificate (S-069, S-070).

What is searched comes as an argument; how it is ranked is in `similarity.py`. Pure but for fresh ids.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from services.catalog.certificate import Certificate, Hit, State, Subject
from services.catalog.scope import area_faults
from services.catalog.similarity import Match, Thing, ranked
from services.shared.callers import Caller, Claim
from services.shared.canonical import new_id
from services.shared.catalog_bodies import CheckRecorded
from services.shared.clocks import due
from services.shared.errors import Conflict, Forbidden, Problem, refuse_if
from services.shared.events import Event, Origin, event_of
from services.shared.model import Model
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from services.shared.reference import vocabulary
from services.shared.steps import Step, step_of

CLOCK = "search_certificate"
MAX_ITEM_BYTES = 40_000  # of all names together: what is wanted of them goes into an event, and one holds 60,000 bytes
REVIEWERS = (OFFICE, STATISTICS_BUREAU)  # of what cites a certificate


class Candidate(NamedTuple):
    """Something that stands in a catalogue, or is applied for (`open`)."""

    kind: str
    id: str
    title: str
    unit: str
    thing: Thing
    open: bool = False


class Searched(NamedTuple):
    """What the two searches look through, and the number of the last change that they can have seen."""

    collections: Sequence[Candidate]
    catalogue: Sequence[Candidate]
    version: int


def issue(subject: Subject, searched: Searched, caller: Caller, at: datetime) -> Step[Certificate]:
    """Return a new certificate of the caller's unit, valid by the clock `search_certificate`.

    Raises Forbidden without the officer's role, Invalid with everything wrong with the subject at once.
    """
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may search for what is already there")
    refuse_if(_subject_faults(subject), "the search is not valid")
    until = due(CLOCK, at)
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
        collection_hits=tuple(_hits(subject, searched.collections, caller.organisation)),
        catalogue_hits=tuple(_hits(subject, searched.catalogue, caller.organisation)),
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


def _hits(subject: Subject, candidates: Sequence[Candidate], unit: str) -> Iterator[Hit]:
    wanted = Thing(subject.name, subject.items, unit, subject.basic_class, subject.areas)
    for rank, match in enumerate(ranked(wanted, [candidate.thing for candidate in candidates]), 1):
        yield _hit(rank, candidates[match.place], match, unit)


def _hit(rank: int, candidate: Candidate, match: Match, unit: str) -> Hit:
    own = candidate.unit == unit
    standing = ("正在办理,尚未公布 / under way, not published yet",) if candidate.open else ()
    mine = ("本单位自有,无须决定 / your own, nothing to decide",) if own else ()
    return Hit(
        rank=rank,
        kind=candidate.kind,
        id=candidate.id,
        title=candidate.title,
        provider=candidate.unit,
        score=match.likeness.score,
        strong=match.likeness.strong and not own,
        reasons=(*match.likeness.reasons, *standing, *mine),
    )
