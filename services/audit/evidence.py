"""Sealed evidence for an accountability case (S-105, S-106): what is sealed, by whom, and what must be so. Pure.

The bundle itself is a file in the hands of who made it; the ledger holds its hash.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import AwareDatetime, Field, StringConstraints

from services.shared.callers import Caller, Claim
from services.shared.errors import Forbidden, Problem
from services.shared.model import Model
from services.shared.organisations import OFFICE, SECRECY_BUREAU, SUPERVISION_BUREAU, organisation
from services.shared.texts import Code

MOST_NAMED = 50  # units, and cases, in one bundle
MOST_ENTRIES = 2**53

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(strict=True, ge=1, le=MOST_ENTRIES)]
Codes = Annotated[tuple[Code, ...], Field(max_length=MOST_NAMED)]


class Ground(StrEnum):
    """What somebody is held to account for."""

    DUTY = "duty"  # duties that were not carried out (S-105)
    LEAK = "leak"  # secrets that were let out (S-106)


SEALERS: Mapping[Ground, frozenset[str]] = {
    Ground.DUTY: frozenset({SUPERVISION_BUREAU, OFFICE}),
    Ground.LEAK: frozenset({SUPERVISION_BUREAU, OFFICE, SECRECY_BUREAU}),
}
BUREAUS = frozenset().union(*SEALERS.values())
SEALING = frozenset({Claim.OFFICER, Claim.APPROVER})


class Sealing(Model):
    """What is to be sealed: a bundle of `entries` from `cases`, all of whose proofs lead to `checkpoint_size`.

    `manifest_sha256` is of the bag's tag manifest, which binds every file in it; `units` are those under inquiry.
    """

    accountability_case: Code
    ground: Ground
    units: Codes
    cases: Codes
    entries: Count
    checkpoint_size: Count
    manifest_sha256: Sha256


class Evidence(Sealing):
    """A sealed bundle: who sealed it, when, and the event that the ledger files of it."""

    id: str
    sealed_by: str
    sealed_at: AwareDatetime
    event_id: str


class EvidenceView(Evidence):
    """A sealed bundle as it is shown, with the address of the seal's receipt."""

    receipt: str


class EvidencePage(Model):
    """A page of an accountability case's sealed bundles, in the order of their sealing."""

    items: tuple[EvidenceView, ...]
    next: str | None


class Given(NamedTuple):
    """What the ledger says beside: its published size, and which of the named cases the caller's bureau may read."""

    published_size: int
    readable: frozenset[str]


def check_may_seal(ground: Ground, caller: Caller) -> None:
    """Raise Forbidden unless the caller is an officer or approver of a bureau that seals evidence on this ground."""
    if caller.organisation not in SEALERS[ground] or not caller.claims & SEALING:
        raise Forbidden(
            "由市监察、信息化主管部门（泄密案件另含保密部门）的工作人员封存 / "
            f"evidence on the ground {ground} is sealed by officers of {', '.join(sorted(SEALERS[ground]))}"
        )


def faults(asked: Sealing, given: Given) -> Iterator[Problem]:
    """Yield everything that speaks against a sealing."""
    yield from _named_once("units", asked.units)
    yield from _named_once("cases", asked.cases)
    for place, unit in enumerate(asked.units):
        if organisation(unit) is None:
            yield Problem(pointer=f"/units/{place}", detail="没有此单位 / there is no such organisation")
    for place, case in enumerate(asked.cases):
        if case not in given.readable:
            yield Problem(pointer=f"/cases/{place}", detail="账本中没有此案 / the ledger has no such case")
    if asked.entries < len(asked.cases):
        yield Problem(pointer="/entries", detail="每案至少一条 / each case has an entry at least")
    if asked.entries > asked.checkpoint_size:
        yield Problem(pointer="/entries", detail="多于检查点 / more than the checkpoint covers")
    if asked.checkpoint_size > given.published_size:
        detail = f"账本现有{given.published_size}条 / the log has {given.published_size} entries"
        yield Problem(pointer="/checkpoint_size", detail=detail)


def view_of(evidence: Evidence) -> EvidenceView:
    """Return a sealed bundle as it is shown."""
    return EvidenceView(**evidence.model_dump(), receipt=f"/audit/receipts/{evidence.event_id}")


def _named_once(name: str, codes: tuple[str, ...]) -> Iterator[Problem]:
    if not codes:
        yield Problem(pointer=f"/{name}", detail="至少一项 / name one at least")
    for place, code in enumerate(codes):
        if code in codes[:place]:
            yield Problem(pointer=f"/{name}/{place}", detail="重复 / named before")
