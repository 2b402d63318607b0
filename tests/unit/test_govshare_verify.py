"""`govshare verify`: 0 verified, 1 not verified, 2 unusable input, among it a policy that came with the evidence."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.audit.verify.filing import Filing
from services.audit.verify.merkle import EMPTY_ROOT, leaf_hash, root_of
from services.audit.verify.spelling import write_base64
from tests.unit.ledger_makers import LOG, ORIGIN, Signer, a_case, a_receipt
from tests.unit.log_makers import Objects, a_log, a_small_log, entries_of, entry_of, note_of
from tools.govshare.commands import main

ROOT = write_base64(root_of(map(leaf_hash, entries_of(600))))
Said = pytest.CaptureFixture[str]


@pytest.fixture
def policy(tmp_path: Path) -> str:
    """The policy that trusts the log."""
    return written(tmp_path / "policy.txt", f"log {LOG.key.vkey}\nquorum none\n".encode())


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of 600 entries in a folder."""
    return laid_out(tmp_path / "log", a_small_log())


@pytest.fixture
def kept(tmp_path: Path) -> str:
    """A checkpoint of the log that was kept elsewhere."""
    return written(tmp_path / "kept", a_small_log()["checkpoints/300"])


def written(path: Path, body: bytes) -> str:
    path.write_bytes(body)
    return str(path)


def laid_out(folder: Path, objects: Objects) -> Path:
    for path, body in objects.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)
    return folder


def verify(*words: str | Path, policy: str | Path) -> int:
    return main(["verify", *map(str, words), "--policy", str(policy)])


def told(said: Said) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(said.readouterr().out)
    return answer


def test_a_whole_log_is_verified(log: Path, policy: str, kept: str, capsys: Said) -> None:
    assert verify("log", log, policy=policy) == 0
    sentence = f"verified: log {ORIGIN}, 600 entries of 5 cases, 5 archived checkpoints, root {ROOT}"
    assert capsys.readouterr().out == f"{sentence}\n"
    assert verify("log", log, "--since", kept, policy=policy) == 0
    assert capsys.readouterr().out == f"{sentence}, begins with the older checkpoint of 300\n"


def test_the_verdict_on_a_log_is_given_as_json(log: Path, policy: str, kept: str, capsys: Said) -> None:
    assert verify("log", log, "--since", kept, "--json", policy=policy) == 0
    counted = {"size": 600, "cases": 5, "checkpoints": 5, "since": 300}
    assert told(capsys) == {"verified": True, "origin": ORIGIN, "root": ROOT} | counted


def test_a_log_of_no_entries_is_verified(tmp_path: Path, policy: str) -> None:
    assert verify("log", laid_out(tmp_path / "log", {"checkpoint": note_of(0, EMPTY_ROOT)}), policy=policy) == 0


def test_a_log_with_one_altered_byte_is_not_verified(log: Path, policy: str, capsys: Said) -> None:
    body = (log / "tile/0/001.p/44").read_bytes()
    (log / "tile/0/001.p/44").write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    reason = "tile/0/001.p/44: its hash 43 is not that of entry 299"
    assert verify("log", log, policy=policy) == 1
    assert capsys.readouterr() == ("", f"{reason}\n")
    assert verify("log", log, "--json", policy=policy) == 1
    assert told(capsys) == {"verified": False, "reason": reason}


@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/002.p/88", "tile/1/000.p/2"])
def test_a_folder_where_a_file_should_be_is_a_file_that_is_missing(
    log: Path, policy: str, path: str, capsys: Said
) -> None:
    (log / path).unlink()
    (log / path).mkdir()
    assert verify("log", log, policy=policy) == 1
    assert capsys.readouterr().err == f"{path} is missing\n"


def test_a_file_that_has_no_place_in_a_log_is_not_verified(log: Path, policy: str, capsys: Said) -> None:
    written(log / "tile/0/000.part", b"")
    assert verify("log", log, policy=policy) == 1
    assert capsys.readouterr().err == "'tile/0/000.part' is not the path of a tile or bundle\n"


def test_a_forked_log_does_not_begin_with_what_was_kept(tmp_path: Path, policy: str, kept: str, capsys: Said) -> None:
    fork = laid_out(tmp_path / "fork", a_log(entries_of(400, word="x"), [400]))
    assert verify("log", fork, policy=policy) == 0
    assert verify("log", fork, "--since", kept, policy=policy) == 1
    assert "the older checkpoint is not that of the first 300 entries" in capsys.readouterr().err


def test_a_folder_without_a_log_is_unusable(tmp_path: Path, log: Path, policy: str, capsys: Said) -> None:
    (log / "checkpoint").unlink()
    for folder in (log, tmp_path / "nowhere"):
        assert verify("log", folder, policy=policy) == 2
        assert capsys.readouterr().err == f"{folder} holds no log: no file checkpoint\n"


