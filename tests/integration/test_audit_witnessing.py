"""The log and its witnesses over HTTP: cosignatures are published on the checkpoint and make receipts that a quorum
vouches for; a witness that is silent, refuses or lies is noted, with an alarm, and nothing waits for it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event as Flag

import boto3
import pytest

from services.audit import witnesses_api, witnessing
from services.audit.api import handler
from services.audit.cosigning import Answer, NotCosigned, Post
from services.audit.objects import LogHalted, s3
from services.audit.verify.checkpoint import parse_checkpoint, verify_checkpoint
from services.audit.verify.cosignature import cosign
from services.audit.verify.errors import NotVerified
from services.audit.verify.layout import tile_path
from services.audit.verify.note import parse_note
from services.audit.verify.policy import Policy
from services.audit.verify.receipt import verify_receipt
from services.audit.witness import Awaited, State, witnesses_of
from services.audit.witness_calls import post
from services.shared.events import Event
from services.shared.http import lambda_handler, make_app
from services.shared.organisations import OFFICE
from tests.filing import (
    REQUESTER,
    a_case,
    a_sequencer,
    at_call,
    check_everything,
    entries,
    log,
    policy,
    prepare_ledger,
    published,
    store,
    take_in,
)
from tests.stack import Calls, empty, stored
from tests.support import Context, Reply, call, token
from tests.witnesses import LATER, SEEN, Witnesses, a_key, a_line, answering, nowhere, serving

NAMES = ("w1", "w2", "w3")
TWO_OF_THREE = "group city 2 w1 w2 w3\nquorum city\n"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def ledger(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def trusted() -> Policy:
    """What the witnesses know of the log."""
    return policy()


@pytest.fixture
def three(tmp_path: Path, trusted: Policy) -> Iterator[Witnesses]:
    """Three witnesses on this machine, two of whom are the quorum."""
    with ExitStack() as running:
        yield Witnesses([running.enter_context(serving(tmp_path, name, trusted)) for name in NAMES], TWO_OF_THREE)


def file(count: int) -> list[Event]:
    """File a case of some events."""
    events = a_case(count)
    assert take_in(*events) == []
    a_sequencer().run()
    return events


def cosigners() -> list[str]:
    """The names on the published checkpoint, the log's first."""
    return [each.name for each in parse_note(log().read("checkpoint")).signatures]


def named(*names: str) -> list[str]:
    return [os.environ["LOG_ORIGIN"], *(a_key(name).name for name in names)]


def receipt(event: Event, *, witnessed: bool) -> Reply:
    return call(
        handler, "GET", f"/audit/receipts/{event.id}?witnessed={str(witnessed).lower()}", token=token(REQUESTER)
    )


def test_cosignatures_are_published_on_the_checkpoint_in_the_order_of_the_policy(three: Witnesses) -> None:
    for count in (3, 1, 4):
        file(count)
        assert three.ask() == 0

        assert cosigners() == named("w1", "w2", "w3")
        assert verify_checkpoint(log().read("checkpoint"), three.with_log(policy())).size == published().size
    assert {three.standing(name).size for name in NAMES} == {8}


def test_the_log_goes_on_from_a_cosigned_checkpoint(three: Witnesses) -> None:
    first = file(2)
    three.ask()

    second = file(3)

    assert cosigners() == named()
    check_everything([*first, *second])


def test_a_witnessed_receipt_verifies_for_who_asks_for_the_quorum_and_a_plain_one_does_not(three: Witnesses) -> None:
    events = file(5)
    three.ask()
    later = file(3)
    strict, filed = three.with_log(policy()), entries()

    plain, witnessed = (receipt(events[2], witnessed=kind).body.encode() for kind in (False, True))

    assert verify_receipt(witnessed, filed[2], strict).size == 5
    assert verify_receipt(plain, filed[2], policy()).size == 5
    with pytest.raises(NotVerified, match="its witnesses are not the quorum 'city'"):
        verify_receipt(plain, filed[2], strict)
    with pytest.raises(NotVerified):
        verify_receipt(witnessed, filed[3], strict)
    assert receipt(later[0], witnessed=True).status == 409

    three.ask()

    for event, index in ((events[0], 0), (events[4], 4), (later[0], 5), (later[2], 7)):
        assert verify_receipt(receipt(event, witnessed=True).body.encode(), filed[index], strict).size == 8


