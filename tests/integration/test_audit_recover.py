"""A table that was restored from a backup is brought forward to its log: whatever the moment of the backup, and wherever
the recovery dies, nothing that the log holds is lost or filed twice, and the log is never forked."""

import os
from itertools import count

import boto3
import pytest

from services.audit import listen
from services.audit.batch import CHECKPOINT, archived
from services.audit.objects import LogHalted
from services.audit.recover import HeadMoved, Progress
from services.audit.signer import SigningRefused
from services.audit.verify.layout import bundle_path
from services.shared.events import Event
from tests.filing import (
    a_case,
    a_sequencer,
    at_call,
    check_everything,
    log,
    prepare_ledger,
    published,
    sign,
    store,
    take_in,
)
from tests.restoring import Backup, back_up, backups_taken, recover, restore, unknown_to_the_table, vkey
from tests.stack import Calls, empty
from tests.support import Context


@pytest.fixture(autouse=True)
def ledger(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)


def file(*events: Event) -> None:
    """Take events in and sequence them."""
    assert take_in(*events) == []
    a_sequencer().run()


def refuse(size: int, root: bytes) -> str:
    """Sign nothing, as a signer whose function fails."""
    raise SigningRefused(f"no signature for {size} {root.hex()}")


def a_story() -> tuple[list[Event], list[Backup]]:
    """Play a story of three batches; return its events and a backup of each moment of it."""
    long, short = a_case(4), a_case(2)
    with backups_taken() as backups:
        file(long[0])
        file(*long[1:3], short[0])
        file(long[3], short[1])
    return [*long, *short], backups


def test_a_table_that_knows_its_log_is_left_as_it_is() -> None:
    file(*(events := a_case(3)))
    before = back_up()

    assert recover() == Progress(size=3, of=3, done=True)

    assert back_up() == before
    check_everything(events)


def test_an_empty_log_needs_no_recovery() -> None:
    assert recover() == Progress(size=0, of=0, done=True)


def test_a_table_restored_to_any_moment_knows_the_whole_log_again_and_goes_on() -> None:
    events, backups = a_story()

    for backup in backups:
        restore(backup)
        assert recover().done
        assert unknown_to_the_table() == []
        events += (new := a_case(1))
        take_in(*events[:6])  # who made them may send them again
        file(*new)

    check_everything(events)


@pytest.mark.parametrize("kinds", [("HEAD#",), ("HEAD#", "SIGNED#"), ("HEAD#", "EVT#", "PEND#")])
def test_a_part_of_the_table_restored_to_any_moment_knows_the_whole_log_again(kinds: tuple[str, ...]) -> None:
    events, backups = a_story()

    for backup in backups[::4]:
        restore(backup, *kinds)
        recover()
        assert unknown_to_the_table() == []

    file(*(new := a_case(1)))
    check_everything([*events, *new])


def test_a_table_that_was_lost_altogether_knows_the_whole_log_again() -> None:
    events, _ = a_story()
    restore({})

    recover()

    assert unknown_to_the_table() == []
    check_everything(events)


def test_what_was_accepted_after_the_backup_and_is_not_in_the_log_comes_again_from_who_made_it() -> None:
    file(*(filed := a_case(2)))
    backup = back_up()
    take_in(*(lost := a_case(2)))
    restore(backup)

    recover()

    assert store().pending() == []
    file(*lost)
    check_everything([*filed, *lost])