def test_files_that_are_not_there_are_unusable(log: Path, policy: str, kept: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert verify("log", log, policy=nowhere) == 2
    assert verify("log", log, "--since", nowhere, policy=policy) == 2
    assert verify("consistency", nowhere, kept, "--log", log, policy=policy) == 2
    assert verify("consistency", kept, nowhere, "--log", log, policy=policy) == 2


def test_a_policy_that_came_with_the_log_is_unusable(log: Path, policy: str, tmp_path: Path, capsys: Said) -> None:
    delivered = written(log / "policy", Path(policy).read_bytes())
    (tmp_path / "link").symlink_to(delivered)
    (tmp_path / "elsewhere").symlink_to(log)
    (log / "out").symlink_to(policy)
    ways: list[str | Path] = [
        delivered,
        tmp_path / "link",
        tmp_path / "elsewhere" / "policy",
        log / "tile" / ".." / "policy",
        log / "out",
    ]
    for way in ways:
        assert verify("log", log, policy=way) == 2
        assert "came with the evidence and proves nothing" in capsys.readouterr().err
    assert verify("log", tmp_path / "elsewhere", policy=delivered) == 2


def test_an_older_checkpoint_that_came_with_the_log_is_unusable(log: Path, policy: str, capsys: Said) -> None:
    assert verify("log", log, "--since", log / "checkpoints/300", policy=policy) == 2
    assert "checkpoints/300 came with the evidence" in capsys.readouterr().err


def test_a_policy_beside_the_log_is_not_in_it(log: Path, policy: str) -> None:
    beside = written(log.parent / "log.policy", Path(policy).read_bytes())
    assert verify("log", log, policy=beside) == 0


def test_a_log_is_verified_to_begin_with_an_older_one(log: Path, policy: str, kept: str, capsys: Said) -> None:
    assert verify("consistency", kept, log / "checkpoint", "--log", log, policy=policy) == 0
    assert capsys.readouterr().out == f"verified: the log {ORIGIN} of 600 entries begins with that of 300\n"
    assert verify("consistency", kept, log / "checkpoint", "--log", log, "--json", policy=policy) == 0
    answer = told(capsys)
    assert (answer["verified"], answer["old_size"], answer["size"], answer["root"]) == (True, 300, 600, ROOT)
    assert len(answer["proof"]) > 0


@pytest.mark.parametrize("size", [100, 256, 511, 600])
def test_every_archived_checkpoint_is_a_beginning(log: Path, policy: str, size: int) -> None:
    assert verify("consistency", log / f"checkpoints/{size}", log / "checkpoint", "--log", log, policy=policy) == 0


def test_the_older_checkpoint_comes_first(log: Path, policy: str, kept: str, capsys: Said) -> None:
    assert verify("consistency", log / "checkpoint", kept, "--log", log, policy=policy) == 1
    assert capsys.readouterr().err == "a tree of 600 cannot be the beginning of a tree of 300\n"


def test_a_forked_log_is_not_consistent(tmp_path: Path, policy: str, kept: str, capsys: Said) -> None:
    fork = laid_out(tmp_path / "fork", a_log(entries_of(400, word="x"), [400]))
    assert verify("consistency", kept, fork / "checkpoint", "--log", fork, "--json", policy=policy) == 1
    assert told(capsys) == {"verified": False, "reason": "the tree of 400 does not begin with the tree of 300"}


@pytest.mark.parametrize("path", ["tile/0/001", "tile/0/002.p/88"])
def test_tiles_that_are_missing_or_changed_prove_nothing(
    log: Path, policy: str, kept: str, path: str, capsys: Said
) -> None:
    asked = ("consistency", kept, log / "checkpoint", "--log", log)
    written(log / path, bytes((log / path).stat().st_size))
    assert verify(*asked, policy=policy) == 1
    (log / path).unlink()
    assert verify(*asked, policy=policy) == 1
    assert f"has no {path.partition('.')[0]}" in capsys.readouterr().err


def test_checkpoints_of_two_logs_have_no_growth(log: Path, kept: str, tmp_path: Path, capsys: Said) -> None:
    other = Signer(name="other.example/log", seed=bytes([7]) * 32)
    note = written(tmp_path / "other", note_of(0, EMPTY_ROOT, origin=other.name, signer=other))
    policy = written(tmp_path / "both", f"log {LOG.key.vkey}\nlog {other.key.vkey}\nquorum none\n".encode())
    assert verify("consistency", note, log / "checkpoint", "--log", log, policy=policy) == 1
    assert f"is of the log other.example/log, {log / 'checkpoint'} of {ORIGIN}" in capsys.readouterr().err


def test_a_policy_among_the_tiles_or_in_place_of_a_checkpoint_is_unusable(log: Path, policy: str, kept: str) -> None:
    delivered = written(log / "policy", Path(policy).read_bytes())
    assert verify("consistency", kept, log / "checkpoint", "--log", log, policy=delivered) == 2
    assert verify("consistency", policy, log / "checkpoint", "--log", log, policy=policy) == 2


@pytest.fixture
def filed(tmp_path: Path) -> Path:
    """The evidence of a case of two entries, of which the second is a filing."""
    first, second = a_case(2)
    fields = json.loads(second) | {"filing": {"kind": "confidentiality", "authority": "secrecy_bureau"}}
    entries = [first, entry_of(fields)]
    files = {f"{number}.json": entry for number, entry in enumerate(entries, start=1)}
    receipts = {f"{number + 1}.tlog-proof": a_receipt(entries, number) for number in range(2)}
    return laid_out(tmp_path / "case", files | receipts)


def receipt_of(filed: Path, number: int) -> tuple[str | Path, ...]:
    return "receipt", filed / f"{number}.tlog-proof", "--entry", filed / f"{number}.json"


def test_a_receipt_says_with_whom_its_entry_is_filed(filed: Path, policy: str, capsys: Said) -> None:
    assert verify(*receipt_of(filed, 2), policy=policy) == 0
    sentence = f"entry 1 of {ORIGIN}, under its checkpoint 2, filed with secrecy_bureau as confidentiality"
    assert capsys.readouterr().out == f"verified: {sentence}\n"
    assert verify(*receipt_of(filed, 1), policy=policy) == 0
    assert capsys.readouterr().out == f"verified: entry 0 of {ORIGIN}, under its checkpoint 2\n"


def test_the_verdict_on_a_receipt_is_given_as_json(filed: Path, policy: str, capsys: Said) -> None:
    assert verify(*receipt_of(filed, 2), "--json", policy=policy) == 0
    answer = told(capsys)
    assert answer.pop("root")
    place = {"verified": True, "origin": ORIGIN, "index": 1, "size": 2}
    assert answer == place | {"filing": {"kind": "confidentiality", "authority": "secrecy_bureau"}}


def test_a_receipt_that_names_another_authority_is_not_verified(filed: Path, policy: str, capsys: Said) -> None:
    receipt = filed / "2.tlog-proof"
    extra = write_base64(Filing("confidentiality", "state_security_bureau").extra).encode()
    receipt.write_bytes(receipt.read_bytes().replace(b"\nindex", b"\nextra " + extra + b"\nindex"))
    assert verify(*receipt_of(filed, 2), "--json", policy=policy) == 1
    assert "the entry is filed with secrecy_bureau as confidentiality" in told(capsys)["reason"]


def test_a_receipt_or_entry_that_is_its_own_policy_is_unusable(filed: Path, policy: str) -> None:
    assert verify("receipt", policy, "--entry", filed / "1.json", policy=policy) == 2
    assert verify("receipt", filed / "1.tlog-proof", "--entry", policy, policy=policy) == 2


def test_the_verdict_on_a_case_is_given_as_json(filed: Path, policy: str, capsys: Said) -> None:
    assert verify("case", filed, "--json", policy=policy) == 0
    answer = told(capsys)
    assert (answer["verified"], answer["case"], answer["first"]) == (True, "c-1", 1)
    assert [(each["index"], each["size"]) for each in answer["verdicts"]] == [(0, 2), (1, 2)]


def test_a_policy_that_came_with_a_case_is_unusable(filed: Path, policy: str, capsys: Said) -> None:
    assert verify("case", filed, policy=written(filed / "policy", Path(policy).read_bytes())) == 2
    assert "came with the evidence" in capsys.readouterr().err


def test_evidence_cannot_steer_the_terminal_that_shows_it(tmp_path: Path, policy: str, capsys: Said) -> None:
    steering = {"case": "c\x1b[2J", "case_seq": 1, "event_id": "e", "prev_hash": ""}
    steering["filing"] = {"kind": "k\x9b2J", "authority": "\u202eo"}
    folder = laid_out(
        tmp_path / "case", {"1.json": entry_of(steering), "1.tlog-proof": a_receipt([entry_of(steering)], 0)}
    )
    assert verify(*receipt_of(folder, 1), policy=policy) == 0
    assert verify("case", folder, policy=policy) == 0
    assert verify("case", folder, "--from", "2", policy=policy) == 1
    log = laid_out(tmp_path / "log", a_log([entry_of(steering | {"case_seq": 2})], [1]))
    assert verify("log", log, policy=policy) == 1
    said = "".join(capsys.readouterr())
    assert said.count("\N{REPLACEMENT CHARACTER}") == 4
    assert all(letter.isprintable() or letter == "\n" for letter in said)


@pytest.mark.parametrize("command", ["receipt", "case", "log", "consistency"])
def test_every_command_tells_its_exit_codes(command: str, capsys: Said) -> None:
    assert main(["verify", command, "--help"]) == 0
    assert "0 verified; 1 not verified; 2 unusable input" in " ".join(capsys.readouterr().out.split())
