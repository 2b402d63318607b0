"""What the log makes of its witnesses' answers: a cosignature is taken when it holds, all else is noted and tried again
later, and a witness that knows another history is told apart from one that merely does not answer."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.cosigning import Answer, NotCosigned, Post, Shown, ask, cosignatures_of, has_quorum
from services.audit.entry import Mark
from services.audit.merkle import consistency_proof
from services.audit.tiles import grow, load_edge
from services.audit.verify.checkpoint import Checkpoint, parse_checkpoint
from services.audit.verify.cosignature import cosign, read_cosignature
from services.audit.verify.errors import NotVerified
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.note import parse_note, signed_note
from services.audit.verify.policy import parse_policy
from services.audit.verify.receipt import verify_receipt
from services.audit.witness import Awaited, Standing, State, Witness, Witnessed, stack_policy, witnesses_of
from services.audit.witnessed import witnessed_receipt
from tests.unit.ledger_makers import LOG, a_case, a_checkpoint, a_policy, node_of
from tests.unit.ledger_makers import a_witness as a_cosigner
from tests.witnesses import SEEN, a_key, a_witness_in

FIELDS = {
    "event_id": "e-1",
    "type": "request.submitted",
    "case": "c-1",
    "case_seq": 1,
    "organisation": "110107",
    "parties": (),
    "occurred_at": "2026-11-23T04:00:00.000Z",
    "prev_hash": "",
    "entry_sha256": "",
}
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ENTRIES = a_case(40)
FORKED = [*ENTRIES[:4], *a_case(40, "c-2")]
ASKED = Witness("w1", a_key("w1").public, "https://w1.example/add-checkpoint")


def shown(size: int, entries: Sequence[bytes] = ENTRIES) -> Shown:
    """The log's checkpoint of a size, as it is shown to witnesses."""
    leaves = [sha256(b"\x00" + entry).digest() for entry in entries[:size]]
    note = a_checkpoint(entries[:size])
    checkpoint = parse_checkpoint(parse_note(note).text)
    return Shown(checkpoint, note, lambda old: consistency_proof(old, size, node_of(leaves)))


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """The way to a witness of the log that has cosigned nothing."""
    with a_witness_in(tmp_path, "w1", a_policy()) as witness:

        def send(_: str, body: bytes) -> Answer:
            answer = witness.add_checkpoint(body)
            return Answer(answer.status.value, answer.kind, answer.body)

        yield send


def says(*answers: Answer) -> Post:
    """The way to a witness that says what it likes."""
    left = iter(answers)
    return lambda _url, _body: next(left)


def knows(size: int) -> Answer:
    return Answer(409, "text/x.tlog.size", f"{size}\n".encode())


def refusal(known: int, what: Shown, post: Post) -> tuple[State, int | None]:
    with pytest.raises(NotCosigned) as refused:
        ask(ASKED, known, what, post, at=NOON)
    return refused.value.state, refused.value.status


def test_each_checkpoint_is_cosigned_from_the_size_before(post: Post) -> None:
    for old, size in ((0, 3), (3, 8), (8, 9), (9, 40)):
        made = ask(ASKED, old, shown(size), post, at=NOON)

        assert made == read_cosignature(made.line, shown(size).checkpoint.text, ASKED.key)
        assert (made.key, made.time) == (ASKED.key, SEEN)


@pytest.mark.parametrize("thought", [0, 2, 5, 8])
def test_a_witness_that_knows_another_size_is_asked_again_from_there(post: Post, thought: int) -> None:
    ask(ASKED, 0, shown(5), post, at=NOON)

    assert ask(ASKED, thought, shown(8), post, at=NOON).time == SEEN


def test_a_cosignature_whose_answer_was_lost_is_had_by_asking_again(post: Post) -> None:
    ask(ASKED, 0, shown(5), post, at=NOON)

    assert ask(ASKED, 0, shown(5), post, at=NOON).time == SEEN


def test_a_witness_that_knows_more_than_the_log_is_ahead(post: Post) -> None:
    ask(ASKED, 0, shown(9), post, at=NOON)

    assert refusal(3, shown(7), post) == (State.AHEAD, 409)


def test_a_witness_that_knows_as_many_other_entries_is_ahead(post: Post) -> None:
    ask(ASKED, 0, shown(9), post, at=NOON)

    assert refusal(0, shown(9, FORKED), post) == (State.AHEAD, 409)


def test_a_witness_that_cannot_follow_the_log_refuses(post: Post) -> None:
    ask(ASKED, 0, shown(9), post, at=NOON)

    assert refusal(0, shown(20, FORKED), post) == (State.REFUSED, 422)


@pytest.mark.parametrize(
    ("status", "state"),
    [(status, State.REFUSED) for status in (302, 400, 403, 404, 422)]
    + [(status, State.SILENT) for status in (408, 429, 500, 503)],
)
def test_a_refusal_is_told_apart_from_a_witness_that_is_out_of_order(status: int, state: State) -> None:
    assert refusal(0, shown(3), says(Answer(status, "text/plain", b"no"))) == (state, status)