def test_what_waited_at_the_backup_and_was_not_filed_since_waits_still() -> None:
    case = a_case(4)
    file(case[0])
    take_in(*case[1:])
    backup = back_up()
    a_sequencer().run()
    file(*(other := a_case(1)))
    restore(backup)
    take_in(*(new := a_case(2)))

    recover()

    assert {each.mark.event_id for each in store().pending()} == {event.id for event in new}
    a_sequencer().run()
    check_everything([*case, *other, *new])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_recovery_dies_at_each_of_its_writes_and_the_next_one_completes_it(aws_calls: Calls, when: str) -> None:
    events, backups = a_story()
    last_committed = 0

    for nth in count(1):
        restore(backups[len(backups) // 3])
        with aws_calls.crash(when, nth):
            recover()
        if not aws_calls.crashed:
            break
        recover()
        assert unknown_to_the_table() == []
        last_committed = nth

    assert last_committed > 5
    check_everything(events)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("moment", ["before they came", "while they waited"])
def test_the_ledger_dies_at_each_write_of_a_batch_and_its_table_is_restored_to_before_it(
    aws_calls: Calls, data_stack: dict[str, str], when: str, moment: str
) -> None:
    for nth in count(1):
        empty(data_stack)
        file(*(first := a_case(2)))
        events = a_case(2)
        backup = back_up()
        take_in(*events)
        backup = back_up() if moment == "while they waited" else backup
        with aws_calls.crash(when, nth):
            a_sequencer().run()
        restore(backup)

        recover()
        late = a_case(1)
        file(*late, *events)

        check_everything([*first, *events, *late])
        if not aws_calls.crashed:
            break


def test_a_batch_that_died_after_its_first_bundle_goes_on_from_there(aws_calls: Calls) -> None:
    file(*(first := a_case(250)))
    backup = back_up()
    take_in(*(events := a_case(10)))
    with aws_calls.crash("after", 3):  # stage, commit, and the bundle that is full now
        a_sequencer().run()
    assert log().read(bundle_path(0))
    restore(backup)
    take_in(*(rivals := a_case(9)))

    recover()

    assert published().size == 256
    file(*events)
    check_everything([*first, *events, *rivals])


def test_a_batch_that_was_signed_and_not_archived_is_archived_by_the_recovery(aws_calls: Calls) -> None:
    file(*(first := a_case(1)))
    backup = back_up()
    take_in(*(events := a_case(2)))
    with aws_calls.crash("after", 7):  # the signing is noted
        a_sequencer().run()
    assert store().signed().size == 3
    restore(backup, "HEAD#", "EVT#", "PEND#", "CASE#")

    recover()

    assert published().size == 3
    check_everything([*first, *events])


def test_a_batch_that_was_committed_and_not_signed_at_the_backup_is_completed() -> None:
    take_in(*(events := a_case(2)))
    with pytest.raises(SigningRefused):
        listen.sequencer(refuse).run()
    backup = back_up()
    restore(backup)

    assert recover() == Progress(size=2, of=2, done=True)

    check_everything(events)


def test_a_batch_that_was_committed_and_not_signed_at_the_backup_and_completed_since_is_known() -> None:
    take_in(*(events := a_case(2)))
    with pytest.raises(SigningRefused):
        listen.sequencer(refuse).run()
    backup = back_up()
    a_sequencer().run()
    file(*(more := a_case(1)))
    restore(backup)

    recover()

    check_everything([*events, *more])


def test_filing_stands_still_on_a_table_that_is_older_than_its_log(caplog: pytest.LogCaptureFixture) -> None:
    file(*(before := a_case(1)))
    backup = back_up()
    file(*(after := a_case(1)))
    restore(backup)
    take_in(*(new := a_case(1)))

    with pytest.raises(LogHalted, match="recover the table from the log"):
        a_sequencer().run()

    assert "log_halted" in caplog.text
    recover()
    a_sequencer().run()
    check_everything([*before, *after, *new])


def test_receipts_that_were_never_sent_are_sent_and_those_that_were_are_left_alone(aws_calls: Calls) -> None:
    file(*(first := a_case(1)))
    backup = back_up()
    file(*(second := a_case(1)))
    answer = back_up()
    restore(backup, "HEAD#", "RECEIPT#")

    recover()

    told = [key for key in back_up() if key.value == f"RECEIPT#{second[0].id}"]
    assert len(told) == 1
    assert back_up()[_key(f"RECEIPT#{first[0].id}")] == answer[_key(f"RECEIPT#{first[0].id}")]
    check_everything([*first, *second])


def _key(name: str) -> object:
    (key,) = [key for key in back_up() if key.value == name]
    return key
