"""The ledger from queue to receipt, in memory: whatever is delivered, however often and in whatever order, is filed
once, and every receipt verifies offline."""

import os
from random import Random

import boto3
import pytest

from services.audit import listen
from services.audit.batch import CHECKPOINT
from services.audit.objects import LogHalted
from services.audit.signer import SigningRefused
from services.audit.verify.errors import NotVerified
from services.audit.verify.layout import tile_path
from services.audit.verify.merkle import root_of
from services.audit.verify.receipt import verify_receipt
from services.shared.events import Event
from tests.filing import (
    a_case,
    a_sequencer,
    at_call,
    check_everything,
    entries,
    log,
    policy,
    prepare_ledger,
    published,
    receipt,
    sign,
    store,
    take_in,
)
from tests.sharing import receipted
from tests.support import Context, sqs_batch


@pytest.fixture(autouse=True)
def ledger(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)


def file(*events: Event) -> None:
    """Take events in and sequence them."""
    assert take_in(*events) == []
    a_sequencer().run()


def overwrite(path: str, body: bytes) -> None:
    """Put other bytes where an object of the log lies, as only someone who breaks the lock's rules can."""
    boto3.client("s3").put_object(Bucket=os.environ["LOG_BUCKET"], Key=path, Body=body)


def refuse(size: int, root: bytes) -> str:
    """Sign nothing, as a signer that does not trust the log."""
    raise SigningRefused(f"no signature for {size} {root.hex()}")


def interleaved(cases: list[list[Event]], random: Random) -> list[Event]:
    """Return the events of several cases mixed, each case in its own order."""
    left = [list(case) for case in cases]
    mixed = []
    while any(left):
        mixed.append(random.choice([case for case in left if case]).pop(0))
    return mixed


