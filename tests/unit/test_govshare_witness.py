"""A witness cosigns what grew from what it cosigned last, and answers all else as c2sp.org/tlog-witness numbers it."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from services.audit.cosigning import request_of
from services.audit.merkle import consistency_proof
from services.audit.verify.cosignature import read_cosignature
from services.audit.verify.errors import NotVerified
from services.audit.verify.note import parse_note, parse_vkey
from services.audit.verify.policy import trust_log
from tests.unit.ledger_makers import LOG, Signer, a_case, a_checkpoint, a_policy, node_of
from tests.witnesses import SEEN, a_key, a_witness_in, serving
from tools.govshare.failures import Unusable
from tools.govshare.policy import policy_text
from tools.govshare.witness import Answer, Cosigned, Witness
from tools.govshare.witness_commands import add_to
from tools.govshare.witness_key import Unfit, make_key, read_key

ENTRIES = a_case(300)
FORKED = [*ENTRIES[:4], *a_case(300, "c-2")]


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    """A witness of the tests' log that has cosigned nothing."""
    with a_witness_in(tmp_path, "w1", a_policy()) as made:
        yield made


def grown(old: int, size: int, entries: Sequence[bytes] = ENTRIES, *, signer: Signer = LOG) -> bytes:
    """The request for the log's checkpoint of `size`, said to follow from one of `old`."""
    leaves = [sha256(b"\x00" + entry).digest() for entry in entries[:size]]
    return request_of(
        old, consistency_proof(min(old, size), size, node_of(leaves)), a_checkpoint(entries[:size], signer=signer)
    )


def said(answer: Answer) -> tuple[int, str, bytes]:
    return answer.status.value, answer.kind, answer.body


def knows(size: int) -> tuple[int, str, bytes]:
    return 409, "text/x.tlog.size", f"{size}\n".encode()


def test_the_first_checkpoint_and_each_that_grew_from_it_are_cosigned_with_the_time(witness: Witness) -> None:
    for old, size in ((0, 1), (1, 4), (4, 7), (7, 256), (256, 300)):
        answer = witness.add_checkpoint(grown(old, size))

        made = read_cosignature(answer.body, parse_note(a_checkpoint(ENTRIES[:size])).text, a_key("w1").public)
        assert (answer.status, made.line, made.time) == (200, answer.body, SEEN)


def test_a_checkpoint_that_was_cosigned_is_cosigned_again_from_its_own_size(witness: Witness) -> None:
    witness.add_checkpoint(grown(0, 5))

    assert witness.add_checkpoint(grown(5, 5)).status == 200


def test_whoever_thinks_of_another_size_is_told_the_size(witness: Witness) -> None:
    assert said(witness.add_checkpoint(grown(3, 5))) == knows(0)
    witness.add_checkpoint(grown(0, 5))

    assert said(witness.add_checkpoint(grown(0, 5))) == knows(5)
    assert said(witness.add_checkpoint(grown(4, 9))) == knows(5)


def test_a_log_that_was_rolled_back_is_not_cosigned(witness: Witness) -> None:
    witness.add_checkpoint(grown(0, 9))

    assert said(witness.add_checkpoint(grown(4, 7))) == knows(9)
    assert witness.add_checkpoint(grown(9, 7)).status == 400


def test_another_history_is_not_cosigned_at_the_same_size_nor_at_a_larger_one(witness: Witness) -> None:
    witness.add_checkpoint(grown(0, 9))

    assert said(witness.add_checkpoint(grown(9, 9, FORKED))) == knows(9)
    assert witness.add_checkpoint(grown(9, 20, FORKED)).status == 422
    assert witness.add_checkpoint(grown(9, 20)).status == 200


@pytest.mark.parametrize(("old", "size"), [(0, 5), (5, 5)])
def test_a_proof_where_none_is_needed_is_refused(witness: Witness, old: int, size: int) -> None:
    if old:
        witness.add_checkpoint(grown(0, old))
    needless = grown(old, size).replace(b"\n\n", b"\n" + b"A" * 43 + b"=\n\n", 1)

    assert witness.add_checkpoint(needless).status == 422


