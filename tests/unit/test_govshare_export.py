"""An export is a log that verifies: whole, safe to run again and again, and never mixed with another log's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.log import LogVerdict
from services.audit.verify.note import parse_note
from tests.unit.ledger_makers import LOG, ORIGIN, Signer, a_policy, a_witness
from tests.unit.log_makers import Objects, a_log, a_small_log, entries_of
from tools.govshare.commands import main
from tools.govshare.evidence import verify_folder_log
from tools.govshare.exporting import Exported, Wanted, belongs, export_log, tiles_of
from tools.govshare.failures import Refused

POLICY = f"log {LOG.key.vkey}\nquorum none\n".encode()
BESIDE = {"log.vkey": f"{LOG.key.vkey}\n".encode(), "policy": POLICY}


class InMemory:
    """A log to export from; may die before its n-th read."""

    def __init__(self, objects: Objects, dies_at: int = 0) -> None:
        self.held, self._left = objects, dies_at

    def read(self, path: str) -> bytes:
        self._left -= 1
        if not self._left:
            raise OSError("the line is dead")
        return self.held[path]

    def objects(self, size: int) -> Iterator[Wanted]:
        named = (path for path in self.held if path != "checkpoint")
        return (Wanted(path, len(self.held[path])) for path in named if belongs(path, size))


class AsTold(InMemory):
    """A log of which only the archived sizes are told, as over the API."""

    def objects(self, size: int) -> Iterator[Wanted]:
        archived = (int(path.partition("/")[2]) for path in self.held if path.startswith("checkpoints/"))
        sizes = sorted(each for each in archived if each <= size)
        yield from (Wanted(f"checkpoints/{each}", None) for each in sizes)
        yield from (Wanted(tile.path, None) for tile in tiles_of(sizes))


both = pytest.mark.parametrize("source", [InMemory, AsTold])


def export(source: InMemory, folder: Path) -> Exported:
    return export_log(source, folder, POLICY)


def verified(folder: Path) -> LogVerdict:
    return verify_folder_log(folder, a_policy())


def files(folder: Path) -> Objects:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@both
def test_an_export_holds_every_object_with_the_key_and_the_policy(source: type[InMemory], tmp_path: Path) -> None:
    done = export(source(a_small_log()), tmp_path / "log")
    assert files(tmp_path / "log") == a_small_log() | BESIDE
    assert (done.origin, done.size, done.fetched, done.kept) == (ORIGIN, 600, len(a_small_log()) - 1, 0)
    assert verified(tmp_path / "log").checkpoints == 5


@both
def test_nothing_but_the_latest_checkpoint_is_fetched_twice(source: type[InMemory], tmp_path: Path) -> None:
    first = export(source(a_small_log()), tmp_path)
    again = export(source(a_small_log()), tmp_path)
    assert (again.fetched, again.kept) == (0, first.fetched)


@both
def test_a_log_that_grew_is_exported_into_the_same_folder(source: type[InMemory], tmp_path: Path) -> None:
    entries = entries_of(700)
    before, after = (a_log(entries, sizes) for sizes in ([300, 520], [300, 520, 700]))
    export(source(before), tmp_path)
    assert export(source(after), tmp_path).fetched == len(after) - len(before)
    assert files(tmp_path) == after | BESIDE
    assert verified(tmp_path).size == 700


@both
def test_an_export_cut_short_anywhere_is_gone_on_with(source: type[InMemory], tmp_path: Path) -> None:
    objects = a_log(entries_of(300), [10, 256, 300])
    for dies_at in range(1, len(objects) + 1):
        folder = tmp_path / str(dies_at)
        with pytest.raises(OSError, match="the line is dead"):
            export(source(objects, dies_at), folder)
        assert not (folder / "checkpoint").exists()
        export(source(objects), folder)
        assert files(folder) == objects | BESIDE


def test_a_file_of_the_wrong_length_is_fetched_again_and_a_draft_that_was_left_goes(tmp_path: Path) -> None:
    export(InMemory(a_small_log()), tmp_path)
    path = tmp_path / "tile/entries/001"
    path.write_bytes(b"cut")
    path.with_name("001.part").write_bytes(b"cu")
    assert export(InMemory(a_small_log()), tmp_path).fetched == 1
    assert files(tmp_path) == a_small_log() | BESIDE


@both
def test_what_is_filed_meanwhile_is_left_for_the_next_time(source: type[InMemory], tmp_path: Path) -> None:
    grown = a_log(entries_of(700), [300, 520, 700])
    shorter = grown | {"checkpoint": grown["checkpoints/520"]}
    assert export(source(shorter), tmp_path).size == 520
    assert verified(tmp_path).size == 520


@both
def test_partial_tiles_that_expired_are_passed_over_once_the_full_one_is_there(
    source: type[InMemory], tmp_path: Path
) -> None:
    gone = {"tile/0/000.p/100", "tile/entries/000.p/100", "tile/entries/001.p/44"}
    export(source({path: body for path, body in a_small_log().items() if path not in gone}), tmp_path)
    assert (verified(tmp_path).size, gone & files(tmp_path).keys()) == (600, set())


@pytest.mark.parametrize("path", ["tile/0/002.p/88", "tile/1/000.p/1", "tile/entries/000"])
def test_what_the_log_must_still_have_is_missed(path: str, tmp_path: Path) -> None:
    objects = {each: body for each, body in a_small_log().items() if each != path}
    with pytest.raises(Refused, match=f"{path} is not there, or not for you to read"):
        export(AsTold(objects), tmp_path)
    assert not (tmp_path / "checkpoint").exists()


def test_a_log_without_a_checkpoint_has_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the log has no checkpoint yet"):
        export(InMemory({}), tmp_path)


@pytest.mark.parametrize("other", [Signer(seed=bytes([9]) * 32), Signer(name="other.example/log")])
def test_a_policy_of_another_log_exports_nothing(other: Signer, tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="no log that the policy trusts signed it"):
        export_log(InMemory(a_small_log()), tmp_path, f"log {other.key.vkey}\nquorum none\n".encode())
    assert files(tmp_path) == {}


def test_of_two_keys_of_a_log_the_one_that_signed_is_left_beside_it(tmp_path: Path) -> None:
    second = Signer(seed=bytes([9]) * 32)
    policy = f"log {second.key.vkey}\nlog {LOG.key.vkey}\nquorum none\n".encode()
    export_log(InMemory(a_small_log()), tmp_path, policy)
    assert files(tmp_path)["log.vkey"] == BESIDE["log.vkey"]


@pytest.mark.parametrize("cosigned", [True, False])
def test_whether_the_witnesses_of_the_policy_have_cosigned_is_told(tmp_path: Path, cosigned: bool) -> None:
    witness, objects = a_witness(1), a_small_log()
    policy = f"log {LOG.key.vkey}\nwitness w {witness.key.vkey}\nquorum w\n".encode()
    text = parse_note(objects["checkpoint"]).text
    objects["checkpoint"] += witness.line(text) if cosigned else b""
    assert export_log(InMemory(objects), tmp_path, policy).witnessed == cosigned


def test_a_shorter_log_is_not_written_over_a_longer_one(tmp_path: Path) -> None:
    export(InMemory(a_small_log()), tmp_path)
    with pytest.raises(Refused, match=f"holds 600 entries of {ORIGIN}, the log is 300 of {ORIGIN}"):
        export(InMemory(a_log(entries_of(300), [300])), tmp_path)
    assert files(tmp_path) == a_small_log() | BESIDE


def test_how_far_it_is_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    export_log(InMemory(a_small_log()), tmp_path, POLICY, told.append)
    assert told == [*range(1, len(a_small_log()))]


@pytest.mark.parametrize("path", ["tile/0/1", "tile/x", "checkpoints/x", "checkpoints/01", "tile/0/../../../x"])
def test_an_odd_path_is_told_before_anything_is_written_there(path: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        export(InMemory(a_small_log() | {path: b""}), tmp_path)
    assert not (tmp_path / "checkpoint").exists()


@pytest.mark.parametrize(
    "sizes", [[], [1], [256], [1, 6, 7, 12], [100, 256, 300, 511, 600], [255, 512, 513], [65_500, 65_537]]
)
def test_the_tiles_of_archived_sizes_are_those_that_a_log_writes(sizes: list[int]) -> None:
    log = a_log(entries_of(sizes[-1] if sizes else 0), sizes)
    tiles = [tile.path for tile in tiles_of(sizes)]
    assert len(tiles) == len(set(tiles))
    assert set(tiles) == {path for path in log if path.startswith("tile/")}


@pytest.mark.parametrize(
    "words",
    [
        ["--bucket", "b"],
        ["--function", "f"],
        ["--policy", "p"],
        ["--api", "https://api.example"],
        ["--api", "https://api.example", "--policy", "p"],
        ["--api", "https://api.example", "--token", "t"],
        ["--api", "https://api.example", "--token", "t", "--policy", "p", "--bucket", "b"],
        ["--api", "https://api.example", "--token", "t", "--policy", "nowhere"],
        ["--api", "nonsense", "--token", "t", "--policy", "p"],
    ],
)
def test_half_of_what_names_a_log_is_unusable(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOVSHARE_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("p").write_bytes(POLICY)
    assert main(["export-log", "log", *words]) == 2
    assert not Path("log").exists()
