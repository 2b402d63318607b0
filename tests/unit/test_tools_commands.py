"""The command line's exit codes and words: 0 done or verified, 1 not verified or refused, 2 unusable input."""

from pathlib import Path

import pytest

from tests.unit.ledger_makers import LOG, Signer, a_case, a_receipt
from tools.govshare.commands import main


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """The evidence of a case of three entries, as `govshare evidence` writes it."""
    entries = a_case(3)
    folder = tmp_path / "case"
    folder.mkdir()
    for number, entry in enumerate(entries, start=1):
        (folder / f"{number}.json").write_bytes(entry)
        (folder / f"{number}.tlog-proof").write_bytes(a_receipt(entries, number - 1))
    return folder


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The policy that trusts the log of the case."""
    return written(tmp_path / "policy.txt", f"log {LOG.key.vkey}\nquorum none\n")


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def verify_receipt(case: Path, number: int, policy: Path) -> int:
    receipt, entry = case / f"{number}.tlog-proof", case / f"{number}.json"
    return main(["verify", "receipt", str(receipt), "--entry", str(entry), "--policy", str(policy)])


def verify_case(case: Path, policy: Path) -> int:
    return main(["verify", "case", str(case), "--policy", str(policy)])


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_receipt_that_holds_is_verified(case: Path, policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_receipt(case, 2, policy) == 0
    assert capsys.readouterr().out == "verified: entry 1 of ledger.example/filings, under its checkpoint 3\n"


def test_a_whole_case_is_verified(case: Path, policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_case(case, policy) == 0
    assert capsys.readouterr().out == "verified: case c-1, entries 1 to 3, none missing between\n"


def test_an_altered_entry_is_not_verified_and_one_sentence_says_where(
    case: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alter(case / "2.json")
    assert verify_receipt(case, 2, policy) == 1
    said = capsys.readouterr()
    assert said.err == "receipt of entry 1: the hash of the entry does not lead to the root of checkpoint 3\n"
    assert said.out == ""


@pytest.mark.parametrize("altered", ["1.json", "3.json", "1.tlog-proof", "3.tlog-proof"])
def test_a_case_with_one_altered_byte_is_not_verified(case: Path, policy: Path, altered: str) -> None:
    alter(case / altered)
    assert verify_case(case, policy) == 1


@pytest.mark.parametrize("missing", ["1.json", "2.json", "2.tlog-proof"])
def test_a_case_with_something_missing_is_not_verified(case: Path, policy: Path, missing: str) -> None:
    (case / missing).unlink()
    assert verify_case(case, policy) == 1


def test_a_policy_of_another_log_verifies_nothing(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Signer(seed=bytes([7]) * 32).key.vkey
    policy = written(tmp_path / "other.txt", f"log {other}\nquorum none\n")
    assert verify_receipt(case, 1, policy) == 1
    assert "no log that the policy trusts signed it" in capsys.readouterr().err


@pytest.mark.parametrize("broken", ["", "log nonsense\nquorum none\n", "quorum none\nquorum none\n"])
def test_a_file_that_is_no_policy_is_unusable(case: Path, tmp_path: Path, broken: str) -> None:
    assert verify_receipt(case, 1, written(tmp_path / "broken.txt", broken)) == 2


def test_a_file_or_folder_that_is_not_there_is_unusable(case: Path, policy: Path, tmp_path: Path) -> None:
    assert verify_receipt(case, 9, policy) == 2
    assert verify_case(tmp_path / "nowhere", policy) == 2
    assert verify_receipt(case, 1, tmp_path / "nowhere.txt") == 2


def test_an_unknown_command_or_option_is_unusable() -> None:
    assert main(["publish"]) == 2
    assert main(["verify", "receipt"]) == 2


def test_this_stack_s_tokens_are_not_sent_to_another_api(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["evidence", "c-1", "--out", str(tmp_path / "out"), "--api", "https://elsewhere.example/v1"]
    assert main(asked) == 2
    assert capsys.readouterr().err == "--api needs --token\n"
