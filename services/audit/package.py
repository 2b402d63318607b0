"""An archive package: the record of it, and how a case becomes the bag that the archives are handed (S-036). Pure.

The bag is a function of the case as filed and of the moment it was made: whoever has the log can make it again, byte
for byte.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from pydantic import AwareDatetime

from services.audit.bags import Bag, bag_of, unzipped, zipped
from services.audit.casefile import CaseFile, entry_name, receipt_name
from services.audit.eep import Face, encapsulated, kept_for
from services.audit.four_properties import CheckCode, CheckReport, report_of
from services.audit.package_content import CHECKPOINT, EEP, REPORT, Content
from services.audit.retention import Standing, class_named
from services.audit.verify.checkpoint import parse_checkpoint
from services.audit.verify.note import parse_note
from services.audit.verify.policy import Policy
from services.shared.canonical import canonical
from services.shared.lifecycle import Record
from services.shared.organisations import OFFICE, name_at, organisation
from services.shared.working_days import day_in_beijing

AGENT = "govshare"


class State(StrEnum):
    """Where a package stands; TRANSFERRED is the end."""

    PREPARED = "PREPARED"
    RETURNED = "RETURNED"
    TRANSFERRED = "TRANSFERRED"


class Package(Record):
    """A package of the case `archived_case`, as it was after its first `entries` entries.

    `manifest_sha256` is of the bag's tag manifest and binds every byte of it; `size` is the zip's. A case that went on
    after its package was handed over gets another one, of the next `edition`, that `supersedes` the first. `failed` are
    the checks for which the archives returned it, `transfer` the event by which they received it.
    """

    state: State
    archived_case: str
    edition: int
    supersedes: str | None
    retention_class: str
    years: int
    entries: int
    settled_seq: int
    checkpoint_size: int
    manifest_sha256: str
    size: int
    prepared_at: AwareDatetime
    report: CheckReport
    failed: tuple[CheckCode, ...] = ()
    transfer: str | None = None


class Made(NamedTuple):
    """A bag that was made: its zip, the SHA-256 of its tag manifest, its report, and the case as it then stood."""

    body: bytes
    manifest_sha256: str
    report: CheckReport
    standing: Standing
    checkpoint_size: int


def package_id(case: str, edition: int) -> str:
    """Return the id of a case's package of an edition, counted from 1: always the same."""
    return str(uuid5(NAMESPACE_URL, f"urn:govshare:archive:{case}#{edition}"))


def make(file: CaseFile, face: Face, policy: Policy) -> Made:
    """Return the bag of a case, checked as it will be handed over. Raises ValueError for a case without entries.

    Its report lies in it, and is made of the bag without the report; no check looks at what the report says.
    """
    if file.standing is None:
        raise ValueError("a package of nothing")
    parts, info = _parts(file, face), _info(file.standing, face)
    report = report_of(_content(bag_of(face.id, parts, info), file, policy))
    bag = bag_of(face.id, parts | {REPORT: canonical(report)}, info)
    body = zipped(bag)
    return Made(
        body=body,
        manifest_sha256=bag.manifest_sha256,
        report=report_of(_content(unzipped(body), file, policy)),
        standing=file.standing,
        checkpoint_size=parse_checkpoint(parse_note(file.checkpoint).text).size,
    )


def _content(bag: Bag, file: CaseFile, policy: Policy) -> Content:
    return Content(bag=bag, case=file.case, head=file.head, policy=policy)


def _parts(file: CaseFile, face: Face) -> dict[str, bytes]:
    entries = {entry_name(each.told.case_seq): each.entry for each in file.filed}
    receipts = {receipt_name(each.told.case_seq): each.receipt for each in file.filed}
    return entries | receipts | {CHECKPOINT: file.checkpoint, EEP: encapsulated(file, face)}


def _info(standing: Standing, face: Face) -> dict[str, str]:
    kind, years = class_named(standing.retention_class), standing.years
    kept = f"保管期限{kept_for(years)} / kept {f'for {years} years' if years else 'for ever'}"
    return {
        "Source-Organization": _office(face.created_at),
        "External-Identifier": face.id,
        "External-Description": f"{kind.zh}归档包，{kept} / archive package: {kind.en}",
        "Bagging-Date": day_in_beijing(face.created_at).isoformat(),
        "Bag-Group-Identifier": kind.code,
        "Internal-Sender-Identifier": standing.case,
        "Internal-Sender-Description": f"{kind.zh} {standing.case}",
        "Bag-Software-Agent": AGENT,
    }


def _office(at: datetime) -> str:
    body = organisation(OFFICE)
    if body is None:
        return OFFICE
    name = name_at(body, day_in_beijing(at))
    return f"{name.zh} / {name.en}"