def test_an_unknown_log_is_not_found_and_a_known_one_must_have_signed(witness: Witness) -> None:
    stranger = Signer("other.example/log")
    unknown = a_checkpoint(ENTRIES[:3], signer=stranger).replace(b"ledger.example/filings\n", b"other.example/log\n", 1)

    assert witness.add_checkpoint(request_of(0, [], unknown)).status == 404
    assert witness.add_checkpoint(grown(0, 3, signer=stranger)).status == 403
    assert witness.add_checkpoint(grown(0, 3, signer=Signer(seed=b"\x07" * 32))).status == 403


def test_a_signature_that_was_copied_from_another_checkpoint_is_forbidden(witness: Witness) -> None:
    signature = a_checkpoint(ENTRIES[:4]).rpartition(b"\n\n")[2]
    text = a_checkpoint(ENTRIES[:3]).rpartition(b"\n\n")[0]

    assert witness.add_checkpoint(request_of(0, [], text + b"\n\n" + signature)).status == 403


def test_cosignatures_of_other_witnesses_on_the_checkpoint_do_no_harm(witness: Witness) -> None:
    other = Signer("other.example/w", 4, b"\x08" * 32)
    note = a_checkpoint(ENTRIES[:3], other)

    assert witness.add_checkpoint(request_of(0, [], note)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old 0\n",
        b"old 00\n\n" + a_checkpoint(ENTRIES[:3]),
        b"old -1\n\n" + a_checkpoint(ENTRIES[:3]),
        b"old 0\r\n\n" + a_checkpoint(ENTRIES[:3]),
        b"Old 0\n\n" + a_checkpoint(ENTRIES[:3]),
        b"old 0\nAAAA\n\n" + a_checkpoint(ENTRIES[:3]),
        b"old 0\n\n\n" + a_checkpoint(ENTRIES[:3]),
        b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + a_checkpoint(ENTRIES[:3]),
        b"old 0\n\n" + a_checkpoint(ENTRIES[:3])[:-1],
        b"old 0\n\n" + a_checkpoint(ENTRIES[:3]).replace(b"\n3\n", b"\n03\n"),
        b"old 4\n\n" + a_checkpoint(ENTRIES[:3]),
    ],
)
def test_what_is_not_exactly_in_the_format_is_a_bad_request(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400


def test_a_witness_that_starts_again_remembers(tmp_path: Path) -> None:
    with a_witness_in(tmp_path, "w1", a_policy()) as before:
        before.add_checkpoint(grown(0, 9))

    with a_witness_in(tmp_path, "w1", a_policy()) as witness:
        assert said(witness.add_checkpoint(grown(0, 5, FORKED))) == knows(9)
        assert witness.add_checkpoint(grown(9, 12)).status == 200


def test_what_cannot_be_kept_is_not_cosigned(tmp_path: Path) -> None:
    with a_witness_in(tmp_path, "w1", a_policy()) as witness:
        witness.add_checkpoint(grown(0, 3))
        (file,) = (tmp_path / "w1").glob("*.json")
        file.with_suffix(".new").mkdir()  # so that nothing can be written there

        with pytest.raises(OSError, match="Is a directory"):
            witness.add_checkpoint(grown(3, 5))

        file.with_suffix(".new").rmdir()
        assert said(witness.add_checkpoint(grown(0, 5))) == knows(3)


def test_a_spoilt_memory_is_never_taken_for_an_empty_one(tmp_path: Path) -> None:
    with a_witness_in(tmp_path, "w1", a_policy()) as witness:
        witness.add_checkpoint(grown(0, 3))
        (file,) = (tmp_path / "w1").glob("*.json")
        file.write_text("")

        with pytest.raises(Unfit, match="restore it, never delete it"):
            witness.add_checkpoint(grown(0, 3, FORKED))


def test_two_witnesses_cannot_share_a_memory(tmp_path: Path) -> None:
    first = Cosigned(tmp_path)
    with pytest.raises(Unfit, match="in use by another witness"):
        Cosigned(tmp_path)
    first.close()

    Cosigned(tmp_path).close()


def test_a_key_file_is_its_owners_alone_and_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "key"

    made = make_key("supervision.example/witness", path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path).public == made.public == parse_vkey(made.public.vkey)
    with pytest.raises(Unfit, match="cannot be written"):
        make_key("supervision.example/witness", path)


def test_a_key_that_others_may_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    line = make_key("w.example", path).line
    swapped = make_key("w.example", tmp_path / "other").line.split("+")

    for text in ("", "PRIVATE+KEY+w.example+00000000+AAAA\n", line.replace("w.", "x."), line[:-1], f"{line}\n"):
        path.write_text(text)
        with pytest.raises(Unfit, match="is not the key of a witness"):
            read_key(path)
    path.write_text("+".join([*line.split("+")[:4], *swapped[4:]]))
    with pytest.raises(Unfit, match="do not belong together"):
        read_key(path)
    path.chmod(0o640)
    with pytest.raises(Unfit, match="can be read by others"):
        read_key(path)
    with pytest.raises(Unfit, match="not a name that a key may bear"):
        make_key("two words", tmp_path / "third")


def send(url: str, path: str, body: bytes | None, method: str = "POST") -> tuple[int, str | None, bytes]:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request(method, path, body)
    answer = connection.getresponse()
    try:
        return answer.status, answer.getheader("Content-Type"), answer.read()
    finally:
        connection.close()


def test_over_http_checkpoints_are_taken_at_one_address(tmp_path: Path) -> None:
    with serving(tmp_path, "w1", a_policy()) as line:
        url = line.split()[-1]

        assert send(url, "/add-checkpoint", grown(0, 5))[:2] == (200, "text/plain; charset=utf-8")
        assert send(url, "/add-checkpoint", grown(0, 6)) == knows(5)
        assert send(url, "/add-checkpoint", b"old")[0] == 400
        assert send(url, "/add-checkpoint", b"x" * 70_000)[0] == 413
        assert send(url, "/elsewhere", grown(5, 6))[0] == 404
        assert send(url, "/add-checkpoint", None, "GET")[0] == 501


def test_over_http_a_witness_that_cannot_keep_says_so_and_cosigns_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, "w1", a_policy()) as line:
        url = line.split()[-1]
        send(url, "/add-checkpoint", grown(0, 5))
        (file,) = (tmp_path / "w1").glob("*.json")
        file.write_text("{}")

        assert send(url, "/add-checkpoint", grown(5, 6))[::2] == (500, b"this witness cannot keep what it cosigns\n")


