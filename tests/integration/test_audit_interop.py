"""Verifiers that this project did not write accept the receipts and the log of the service itself, from its bucket."""

import os
from dataclasses import replace

import boto3
import pytest

from services.audit import listen
from services.audit.verify.checkpoint import parse_checkpoint
from services.audit.verify.note import parse_note
from services.audit.verify.receipt import parse_receipt
from services.shared.events import Event
from tests.filing import a_case, a_sequencer, entries, log, prepare_ledger, receipt, take_in
from tests.interop.claims import Exported, Filed
from tests.interop.verifiers import present


@pytest.fixture(scope="module")
def sent() -> list[Event]:
    """The events of five cases."""
    return [event for number in range(5) for event in a_case(4, case=f"c-{number}")]


@pytest.fixture
def vkey(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch, sent: list[Event]) -> str:
    """The key of a ledger that filed the events in five batches."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)
    for at in range(0, len(sent), 4):
        assert take_in(*sent[at : at + 4]) == []
        a_sequencer().run()
    return listen.sign({"action": "vkey"}, None)["vkey"]


def claim_of(event: Event, vkey: str) -> Filed:
    """What the receipt of an event says."""
    parsed = parse_receipt(receipt(event))
    signed = parse_checkpoint(parse_note(parsed.checkpoint).text)
    entry = entries()[parsed.index]
    return Filed(entry, parsed.index, signed.size, signed.root, parsed.proof, parsed.checkpoint, vkey)


def bucket() -> dict[str, bytes]:
    """Every object of the log."""
    listed = boto3.client("s3").list_objects_v2(Bucket=os.environ["LOG_BUCKET"])["Contents"]
    return {each["Key"]: log().read(each["Key"]) for each in listed}


def test_the_receipts_and_the_log_of_the_service_are_accepted_by_all(vkey: str, sent: list[Event]) -> None:
    claims = [claim_of(event, vkey) for event in sent]
    exported = Exported(bucket(), vkey)
    assert {each.name: each.filed(claims) for each in present()} == {each.name: [True] * 20 for each in present()}
    assert [each.name for each in present() if each.audit and not each.audit(exported)] == []


def test_a_receipt_of_the_service_is_refused_for_another_entry(vkey: str, sent: list[Event]) -> None:
    first, *others = [claim_of(event, vkey) for event in sent]
    claims = [replace(claim, entry=first.entry) for claim in others]
    assert {each.name: any(each.filed(claims)) for each in present()} == {each.name: False for each in present()}