def test_a_witness_that_keeps_naming_sizes_is_not_asked_for_ever() -> None:
    assert refusal(0, shown(9), says(knows(2), knows(3))) == (State.REFUSED, 409)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(409, "text/plain", b"2\n"),
        Answer(409, "text/x.tlog.size", b"2"),
        Answer(409, "text/x.tlog.size", b"02\n"),
        Answer(409, "text/x.tlog.size", b"\xff\n"),
        Answer(409, "text/x.tlog.size", b"9" * 400 + b"\n"),
        Answer(200, "text/plain", b""),
        Answer(200, "text/plain", b"thank you\n"),
    ],
)
def test_an_answer_that_is_none_is_wrong(answer: Answer) -> None:
    assert refusal(0, shown(3), says(answer)) == (State.WRONG, answer.status)


def signed_by(name: str, key: str, text: bytes, time: int = SEEN) -> Answer:
    line = cosign(text, name=f"{name}.example/witness", private=a_key(key).private, time=time).line
    return Answer(200, "text/plain", line)


def test_a_cosignature_of_another_key_name_or_checkpoint_is_wrong() -> None:
    text, other = shown(3).checkpoint.text, shown(4).checkpoint.text

    longer = signed_by("w1", "w1", text + b"\nmore\n")

    for answer in (
        signed_by("w1", "w2", text),
        signed_by("w2", "w1", text),
        signed_by("w1", "w1", other),
        Answer(200, longer.kind, b"more\n\n" + longer.body),
    ):
        assert refusal(0, shown(3), says(answer)) == (State.WRONG, 200)


def test_a_line_with_the_right_name_and_a_changed_signature_or_time_is_wrong() -> None:
    line = signed_by("w1", "w1", shown(3).checkpoint.text).body
    words = line.split(b" ")

    for at in (8, 40, 90):
        spoilt = words[2][:at] + (b"A" if words[2][at : at + 1] != b"A" else b"B") + words[2][at + 1 :]
        assert refusal(0, shown(3), says(Answer(200, "", b" ".join([*words[:2], spoilt]))))[0] is State.WRONG


@pytest.mark.parametrize(("ahead", "taken"), [(299, True), (301, False), (10**12, False)])
def test_a_cosignature_from_the_future_is_wrong(ahead: int, taken: bool) -> None:
    answer = signed_by("w1", "w1", shown(3).checkpoint.text, int(NOON.timestamp()) + ahead)

    if taken:
        assert ask(ASKED, 0, shown(3), says(answer), at=NOON).line == answer.body
    else:
        assert refusal(0, shown(3), says(answer)) == (State.WRONG, 200)


def test_lines_of_other_keys_in_an_answer_are_left_behind() -> None:
    text = shown(3).checkpoint.text
    own, other = signed_by("w1", "w1", text).body, a_cosigner(3).line(text)

    assert ask(ASKED, 0, shown(3), says(Answer(200, "", other + own)), at=NOON).line == own


def test_cosignatures_are_put_in_the_order_of_the_policy_whatever_holds() -> None:
    keys = {name: a_key(name) for name in ("w1", "w2", "w3")}
    lines = [f"witness {name} {key.public.vkey}\n" for name, key in keys.items()]
    policy = parse_policy("".join([*lines, "group g 2 w1 w2 w3\nquorum g\n"]).encode())
    text = shown(3).checkpoint.text
    third, first = (signed_by(name, name, text).body for name in ("w3", "w1"))
    stale = signed_by("w2", "w2", shown(2).checkpoint.text).body

    found = cosignatures_of(policy, text, [third, stale, b"", LOG.line(text) + first])

    assert [each.line for each in found] == [first, third]
    assert has_quorum(policy, found)
    assert not has_quorum(policy, found[:1])
    with pytest.raises(NotVerified):
        read_cosignature(stale, text, keys["w2"].public)


def test_where_no_quorum_is_asked_for_nothing_is_witnessed() -> None:
    assert not has_quorum(stack_policy(""), [])


@pytest.mark.parametrize("url", ["https://w.example", "https://w.example/a/", "http://127.0.0.1:99", "http://[::1]:9"])
def test_a_witness_is_reached_over_tls_or_on_this_machine(url: str) -> None:
    (witness,) = witnesses_of(stack_policy(f"witness w1 {a_key('w1').public.vkey} {url}\nquorum w1\n"))

    assert witness.url == url.rstrip("/") + "/add-checkpoint"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://w.example",
        "ftp://w.example",
        "file:///etc/passwd",
        "https://",
        "https://u@w.example",
        "https://w/?a",
    ],
)
def test_a_witness_without_an_address_that_is_safe_to_call_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="witness w1 needs an https address"):
        stack_policy(f"witness w1 {a_key('w1').public.vkey} {url}\nquorum w1\n")


def failed(standing: Standing, state: State, times: int, step: Callable[[int], timedelta]) -> list[Standing]:
    made = [standing]
    for number in range(times):
        made.append(made[-1].failed(state, NOON + step(number)))
    return made[1:]


