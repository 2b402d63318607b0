"""What each type of event of checks and figures carries: codes, titles, numbers and hashes; never free text."""

from datetime import date

from pydantic import AwareDatetime

from services.shared.event_bodies import ReuseWanted
from services.shared.model import Model


class CheckRecorded(Model):
    """A search certificate: `evidence_hash` binds what was looked for and found, `strong` counts what needs a decision.

    `catalogue_version` is the number of the last change of the public catalogues that the search could see.
    """

    unit: str
    intent: str
    evidence_hash: str
    catalogue_version: int
    strong: int
    expires_at: AwareDatetime


class HitReused(Model):
    """A hit of a certificate is reused: the sharing request that is wanted."""

    unit: str
    hit: str
    wanted: ReuseWanted


class HitJustified(Model):
    """A hit of a certificate is no reason to stop; the reason is in the payload."""

    unit: str
    hit: str


class Adjudicated(Model):
    """What reviewers decided about two things, by the keys that tell them; the reason is in the payload."""

    one: str
    other: str
    verdict: str
    by: str


class FigureMoved(Model):
    """A step in the life of a figure's version; `definition_hash` is the hash of what the version says."""

    state: str
    unit: str
    figure_version: int
    definition_hash: str


class FigurePublished(FigureMoved):
    """A figure as it now stands: `authority` is whose number counts, `updated` a day."""

    name: str
    authority: str
    cycle: str
    updated: date


class CollectionMoved(Model):
    """A step in the life of a collection responsibility; `statement_hash` is the hash of what it says.

    `title` is the basic item, `rivals` are the cases whose claims conflicted with this one when the step was taken,
    `number` its number in the register once it has one. `edition` counts what the published duty has said.
    """

    state: str
    unit: str
    title: str
    basic_class: str | None
    areas: tuple[str, ...]
    edition: int
    statement_hash: str
    rivals: tuple[str, ...] = ()
    number: str | None = None


class CollectionSettled(CollectionMoved):
    """What a settlement or a ruling made of every claimant: cases by id."""

    designated: tuple[str, ...]
    redirected: tuple[str, ...]


class CollectionTransferred(CollectionMoved):
    """A duty that went over to another unit's case, or a key given for that; `successor` is that case."""

    successor: str


class CollectionRevoked(CollectionMoved):
    """A duty that was taken away: the clause it rests on. The reason is in the payload."""

    instrument: str
    clause: str
