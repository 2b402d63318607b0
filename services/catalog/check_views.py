"""What a caller sees of a search certificate: the evidence, what was decided, and what is left to decide. Pure."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime

from services.catalog.certificate import Certificate, Decision, Hit, Intent, State, Subject
from services.catalog.deciding import MACHINE
from services.catalog.search import provider_name
from services.shared.callers import Caller
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.views import Waiting


class HitView(Hit):
    """A hit with its address, its provider's name, and what was decided about it."""

    href: str
    provider_name: str
    decision: Decision | None


class CheckView(Model):
    """A certificate; `undecided` are the strong hits that keep it from being cited, `due_at` is when it expires.

    `evidence_hash` is the SHA-256 of the canonical JSON of subject, hits and `catalogue_version`, a hit's `verdict` and
    `judged` left out where they are null; the ledger's entry holds it.
    """

    id: str
    version: int
    state: State
    unit: str
    unit_name: str
    subject: Subject
    catalogue_version: int
    collection_hits: tuple[HitView, ...]
    catalogue_hits: tuple[HitView, ...]
    undecided: tuple[str, ...]
    evidence_hash: str
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    expired: bool
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime
    actions: tuple[str, ...]
    filing: None = None
    changed_at: AwareDatetime


class CheckLine(Model):
    """A certificate in its unit's list."""

    id: str
    state: State
    intent: Intent
    name: str
    undecided: int
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    changed_at: AwareDatetime


class CheckPage(Model):
    """A page of a unit's certificates, latest change first."""

    items: tuple[CheckLine, ...]
    next: str | None


def view_of(certificate: Certificate, caller: Caller, at: datetime) -> CheckView:
    """Return a certificate as this caller sees it now."""
    expired = certificate.expires_at <= at
    waiting = Waiting(party=Party.UNIT, organisation=certificate.unit)
    same = CheckView.model_fields.keys() & Certificate.model_fields.keys() - {"collection_hits", "catalogue_hits"}
    return CheckView(
        **certificate.model_dump(include=same),
        unit_name=provider_name(certificate.unit, at),
        collection_hits=_hit_views(certificate, certificate.collection_hits, at),
        catalogue_hits=_hit_views(certificate, certificate.catalogue_hits, at),
        undecided=tuple(hit.id for hit in certificate.undecided),
        evidence_hash=certificate.evidence_hash,
        expired=expired,
        awaiting=(waiting,) if certificate.undecided and not expired else (),
        due_at=certificate.expires_at,
        actions=() if expired or _all_decided(certificate) else MACHINE.actions_for(certificate, caller),
    )


def line_of(certificate: Certificate) -> CheckLine:
    """Return a certificate as it stands in a list."""
    same = CheckLine.model_fields.keys() & Certificate.model_fields.keys()
    return CheckLine(
        **certificate.model_dump(include=same),
        intent=certificate.subject.intent,
        name=certificate.subject.name,
        undecided=len(certificate.undecided),
    )


def _all_decided(certificate: Certificate) -> bool:
    return len(certificate.decisions) == len(certificate.hits)


def _hit_views(certificate: Certificate, hits: Sequence[Hit], at: datetime) -> tuple[HitView, ...]:
    decided = {decision.hit: decision for decision in certificate.decisions}
    return tuple(
        HitView(
            **hit.model_dump(),
            href=f"/catalog/{hit.kind}s/{hit.id}",
            provider_name=provider_name(hit.provider, at),
            decision=decided.get(hit.id),
        )
        for hit in hits
    )