@pytest.mark.parametrize("seed", range(3))
def test_cases_filed_in_batches_of_any_size_verify_whole(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a game, not a secret
    events = interleaved([a_case(random.randint(1, 9)) for _ in range(5)], random)
    at = 0
    while at < len(events):
        batch = events[at : at + random.randint(1, 10)]
        file(*batch) if random.random() < 0.7 else take_in(*batch)
        at += len(batch)
    a_sequencer().run()

    check_everything(events)


def test_an_event_delivered_again_is_filed_once() -> None:
    events = a_case(3)
    file(*events)

    file(*events)
    file(events[1])

    check_everything(events)


def test_an_event_that_overtook_its_case_comes_again_and_is_filed_in_its_place() -> None:
    first, second, third = a_case(3)

    assert take_in(second, third, first) == [second.id, third.id, first.id]  # what follows in the case waits too
    assert take_in(first) == []
    assert take_in(third) == [third.id]
    assert take_in(second, third) == []
    a_sequencer().run()

    check_everything([first, second, third])


def test_a_poisoned_case_does_not_hold_up_another() -> None:
    good, gap = a_case(2), a_case(1, start=2)

    assert take_in(gap[0], *good) == [gap[0].id]
    a_sequencer().run()

    check_everything(good)


def test_receipts_are_never_entries() -> None:
    (event,) = a_case(1)
    file(event, receipted(event.case, event.id))

    check_everything([event])


def test_what_is_no_event_is_refused_alone() -> None:
    (event,) = a_case(1)
    batch = sqs_batch([event, event])
    batch["Records"][0]["body"] = '{"id":'

    answer = listen.intake(batch, Context())

    assert answer["batchItemFailures"] == [{"itemIdentifier": batch["Records"][0]["messageId"]}]


def test_taking_in_rings_the_doorbell_once_a_second() -> None:
    take_in(*a_case(2))

    queue = boto3.client("sqs").receive_message(QueueUrl=os.environ["DOORBELL_QUEUE_URL"], MaxNumberOfMessages=10)
    assert len(queue["Messages"]) == 1


def test_of_two_sequencers_at_the_commit_point_one_files_and_the_other_stops() -> None:
    file(*(before := a_case(1)))
    take_in(*(events := a_case(4)))
    rival = a_sequencer()
    filed: list[int] = []

    with at_call("dynamodb", "PutItem", lambda: filed.append(rival.run())):
        filed.append(a_sequencer().run())

    assert filed == [4, 0]
    check_everything([*before, *events])


def test_of_two_sequencers_that_write_the_first_batch_one_files_and_the_other_stops() -> None:
    take_in(*(events := a_case(2)))
    rival = a_sequencer()
    filed: list[int] = []

    with at_call("dynamodb", "PutItem", lambda: filed.append(rival.run())):
        filed.append(a_sequencer().run())

    assert filed == [2, 0]
    check_everything(events)


def test_a_sequencer_that_comes_late_with_a_smaller_batch_files_nothing_twice() -> None:
    before, early, late = a_case(1), a_case(2), a_case(3)
    file(*before)
    take_in(*early)
    rival = a_sequencer()

    def overtake() -> None:
        take_in(*late)
        rival.run()

    with at_call("s3", "PutObject", overtake):
        a_sequencer().run()

    check_everything([*before, *early, *late])


def test_a_tampered_tile_stops_the_log() -> None:
    events = a_case(3)
    file(*events)
    path = tile_path(0, 0, 3)
    overwrite(path, bytes(32) + log().read(path)[32:])
    take_in(*a_case(1))

    with pytest.raises(LogHalted, match="edge of the log at 3"):
        a_sequencer().run()

    assert published().size == 3


def test_a_tile_that_lies_already_where_the_log_would_write_stops_it() -> None:
    take_in(*a_case(2))
    overwrite(tile_path(0, 0, 2), b"\x01" * 64)

    with pytest.raises(LogHalted, match=r"tile/0/000\.p/2"):
        a_sequencer().run()

    with pytest.raises(LookupError):
        log().read(CHECKPOINT)


def test_a_staged_batch_that_was_changed_after_the_commit_stops_the_log() -> None:
    take_in(*a_case(2))
    with pytest.raises(SigningRefused):
        listen.sequencer(refuse).run()
    head = store().head()
    boto3.client("s3").put_object(Bucket=os.environ["STAGING_BUCKET"], Key=head.staged_key, Body=b"{}")

    with pytest.raises(LogHalted, match="is not what was committed"):
        a_sequencer().run()


def test_the_signer_refuses_a_log_that_was_rolled_back_with_an_alarm_of_its_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    events = a_case(3)
    file(*events[:2])
    before = store().head()
    file(events[2])

    with pytest.raises(SigningRefused, match="one of 3 is signed"):
        sign(before.size, bytes.fromhex(before.root))

    assert "signing_refused" in caplog.text


def test_the_signer_refuses_another_root_of_the_same_size() -> None:
    file(*a_case(3))

    with pytest.raises(SigningRefused, match="do not lead to the root"):
        sign(3, bytes(32))


def test_the_signer_refuses_a_log_whose_past_was_rewritten() -> None:
    file(*a_case(3))
    forged = [bytes([n]) * 32 for n in range(4)]
    overwrite(tile_path(0, 0, 4), b"".join(forged))

    with pytest.raises(SigningRefused, match="does not follow from the signed one"):
        sign(4, root_of(forged))


def test_the_signer_refuses_a_tree_whose_tiles_are_not_there() -> None:
    with pytest.raises(SigningRefused, match="does not follow"):
        sign(3, bytes(32))


def test_signing_the_same_tree_again_gives_the_same_bytes_and_no_alarm(caplog: pytest.LogCaptureFixture) -> None:
    file(*a_case(2))
    head = store().head()

    assert sign(head.size, bytes.fromhex(head.root)).encode() == log().read(CHECKPOINT)
    assert "signing_refused" not in caplog.text


def test_one_altered_byte_of_an_entry_is_not_verified() -> None:
    (event,) = a_case(1)
    file(event)
    (entry,) = entries()

    with pytest.raises(NotVerified):
        verify_receipt(receipt(event), entry.replace(b'"v":1', b'"v":2'), policy())


def test_everything_but_the_latest_checkpoint_is_locked() -> None:
    file(*a_case(2))

    client, bucket = boto3.client("s3"), os.environ["LOG_BUCKET"]
    keys = [found["Key"] for found in client.list_objects_v2(Bucket=bucket)["Contents"]]
    modes = {key: client.head_object(Bucket=bucket, Key=key).get("ObjectLockMode") for key in keys}
    assert modes == {
        "checkpoint": None,
        "checkpoints/2": "COMPLIANCE",
        "tile/0/000.p/2": "COMPLIANCE",
        "tile/entries/000.p/2": "COMPLIANCE",
    }