PROGRAM = "import typer; from tools.govshare import witness_commands as c; app = typer.Typer(); c.add_to(app); app()"


def test_a_department_makes_a_key_and_runs_a_witness_which_survives_being_killed(tmp_path: Path) -> None:
    key, policy = tmp_path / "key", tmp_path / "policy"
    policy.write_text(f"log {LOG.key.vkey}\nquorum none\n")
    files = ["--key", str(key), "--state", str(tmp_path / "state"), "--policy", str(policy)]
    vkey = make_key("w.example", key).public.vkey

    for request, status in ((grown(0, 5), 200), (grown(0, 5, FORKED), 409)):
        with subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-c", PROGRAM, "witness", "serve", *files, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            said_first, _, url = process.stdout.readline().strip().rpartition(" witnesses at ")
            answered = send(url, "/add-checkpoint", request)[0]
            process.kill()
        assert (said_first, answered) == (vkey, status)


def test_the_commands_say_the_public_key_and_what_cannot_be_used(tmp_path: Path) -> None:
    app = typer.Typer()
    add_to(app)
    run = CliRunner()
    out = str(tmp_path / "key")

    made = run.invoke(app, ["witness", "key", "w.example", "--out", out])
    again = run.invoke(app, ["witness", "key", "w.example", "--out", out])

    assert made.output.strip() == read_key(tmp_path / "key").public.vkey
    assert isinstance(again.exception, Unusable)
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_logs_policy_holds_its_witnesses_and_their_quorum() -> None:
    plain = policy_text({"vkey": LOG.key.vkey})
    witnesses = f"witness w1 {a_key('w1').public.vkey} https://w.example\nquorum w1\n"

    assert plain == policy_text({"vkey": LOG.key.vkey, "witness_policy": ""}) == f"log {LOG.key.vkey}\nquorum none\n"
    assert trust_log(LOG.key.vkey).logs == (LOG.key,)
    assert policy_text({"vkey": LOG.key.vkey, "witness_policy": witnesses}) == f"log {LOG.key.vkey}\n{witnesses}"
    with pytest.raises(NotVerified):
        policy_text({"vkey": LOG.key.vkey, "witness_policy": "quorum w1"})
