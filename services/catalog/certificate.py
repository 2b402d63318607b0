"""The search certificate: that somebody looked for what is already there before collecting or building.

A value and its rules: what was looked for, what was found, what was decided about each strong hit, and until when it
may be cited (S-069 to S-071). How the search itself ranks is in `similarity.py`.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.catalog.likeness import Verdict
from services.catalog.metadata import folded
from services.shared.callers import Caller
from services.shared.canonical import digest
from services.shared.errors import Problem
from services.shared.lifecycle import Party, Record
from services.shared.model import Model
from services.shared.organisations import LEADING_GROUP, OFFICE, STATISTICS_BUREAU
from services.shared.texts import Code, Line, Text

EVIDENCE = {"subject", "collection_hits", "catalogue_hits", "catalogue_version"}
SAID_LATER = {"verdict", "judged"}  # of a hit: not in the hash of one that was filed before it said so
# Who reviews or rules on what cites a certificate.
REVIEW = {Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU, Party.LEADING_GROUP: LEADING_GROUP}


class Intent(StrEnum):
    """What somebody means to do."""

    COLLECTION = "collection"
    DATABASE = "database"


class Subject(Model):
    """What is to be collected or built: its name, its data items by name, and the areas it covers (GB/T 2260)."""

    intent: Intent
    name: Line
    basic_class: Code | None = None
    items: Annotated[tuple[Line, ...], Field(max_length=500)] = ()
    areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]


class Hit(Model):
    """One thing that was found: `kind` as in its address, `score` 0 to 100, and why in words a clerk understands.

    `verdict` is what it is to the subject: what a reviewer decided in the adjudication `judged`, else what the scores
    say. A `strong` hit must be reused or justified before the certificate can be cited.
    """

    rank: int
    kind: str
    id: str
    title: str
    provider: str
    score: int
    strong: bool
    reasons: tuple[str, ...]
    verdict: Verdict | None = None
    judged: str | None = None


class Choice(StrEnum):
    """What is done about a hit."""

    REUSE = "reuse"
    JUSTIFY = "justify"


class Decision(Model):
    """What was decided about one hit; a reuse names the sharing request that it made, a justification its reason."""

    hit: str
    choice: Choice
    reason: Text | None = None
    request: str | None = None
    officer: str
    at: AwareDatetime


class State(StrEnum):
    """A certificate does not move; it expires by its own day."""

    ISSUED = "ISSUED"


class Certificate(Record):
    """A certificate of one unit for one subject; `catalogue_version` is the number of the change last seen."""

    state: State
    unit: str
    subject: Subject
    catalogue_version: int
    collection_hits: tuple[Hit, ...]
    catalogue_hits: tuple[Hit, ...]
    decisions: tuple[Decision, ...] = ()
    issued_at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Both searches' hits: the collection-responsibility catalogue's first."""
        return self.collection_hits + self.catalogue_hits

    @property
    def undecided(self) -> tuple[Hit, ...]:
        """The strong hits that nothing was decided about."""
        decided = {decision.hit for decision in self.decisions}
        return tuple(hit for hit in self.hits if hit.strong and hit.id not in decided)

    @property
    def evidence_hash(self) -> str:
        """The hash of what was looked for and found: what the ledger's entry binds (RFC 8785, SHA-256).

        A `verdict` or `judged` that a hit does not have is not in it.
        """
        said = self.model_dump(mode="json", include=EVIDENCE)
        for hit in (*said["collection_hits"], *said["catalogue_hits"]):
            for name in SAID_LATER & {name for name, value in hit.items() if value is None}:
                del hit[name]
        return digest(said)


def relations(certificate: Certificate, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to a certificate."""
    codes = {Party.UNIT: certificate.unit, **REVIEW}
    return frozenset(party for party, code in codes.items() if code == caller.organisation)


def follows(certificate: Certificate, caller: Caller) -> bool:
    """Return whether a caller may read a certificate: its unit, and who reviews or rules on what cites it."""
    return bool(relations(certificate, caller))


def certificate_faults(
    certificate: Certificate | None, subject: Subject, *, unit: str, at: datetime
) -> Iterator[Problem]:
    """Yield why a certificate does not allow its unit to file `subject` now; pointers name the field `certificate`."""
    if certificate is None or certificate.unit != unit:
        yield _fault("须引用本单位的查重证明 / cite a search certificate of your own unit (POST /catalog/checks)")
        return
    if certificate.expires_at <= at:
        yield _fault("查重证明已过期 / the search certificate has expired")
    if not covers(certificate.subject, subject):
        yield _fault("查重证明不包括这一内容 / the certificate is not for this name, these items and these areas")
    for hit in certificate.undecided:
        yield _fault(f"尚未决定复用或说明理由:{hit.title} / neither reused nor justified: {hit.id}")


def covers(checked: Subject, wanted: Subject) -> bool:
    """Return whether what was looked for includes what is wanted: the same intent and name, no other item or area."""
    same = (checked.intent, _plain(checked.name), checked.basic_class)
    items = {_plain(item) for item in checked.items}
    return (
        same == (wanted.intent, _plain(wanted.name), wanted.basic_class)
        and {_plain(item) for item in wanted.items} <= items
        and set(wanted.areas) <= set(checked.areas)
    )


def _plain(text: str) -> str:
    return "".join(folded(text).split())


def _fault(detail: str) -> Problem:
    return Problem(pointer="/certificate", detail=detail)
