"""Bundles of evidence as files: the same files make the same zip, what could do harm is not read, and the command line
says in one sentence what is wrong, with its exit code.
"""

import io
import json
import os
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.audit.bundle import bag_of, zipped
from services.audit.verify.bundle_index import POLICY, SEAL_ENTRY, SEAL_RECEIPT
from services.audit.verify.errors import Malformed
from tests.evidence_bundles import TEXT, Bundle, a_bundle
from tests.unit.ledger_makers import Signer
from tools.govshare.bags import MOST_BYTES, MOST_FILES, read_bag, write_bag
from tools.govshare.commands import main
from tools.govshare.failures import Unusable


def govshare(*arguments: object) -> int:
    """Run a command; return its exit code."""
    return main([str(argument) for argument in arguments])


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The policy that trusts the log of the bundle, kept elsewhere."""
    (tmp_path / "kept").mkdir()
    return written(tmp_path / "kept" / "policy.txt", TEXT.encode())


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sealed bundle as a zip."""
    write_bag(tmp_path / "bundle.zip", a_bundle())
    return tmp_path / "bundle.zip"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same bundle, unpacked."""
    for path, content in a_bundle().items():
        written(tmp_path / "unpacked" / path, content)
    return tmp_path / "unpacked"


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_bundle_is_verified_zipped_and_unpacked(
    bundle: Path, folder: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in (bundle, folder):
        assert govshare("verify", "bundle", place, "--policy", policy) == 0
        assert capsys.readouterr().out == (
            "verified: evidence for JC-2026-15 (duty), made by supervision_bureau at 2026-11-23T04:00:00Z, "
            "6 entries under checkpoint 8 of ledger.example/filings: "
            "case c-1 (entries 1 to 3), case c-2 (entries 2, 4); "
            "payloads: 1 there, 1 erased, 1 not for its maker to read; sealed by entry 8\n"
        )


def test_the_verdict_on_a_bundle_is_given_as_json(
    bundle: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert govshare("verify", "bundle", bundle, "--policy", policy, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verified"], told["seal"]["index"]) == (True, 8)
    assert told["contents"]["checkpoint"]["size"] == 8
    assert told["contents"]["index"]["accountability_case"] == "JC-2026-15"
    assert [case["case"] for case in told["contents"]["index"]["cases"]] == ["c-1", "c-2"]

    write_bag(bundle, {**a_bundle(), "data/cases/c-1/1.json": b"{}"})
    assert govshare("verify", "bundle", bundle, "--policy", policy, "--json") == 1
    reason = "manifest-sha256.txt: data/cases/c-1/1.json has another hash than it lists"
    assert json.loads(capsys.readouterr().out) == {"verified": False, "reason": reason}


def test_a_sentence_holds_no_sign_that_steers_a_terminal(
    bundle: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bag(bundle, Bundle(index={"made_at": "2026\x1b[2J"}).files())

    assert govshare("verify", "bundle", bundle, "--policy", policy) == 0
    assert "made by supervision_bureau at 2026\N{REPLACEMENT CHARACTER}[2J" in capsys.readouterr().out


def test_the_same_files_make_the_same_zip_in_whatever_order_they_come() -> None:
    backwards = dict(reversed([*a_bundle().items()]))

    assert zipped("bundle", backwards) == zipped("bundle", a_bundle())
    assert bag_of({"data/b": b"2", "data/a": b"1"}, {}) == bag_of({"data/a": b"1", "data/b": b"2"}, {})


def test_a_zip_holds_one_folder_that_is_called_as_the_file_is(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        names = archive.namelist()

    assert names == sorted(f"bundle/{path}" for path in a_bundle())
    assert read_bag(bundle) == a_bundle()


def test_a_tag_has_one_line_whatever_is_in_it() -> None:
    info = bag_of({"data/a": b"1"}, {"External-Identifier": "x\nPayload-Oxum: 9.9"})["bag-info.txt"]

    assert info == b"External-Identifier: x Payload-Oxum: 9.9\nPayload-Oxum: 1.1\n"


def test_one_sentence_says_what_is_wrong(bundle: Path, policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bag(bundle, {**a_bundle(), "data/cases/c-1/1.json": b"{}"})

    assert govshare("verify", "bundle", bundle, "--policy", policy) == 1
    said = capsys.readouterr()
    assert said.err == "manifest-sha256.txt: data/cases/c-1/1.json has another hash than it lists\n"
    assert said.out == ""


def test_a_bundle_that_is_not_sealed_is_not_verified(
    bundle: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = dict(a_bundle())
    del files[SEAL_ENTRY], files[SEAL_RECEIPT]
    write_bag(bundle, files)

    assert govshare("verify", "bundle", bundle, "--policy", policy) == 1
    assert capsys.readouterr().err == "seal/entry.json is missing\n"


def test_a_bundle_with_a_key_of_its_own_is_not_verified(tmp_path: Path, policy: Path) -> None:
    stranger = Signer(seed=bytes([7]) * 32)
    forged = Bundle(signer=stranger, payload={POLICY: f"log {stranger.key.vkey}\nquorum none\n".encode()})
    write_bag(tmp_path / "forged.zip", forged.files())

    assert govshare("verify", "bundle", tmp_path / "forged.zip", "--policy", policy) == 1


def test_a_policy_that_came_with_the_bundle_is_refused(bundle: Path, folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "policy-elsewhere.txt"
    link.symlink_to(folder / POLICY)
    through = tmp_path / "door"
    through.symlink_to(folder)

    for inside in (folder / POLICY, folder / "data/../data/policy.txt", link, through / POLICY):
        assert govshare("verify", "bundle", folder, "--policy", inside) == 2
    assert govshare("verify", "bundle", bundle, "--policy", bundle) == 2


@pytest.mark.parametrize("missing", ["bundle", "policy"])
def test_what_is_not_there_is_unusable(bundle: Path, policy: Path, tmp_path: Path, missing: str) -> None:
    places = {"bundle": bundle, "policy": policy} | {missing: tmp_path / "nowhere"}

    assert govshare("verify", "bundle", places["bundle"], "--policy", places["policy"]) == 2


def test_a_file_that_is_no_policy_is_unusable(bundle: Path, tmp_path: Path) -> None:
    assert govshare("verify", "bundle", bundle, "--policy", written(tmp_path / "p.txt", b"nonsense")) == 2


def a_zip(*entries: zipfile.ZipInfo, content: bytes = b"x", method: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for entry in entries:
            archive.writestr(entry, content)
    return made.getvalue()


def named(name: str, **more: Any) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    for field, value in more.items():
        setattr(entry, field, value)
    return entry


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return a_zip(named("b/data/a"), named("b/data/a"))


def encrypted() -> bytes:
    plain = a_zip(named("b/data/a"))
    at = plain.index(b"PK\x01\x02") + 8
    return plain[:at] + b"\x01" + plain[at + 1 :]


def lying() -> bytes:
    """A file that says it has one byte and inflates to a million."""
    bomb = a_zip(named("b/data/a", compress_type=zipfile.ZIP_DEFLATED), content=bytes(1_000_000))
    size = (1_000_000).to_bytes(4, "little")
    return bomb.replace(size, (1).to_bytes(4, "little"))


HARMFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "two folders": (lambda: a_zip(named("b/data/a"), named("c/data/b")), "outside the one folder of the bag"),
    "no folder": (lambda: a_zip(named("bagit.txt")), "outside the one folder of the bag"),
    "a name twice": (twice, "or there twice"),
    "a link": (lambda: a_zip(named("b/data/a", external_attr=stat.S_IFLNK << 16)), "is not a plain file"),
    "a device": (lambda: a_zip(named("b/data/a", external_attr=stat.S_IFCHR << 16)), "is not a plain file"),
    "encryption": (encrypted, "is not a plain file"),
    "odd compression": (
        lambda: a_zip(named("b/data/a", compress_type=zipfile.ZIP_BZIP2)),
        "is compressed in a way that a bag is not",
    ),
    "more than it says": (lying, "cannot be read as a zip"),
    "no zip at all": (lambda: b"PK not a zip", "cannot be read as a zip"),
    "half a zip": (lambda: zipped("b", a_bundle())[:-100], "cannot be read as a zip"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_zip_that_could_do_harm_is_not_read(tmp_path: Path, policy: Path, name: str) -> None:
    make, sentence = HARMFUL[name]
    place = written(tmp_path / "harmful.zip", make())

    with pytest.raises(Malformed, match=sentence):
        read_bag(place)
    assert govshare("verify", "bundle", place, "--policy", policy) == 1


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "data/../../x", "..", "data\\..\\x"])
def test_a_path_that_leads_out_of_the_bag_is_refused_and_nothing_is_unpacked(
    tmp_path: Path, policy: Path, path: str
) -> None:
    place = written(tmp_path / "in" / "escape.zip", zipped("bundle", {**a_bundle(), path: b"x"}))
    before = sorted(tmp_path.rglob("*"))

    assert govshare("verify", "bundle", place, "--policy", policy) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_would_take_too_much_room_is_not_read(folder: Path) -> None:
    with (folder / "data" / "huge").open("wb") as huge:
        huge.truncate(MOST_BYTES)  # on disk it takes none

    with pytest.raises(Malformed, match="are more than a bag may hold"):
        read_bag(folder)


def test_a_zip_that_lists_more_files_than_a_bag_has_is_not_read(tmp_path: Path) -> None:
    one = a_zip(named("b/data/a"))
    start, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    listed = one[start:end] * (MOST_FILES + 1)
    size = len(listed).to_bytes(4, "little")
    many = one[:start] + listed + one[end : end + 12] + size + one[end + 16 :]

    with pytest.raises(Malformed, match=f"{MOST_FILES + 1} files of {MOST_FILES + 1} bytes are more"):
        read_bag(written(tmp_path / "many.zip", many))


def test_a_zip_that_claims_terabytes_is_refused_before_any_of_it_is_read(tmp_path: Path) -> None:
    bomb = a_zip(named("b/data/a", compress_type=zipfile.ZIP_DEFLATED), content=bytes(1_000_000))
    huge = bomb.replace((1_000_000).to_bytes(4, "little"), (2**32 - 2).to_bytes(4, "little"))

    with pytest.raises(Malformed, match=rf"1 files of {2**32 - 2} bytes are more"):
        read_bag(written(tmp_path / "bomb.zip", huge))


def link_to_a_file(folder: Path) -> None:
    (folder / "data" / "link").symlink_to(folder / POLICY)


def link_to_a_folder(folder: Path) -> None:
    (folder / "data" / "link").symlink_to(folder / "data")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "data" / "pipe")


@pytest.mark.parametrize("put", [link_to_a_file, link_to_a_folder, pipe])
def test_a_folder_with_anything_but_files_is_not_read(folder: Path, put: Callable[[Path], None]) -> None:
    put(folder)

    with pytest.raises(Malformed, match="is not a plain file"):
        read_bag(folder)


def test_there_is_never_half_a_bundle(bundle: Path, tmp_path: Path) -> None:
    class Broken(dict[str, bytes]):
        def __getitem__(self, path: str) -> bytes:
            raise OSError("no space left")

    before: Mapping[Path, bytes] = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(OSError, match="no space left"):
        write_bag(bundle, Broken(a_bundle()))

    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_neither_file_nor_folder_is_no_bag(tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        read_bag(tmp_path / "nowhere")


MAKE = ("evidence-bundle", "c-1", "--accountability-case", "JC-1", "--ground", "duty", "--unit", "110107")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (("--unit", "nobody"), "there is no organisation 'nobody'"),
        (("--unit", "110107"), "units are named twice"),
        (("--ground", "spite"), "'spite' is not one of the grounds duty, leak"),
        (("--accountability-case", "某案"), "'某案' is not a code"),
        (("c-1",), "cases are named twice"),
        (("../x",), "'../x' is not a code"),
    ],
)
def test_what_cannot_be_asked_for_is_told_before_anyone_is_asked(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str], changes: tuple[str, ...], sentence: str
) -> None:
    asked = (*MAKE, *changes, "--out", tmp_path / "out.zip", "--policy", policy, "--api", "http://127.0.0.1:9")

    assert govshare(*asked, "--token", "t") == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out.zip").exists()


def test_a_bundle_is_never_written_over_another_file(bundle: Path, policy: Path) -> None:
    before = bundle.read_bytes()

    assert govshare(*MAKE, "--out", bundle, "--policy", policy, "--api", "http://127.0.0.1:9", "--token", "t") == 2
    assert bundle.read_bytes() == before


def test_this_stack_s_tokens_are_not_sent_to_another_api(
    tmp_path: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert govshare(*MAKE, "--out", tmp_path / "o.zip", "--policy", policy, "--api", "http://127.0.0.1:9") == 2
    assert capsys.readouterr().err == "--api needs --token\n"


def test_what_does_not_verify_is_not_sealed(bundle: Path, policy: Path) -> None:
    write_bag(bundle, {**a_bundle(), "data/cases/c-1/1.json": b"{}"})

    assert govshare("evidence-seal", bundle, "--policy", policy, "--api", "http://127.0.0.1:9", "--token", "t") == 1