def test_a_receipt_is_not_witnessed_before_the_quorum_is_there(trusted: Policy, tmp_path: Path) -> None:
    (event,) = file(1)
    with serving(tmp_path, "w1", trusted) as line:
        one = Witnesses([line, *(a_line(name, nowhere()) for name in NAMES[1:])], TWO_OF_THREE)
        one.ask()

    answer = receipt(event, witnessed=True)

    assert (answer.status, answer.body["detail"]) == (
        409,
        "not yet witnessed: the quorum has cosigned 0 entries, this is 1",
    )
    assert receipt(event, witnessed=False).status == 200
    assert cosigners() == named("w1")


def test_who_may_not_read_an_entry_may_not_have_its_witnessed_receipt(three: Witnesses) -> None:
    (event,) = file(1)
    three.ask()
    path = f"/audit/receipts/{event.id}?witnessed=true"

    readers = {"sports_bureau": 404, REQUESTER: 200, OFFICE: 200}
    assert {each: call(handler, "GET", path, token=token(each)).status for each in readers} == readers
    assert call(handler, "GET", path).status == 401
    assert call(handler, "GET", "/audit/receipts/unknown?witnessed=true", token=token(OFFICE)).status == 404
    waiting = a_case(1)[0]
    take_in(waiting)
    assert receipt(waiting, witnessed=True).status == 409


def test_filing_goes_on_and_receipts_are_given_while_every_witness_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    silent = Witnesses([a_line(name, nowhere()) for name in NAMES], TWO_OF_THREE)

    events = [*file(1)]
    for minute in range(2):
        silent.ask(LATER + minute * MINUTE)
        events += file(1)

    check_everything(events)
    assert {silent.standing(name).state for name in NAMES} == {State.SILENT}
    assert "witness_silent" in caplog.text
    assert "witness_refused" not in caplog.text


def test_a_witness_that_was_silent_is_left_alone_for_a_while_and_comes_back(trusted: Policy, tmp_path: Path) -> None:
    address = nowhere()
    witnesses = Witnesses([a_line("w1", address)], "quorum w1\n")
    file(3)
    witnesses.ask()
    file(2)

    with serving(tmp_path, "w1", trusted, port=int(address.rpartition(":")[2])):
        witnesses.ask(LATER + timedelta(seconds=29))
        assert (witnesses.standing("w1").state, cosigners()) == (State.SILENT, named())

        witnesses.ask(LATER + timedelta(seconds=30))

    assert (witnesses.standing("w1").state, witnesses.standing("w1").size) == (State.COSIGNED, 5)
    assert cosigners() == named("w1")


def test_a_witness_that_restarts_goes_on_from_what_it_cosigned(trusted: Policy, tmp_path: Path) -> None:
    for _ in range(3):
        file(2)
        with serving(tmp_path, "w1", trusted) as line:
            assert Witnesses([line], "quorum w1\n").ask() == 0


def test_a_log_that_forgot_what_a_witness_cosigned_asks_it(three: Witnesses) -> None:
    file(4)
    three.ask()
    for item in stored(os.environ["AUDIT_TABLE"]):
        if item["pk"].value.startswith("WITNESS"):
            key = {name: item[name].value for name in ("pk", "sk")}
            boto3.resource("dynamodb").Table(os.environ["AUDIT_TABLE"]).delete_item(Key=key)
    file(3)

    three.ask()

    assert {three.standing(name).size for name in NAMES} == {7}


