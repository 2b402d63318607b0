"""Makers for tests of archive packages: closed cases as events and as files, their bags, and bags spoilt on purpose."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT_ID

from services.audit import listen
from services.audit.bags import Bag, bag_of, unzipped
from services.audit.casefile import CaseFile, FiledEntry
from services.audit.chain import CaseHead
from services.audit.eep import Face
from services.audit.entry import entry_of, mark_of
from services.audit.four_properties import CheckReport, report_of
from services.audit.package import Made, make, package_id
from services.audit.package_content import REPORT, Content
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.policy import Policy
from services.shared.canonical import new_id
from services.shared.events import EVENT_TYPES, Event, Filing, FilingKind, Origin
from services.shared.organisations import OFFICE
from tests.filing import NOON, PROVIDER, REQUESTER, a_sequencer, prepare_ledger, take_in
from tests.stack import empty, undone
from tests.support import Pump
from tests.unit.ledger_makers import a_checkpoint, a_policy, a_receipt

FILED = Filing(kind=FilingKind.REQUEST, authority=OFFICE)
SIDES: dict[str, Any] = {"requester": REQUESTER, "provider": PROVIDER, "resource": "r-1"}
OFFERED: dict[str, Any] = SIDES | {"offer": 1, "terms_hash": "ab" * 32}
AGREED: dict[str, Any] = SIDES | {"edition": 1, "terms_hash": "ab" * 32}
Step = tuple[str, Mapping[str, Any]]
# A refused request: closed with its last event.
REFUSED: tuple[Step, ...] = (
    ("request.created", OFFERED | {"state": "DRAFT"}),
    ("request.submitted", OFFERED | {"state": "SUBMITTED", "kind": "ordinary", "work_area": None}),
    ("request.refused", OFFERED | {"state": "REFUSED", "instrument": "statistics-law", "clause": "9"}),
    ("request.refusal_accepted", OFFERED | {"state": "CLOSED_REFUSED", "outcome": "refused"}),
)


def events_of(*steps: Step, case: str | None = None, start: int = 1, at: datetime = NOON) -> list[Event]:
    """Return the events of a case, a minute apart; what is submitted is a filing, and comes with something written."""
    named = case or new_id()
    return [_event(named, number, step, at + timedelta(minutes=number)) for number, step in enumerate(steps, start)]


def _event(case: str, number: int, step: Step, at: datetime) -> Event:
    kind, body = step
    written = "cd" * 32 if kind.endswith((".submitted", ".refused")) else None
    return Event(
        id=new_id(),
        type=kind,
        **Origin(case, number, REQUESTER, "o-1", at)._asdict(),
        parties=(PROVIDER, REQUESTER),
        filing=FILED if kind.endswith(".submitted") else None,
        payload_sha256=written,
        body=EVENT_TYPES[kind].body.model_validate(body).model_dump(mode="json"),
    )


def a_file(events: Sequence[Event] | None = None, erased: Mapping[str, str] | None = None) -> CaseFile:
    """Return a case as filed in a small log; `erased` names, by event, the event that told of an erasure."""
    known = events or events_of(*REFUSED)
    entries: list[bytes] = []
    for event in known:
        entries.append(entry_of(event, leaf_hash(entries[-1]).hex() if entries else ""))
    return file_of(entries, case=known[0].case, erased=erased or {})


def file_of(entries: Sequence[bytes], *, case: str, erased: Mapping[str, str]) -> CaseFile:
    """Return the case of these entries, in a log that holds nothing else."""
    checkpoint = a_checkpoint(entries)
    filed = (
        FiledEntry(
            entry=entry, receipt=a_receipt(entries, at, checkpoint), erased_by=erased.get(mark_of(entry).event_id)
        )
        for at, entry in enumerate(entries)
    )
    last = mark_of(entries[-1])
    head = CaseHead(case_seq=last.case_seq, leaf_hash=last.leaf_hash, event_id=last.event_id)
    return CaseFile(case=case, filed=tuple(filed), checkpoint=checkpoint, head=head)


def face_of(file: CaseFile, at: datetime = NOON, supersedes: str | None = None) -> Face:
    """Return what the first package of a case is."""
    return Face(package_id(file.case, 2 if supersedes else 1), at, supersedes)


@cache
def a_bag() -> tuple[CaseFile, Made]:
    """Return a refused request's case and its bag, the same ones each time."""
    file = a_file()
    return file, make(file, face_of(file), a_policy())


def spoilt(made: Made, change: Callable[[dict[str, bytes]], None]) -> Bag:
    """Return a bag whose payload was changed before it was bagged, so that its manifests hold all the same."""
    bag = unzipped(made.body)
    payload = bag.payload
    change(payload)
    return bag_of(bag.name, payload, {})


def judged(bag: Bag, file: CaseFile) -> CheckReport:
    """Return the report of a bag that claims to be the package of a case in the small log."""
    return judged_by(a_policy(), bag, file)


def judged_by(policy: Policy, bag: Bag, file: CaseFile) -> CheckReport:
    """Return the report of a bag that claims to be the package of a case, by whose receipts the policy trusts."""
    return report_of(Content(bag=bag, case=file.case, head=file.head, policy=policy))


def failed_in(report: CheckReport) -> dict[str, list[str]]:
    """Return the codes of the failed checks by property."""
    found = {
        str(each.property): [str(c.code) for c in each.checks if c.result == "failed"] for each in report.properties
    }
    return {name: codes for name, codes in found.items() if codes}


def report_in(bag: Bag) -> dict[str, Any]:
    """Return the report that lies in a bag."""
    report: dict[str, Any] = json.loads(bag.payload[REPORT])
    return report


def rebuilt(file: CaseFile, entries: Sequence[bytes]) -> Bag:
    """Return the bag of other entries under the case's name: each with a receipt that holds, whatever it says."""
    other = file_of(entries, case=file.case, erased={})
    return unzipped(make(other, face_of(file), a_policy()).body)


def file_events(*events: Event) -> None:
    """Have the ledger of the environment file events: taken in, sequenced, signed."""
    assert take_in(*events) == []
    a_sequencer().run()


@contextmanager
def a_ledger(stack: Mapping[str, str]) -> Iterator[str]:
    """Have a ledger that holds one case, a refused request; yield the case."""
    empty(stack)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in prepare_ledger(stack).items():
            patch.setenv(name, value)
        events = events_of(*REFUSED)
        file_events(*events)
        yield events[0].case


@contextmanager
def put_back() -> Iterator[None]:
    """Put the ledger's table and objects back as they were when the block ends, by moto's own models."""
    keys = get_backend("s3")[ACCOUNT_ID]["aws"].buckets[os.environ["LOG_BUCKET"]].keys
    before = {key: list(versions) for key, versions in keys.lists()}
    with undone(os.environ["AUDIT_TABLE"]):
        try:
            yield
        finally:
            keys.clear()
            dict.update(keys, before)


def file_own_events() -> list[Event]:
    """Have the ledger file what it tells of packages itself, as the relay and the queue would; return what came."""
    pump = Pump(os.environ["AUDIT_TABLE"], listen.intake, ("archive.",))
    told = pump.run(replays=1)
    a_sequencer().run()
    return told