def test_a_witness_that_fails_is_asked_at_growing_distances_of_a_quarter_of_an_hour_at_most() -> None:
    standings = failed(Standing(), State.SILENT, 60, lambda _: timedelta())
    waits = [(each.next_try - NOON).total_seconds() for each in standings if each.next_try]

    assert waits[:6] == [30, 60, 120, 240, 480, 900]
    assert set(waits[6:]) == {900}


def test_a_state_is_dated_from_when_it_began() -> None:
    silent = failed(Standing(), State.SILENT, 3, lambda number: timedelta(minutes=number))
    refused = silent[-1].failed(State.REFUSED, NOON + timedelta(hours=1))

    assert {each.since for each in silent} == {NOON}
    assert refused.since == NOON + timedelta(hours=1)


def test_what_was_cosigned_stays_through_failures_and_a_success_ends_them() -> None:
    checkpoint = shown(5).checkpoint
    cosigned = Standing().cosigned(checkpoint, b"line\n", time=NOON, at=NOON)
    silent = cosigned.failed(State.SILENT, NOON)
    again = silent.cosigned(shown(8).checkpoint, b"next\n", time=NOON, at=NOON)

    assert (silent.size, silent.line, silent.cosigned_at) == (5, "line\n", NOON)
    assert (again.size, again.failures, again.next_try) == (8, 0, None)


def test_a_witness_is_asked_when_it_is_behind_and_not_waiting() -> None:
    cosigned = Standing().cosigned(shown(5).checkpoint, b"line\n", time=NOON, at=NOON)
    silent = cosigned.failed(State.SILENT, NOON)

    assert not cosigned.is_due(shown(5).checkpoint, NOON)
    assert cosigned.is_due(shown(8).checkpoint, NOON)
    assert not silent.is_due(shown(8).checkpoint, NOON + timedelta(seconds=29))
    assert silent.is_due(shown(8).checkpoint, NOON + timedelta(seconds=30))


@pytest.mark.parametrize(
    ("size", "entries", "contradicts"),
    [(5, ENTRIES, False), (8, ENTRIES, False), (8, FORKED, False), (3, ENTRIES, True), (5, FORKED, True)],
)
def test_what_a_witness_cosigned_contradicts_a_log_that_is_shorter_or_other(
    size: int, entries: Sequence[bytes], contradicts: bool
) -> None:
    cosigned = Standing().cosigned(shown(5).checkpoint, b"line\n", time=NOON, at=NOON)

    assert cosigned.contradicts(shown(size, entries).checkpoint) is contradicts


def test_a_witness_that_was_never_asked_contradicts_no_log() -> None:
    assert not Standing().contradicts(shown(1).checkpoint)
    assert (
        Checkpoint(LOG.name, 0, bytes.fromhex(Standing().root)).text == a_checkpoint([]).rpartition(b"\n\n")[0] + b"\n"
    )


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30))
def test_the_age_is_that_of_the_oldest_checkpoint_without_its_quorum(rounds: list[tuple[int, bool]]) -> None:
    """Each round publishes some entries, is seen, and reaches its quorum or not; the model keeps every checkpoint."""
    published, witnessed, awaited = 0, 0, Awaited()
    seen: list[tuple[int, datetime]] = []
    for number, (grown, quorum) in enumerate(rounds):
        at = NOON + timedelta(minutes=number)
        published += grown
        seen += [(published, at)] if grown else []
        awaited = awaited.noted(published=published, witnessed=witnessed, at=at)
        witnessed = published if quorum else witnessed
        oldest = next((since for size, since in seen if size > witnessed), at)

        age = awaited.seconds(published=published, witnessed=witnessed, at=at)

        assert age == (at - oldest).total_seconds()


def test_a_witnessed_receipt_leads_from_any_entry_to_what_the_quorum_cosigned_last() -> None:
    entries = a_case(530)
    grown = grow(load_edge(0, dict[str, bytes]().__getitem__), entries)
    note = signed_note(
        text := Checkpoint(LOG.name, grown.size, grown.root).text, LOG.line(text), a_cosigner(1).line(text)
    )
    covered = Witnessed(size=grown.size, root=grown.root.hex(), note=note.decode())
    strict = parse_policy(f"log {LOG.key.vkey}\nwitness w1 {a_cosigner(1).key.vkey}\nquorum w1\n".encode())

    for index in (0, 255, 256, 511, 512, 529):
        mark = Mark(**FIELDS, leaf_hash=leaf_hash(entries[index]).hex()).filed(index=index, size=index + 1, proof=())
        receipt = witnessed_receipt(mark, covered, grown.objects.__getitem__).encode()

        assert verify_receipt(receipt, entries[index], strict).index == index


def test_an_entry_that_the_tiles_do_not_hold_is_given_no_witnessed_receipt() -> None:
    grown = grow(load_edge(0, dict[str, bytes]().__getitem__), ENTRIES)
    covered = Witnessed(size=grown.size, root=grown.root.hex())
    mark = Mark(**FIELDS, leaf_hash=leaf_hash(b"another").hex()).filed(index=3, size=5, proof=())

    with pytest.raises(NotVerified):
        witnessed_receipt(mark, covered, grown.objects.__getitem__)