def test_a_log_that_was_made_anew_with_another_past_is_never_cosigned_again(
    three: Witnesses, data_stack: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    file(5)
    three.ask()
    empty(data_stack)  # with everything the log knew of its witnesses

    file(3)
    three.ask()
    assert {three.standing(name).state for name in NAMES} == {State.AHEAD}
    assert "witness_ahead" in caplog.text

    file(2)  # as many as before, and others
    three.ask(LATER + MINUTE)
    assert {three.standing(name).state for name in NAMES} == {State.AHEAD}

    file(4)
    three.ask(LATER + 5 * MINUTE)
    assert {three.standing(name).state for name in NAMES} == {State.REFUSED}
    assert "witness_refused" in caplog.text
    assert cosigners() == named()


def test_a_published_checkpoint_older_than_what_was_cosigned_is_an_alarm_without_asking(
    three: Witnesses, caplog: pytest.LogCaptureFixture
) -> None:
    file(2)
    three.ask()
    file(3)
    three.ask()
    client, older = boto3.client("s3"), log().read("checkpoints/2")
    client.put_object(Bucket=os.environ["LOG_BUCKET"], Key="checkpoint", Body=older)

    three.ask(LATER + MINUTE)

    assert {(three.standing(name).state, three.standing(name).size) for name in NAMES} == {(State.AHEAD, 5)}
    assert caplog.text.count("witness_ahead") == 3


def test_the_tiles_must_lead_to_the_published_root_before_anyone_is_asked(three: Witnesses) -> None:
    file(3)
    path = tile_path(0, 0, 3)
    boto3.client("s3").put_object(Bucket=os.environ["LOG_BUCKET"], Key=path, Body=bytes(32) + log().read(path)[32:])

    with pytest.raises(LogHalted, match="do not lead to the published root"):
        three.ask()

    assert {three.standing(name).state for name in NAMES} == {State.UNASKED}


def test_a_published_checkpoint_that_the_log_did_not_archive_is_shown_to_nobody(three: Witnesses) -> None:
    file(2)
    other = log().read("checkpoint").replace(b"\n2\n", b"\n3\n")
    file(1)
    boto3.client("s3").put_object(Bucket=os.environ["LOG_BUCKET"], Key="checkpoint", Body=other)

    with pytest.raises(LogHalted, match="published checkpoint 3 is not the archived one"):
        three.ask()

    assert {three.standing(name).state for name in NAMES} == {State.UNASKED}


def a_cosignature(name: str, *, key: str, over: bytes | None = None, time: int = SEEN) -> bytes:
    text = parse_note(log().read("checkpoint")).text if over is None else over
    return cosign(text, name=f"{name}.example/witness", private=a_key(key).private, time=time).line


def always(said: tuple[int, bytes], _: bytes) -> tuple[int, bytes]:
    return said


def test_an_answer_that_is_not_its_cosignature_of_this_checkpoint_is_not_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    file(3)
    many = b"".join(a_cosignature(f"{number:0300}", key="w2") for number in range(50))
    answers = {
        "another-key": (200, a_cosignature("another-key", key="w2")),
        "another-name": (200, a_cosignature("w1", key="another-name")),
        "another-note": (200, a_cosignature("another-note", key="another-note", over=b"ledger.example\n3\nAAAA\n")),
        "to-come": (200, a_cosignature("to-come", key="to-come", time=int(LATER.timestamp()) + 900)),
        "too-much": (200, a_cosignature("too-much", key="too-much") + many),
        "no-size": (409, b"3"),
    }

    with ExitStack() as running:
        lines = [running.enter_context(answering(name, partial(always, said))) for name, said in answers.items()]
        lying = Witnesses(lines, f"group lies 1 {' '.join(answers)}\nquorum lies\n")
        lying.ask()

    assert {name: (lying.standing(name).state, lying.standing(name).size) for name in answers} == dict.fromkeys(
        answers, (State.WRONG, 0)
    )
    assert caplog.text.count("witness_refused") == len(answers)
    assert cosigners() == named()


def test_nobody_is_followed_elsewhere(trusted: Policy, tmp_path: Path) -> None:
    file(3)
    with serving(tmp_path, "w1", trusted) as honest:
        elsewhere = {"Location": honest.split()[-1] + "/add-checkpoint"}
        for status in (301, 302, 303, 307, 308):
            with answering("w1", partial(always, (status, b"")), elsewhere) as line:
                sent_on = Witnesses([line], "quorum w1\n")
                sent_on.ask(LATER + status * timedelta(hours=1))
            assert (sent_on.standing("w1").state, sent_on.standing("w1").size) == (State.REFUSED, 0)


def test_a_witness_that_takes_too_long_delays_no_other(trusted: Policy, tmp_path: Path) -> None:
    (event,) = file(1)
    over = Flag()

    with serving(tmp_path, "w1", trusted) as quick, serving(tmp_path, "w2", trusted) as slow:

        def dawdle(url: str, body: bytes) -> Answer:
            if url.startswith(slow.split()[-1]):
                over.wait(5)
            return post(url, body)

        both = Witnesses([quick, slow], "group any any w1 w2\nquorum any\n")
        both.ask(post=dawdle, deadline_seconds=0.2)
        over.set()

    assert [both.standing(name).state for name in ("w1", "w2")] == [State.COSIGNED, State.SILENT]
    assert receipt(event, witnessed=True).status == 200


def test_a_witness_that_comes_after_the_quorum_is_put_on_what_it_cosigned(trusted: Policy, tmp_path: Path) -> None:
    address = nowhere()
    with serving(tmp_path, "w1", trusted) as first, serving(tmp_path, "w2", trusted) as second:
        three = Witnesses([first, second, a_line("w3", address)], TWO_OF_THREE)
        (event,) = file(1)
        three.ask()
        with serving(tmp_path, "w3", trusted, port=int(address.rpartition(":")[2])):
            three.ask(LATER + MINUTE)

    note = receipt(event, witnessed=True).body.encode().partition(b"\n\n")[2]
    assert [each.name for each in parse_note(note).signatures] == cosigners() == named("w1", "w2", "w3")
    assert three.store.witnessed().at == LATER


def test_the_sequencer_that_publishes_while_cosignatures_are_put_on_has_the_last_word(three: Witnesses) -> None:
    before = file(2)
    take_in(*(events := a_case(3)))

    with at_call("s3", "PutObject", a_sequencer().run):
        three.ask()

    assert (published().size, cosigners()) == (5, named())
    assert receipt(before[0], witnessed=True).status == 200  # the quorum cosigned what was published then
    three.ask()
    assert cosigners() == named("w1", "w2", "w3")
    check_everything([*before, *events])


def test_cosignatures_put_on_while_the_sequencer_publishes_do_not_stop_it(three: Witnesses) -> None:
    before = file(2)
    take_in(*(events := a_case(3)))
    puts: list[str] = []

    def meanwhile(params: dict[str, object], **_: object) -> None:
        if "If-Match" in str(params) and not puts:
            puts.append("checkpoint")
            three.ask()

    s3().meta.events.register("before-call.s3.PutObject", meanwhile)
    a_sequencer().run()
    s3().meta.events.unregister("before-call.s3.PutObject", meanwhile)

    assert puts == ["checkpoint"]
    assert published().size == 5
    check_everything([*before, *events])


def reaching(url_of_one: str) -> Post:
    """The way to one witness, when none leads to the others."""

    def send(url: str, body: bytes) -> Answer:
        if not url.startswith(url_of_one):
            raise NotCosigned(State.SILENT, "no way there")
        return post(url, body)

    return send


def test_of_two_rounds_at_once_the_one_that_heard_less_takes_nothing_back(three: Witnesses) -> None:
    file(3)

    with at_call("s3", "PutObject", partial(three.ask, LATER + MINUTE)):
        three.ask(post=reaching(three.lines[0].split()[-1]))

    assert cosigners() == named("w1", "w2", "w3")


def test_a_fault_of_ours_with_one_witness_does_not_touch_the_others(
    three: Witnesses, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(url: str, body: bytes) -> Answer:
        if url.startswith(three.lines[0].split()[-1]):
            raise RuntimeError("a fault of ours")
        return post(url, body)

    file(1)
    three.ask(post=broken)

    assert "a fault of ours" in caplog.text
    assert cosigners() == named("w2", "w3")
    assert three.standing("w1").state is State.UNASKED


def test_a_round_that_dies_at_any_write_is_completed_by_the_next(three: Witnesses, aws_calls: Calls) -> None:
    events = []
    for nth in range(1, 7):  # what awaits, three standings, the checkpoint, what is witnessed
        events += file(1)
        with aws_calls.crash("after", nth):
            three.ask()
        assert aws_calls.crashed
        three.ask(LATER + MINUTE)
        assert cosigners() == named("w1", "w2", "w3")
        assert receipt(events[-1], witnessed=True).status == 200


def test_an_older_round_does_not_take_back_what_a_newer_one_wrote(three: Witnesses) -> None:
    file(3)
    three.ask()
    witness, *_ = witnesses_of(three.policy)
    behind = three.standing("w1").model_copy(update={"size": 2})
    covered = three.store.witnessed()

    assert not three.store.save(witness, behind)
    assert not three.store.save_awaited(Awaited(above=3, since=LATER), Awaited())
    assert not three.store.save_awaited(Awaited(above=3, since=LATER), Awaited(above=1, since=LATER))
    assert not three.store.save_witnessed(covered.model_copy(update={"size": 2}))
    assert not three.store.save_witnessed(covered.model_copy(update={"root": "00" * 32, "cosignatures": 9}))
    assert three.standing("w1").size == three.store.witnessed().size == 3


def test_the_age_of_what_awaits_its_quorum_grows_until_it_is_there(trusted: Policy, tmp_path: Path) -> None:
    address = nowhere()
    witnesses = Witnesses([a_line("w1", address)], "quorum w1\n")
    assert witnesses.ask(LATER) == 0  # nothing is published

    file(2)
    assert [witnesses.ask(LATER + minute * MINUTE) for minute in (1, 5, 11)] == [0, 240, 600]
    file(1)
    assert witnesses.ask(LATER + 12 * MINUTE) == 660
    with serving(tmp_path, "w1", trusted, port=int(address.rpartition(":")[2])):
        assert witnesses.ask(LATER + 40 * MINUTE) == 0
    file(1)
    assert [witnesses.ask(LATER + minute * MINUTE) for minute in (60, 62)] == [0, 120]


def test_witnesses_of_whom_no_quorum_is_asked_cosign_and_nothing_awaits_them(trusted: Policy, tmp_path: Path) -> None:
    (event,) = file(1)
    with serving(tmp_path, "w1", trusted) as line:
        free = Witnesses([line, a_line("w2", nowhere())])
        assert [free.ask(LATER + minute * MINUTE) for minute in (0, 30)] == [0, 0]

    assert cosigners() == named("w1")
    assert receipt(event, witnessed=True).status == 409


def witnesses_seen() -> Reply:
    app = make_app()
    app.include_router(witnesses_api.router)
    return call(lambda_handler(app), "GET", "/audit/witnesses")


def test_anyone_sees_the_witnesses_and_how_far_they_are(
    trusted: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aws_calls: Calls
) -> None:
    with serving(tmp_path, "w1", trusted) as line:
        two = Witnesses([line, a_line("w2", nowhere())], "group any 1 w1 w2\nquorum any\n")
        file(2)
        two.ask()
    file(1)
    two.ask(LATER + MINUTE)
    monkeypatch.setenv("WITNESS_POLICY", two.text)
    aws_calls.clear()

    seen = witnesses_seen()

    assert len(aws_calls.names) == 2
    assert seen.status == 200
    assert (seen.body["quorum"], seen.body["groups"]) == (
        "any",
        [{"name": "any", "threshold": 1, "members": ["w1", "w2"]}],
    )
    assert (seen.body["published_size"], seen.body["witnessed"]["size"]) == (3, 2)
    assert seen.body["awaiting_seconds"] == seen.body["witnessed"]["age_seconds"] - 60
    first, second = seen.body["witnesses"]
    assert first == {
        "name": "w1",
        "vkey": a_key("w1").public.vkey,
        "size": 2,
        "cosigned_at": "2026-09-21T14:13:20Z",
        "state": "silent",
        "since": "2026-11-23T06:01:00Z",
    }
    assert (second["size"], second["cosigned_at"], second["state"]) == (0, None, "silent")


def test_a_log_without_witnesses_says_so_and_asks_nobody(aws_calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    before = witnesses_seen().body
    file(1)
    aws_calls.clear()

    witnessing.handler({}, Context())

    assert aws_calls.names == []
    assert '"QuorumAgeSeconds":[0.0]' in capsys.readouterr().out.replace(" ", "")
    assert before == {
        "quorum": "none",
        "groups": [],
        "witnesses": [],
        "published_size": 0,
        "witnessed": None,
        "awaiting_seconds": 0,
    }


def test_the_function_asks_the_witnesses_of_its_environment(three: Witnesses, monkeypatch: pytest.MonkeyPatch) -> None:
    file(2)
    monkeypatch.setenv("WITNESS_POLICY", three.text)

    witnessing.handler({}, Context())

    assert cosigners() == named("w1", "w2", "w3")
    assert parse_checkpoint(parse_note(three.store.witnessed().note.encode()).text).size == 2
    assert store().head().applied
