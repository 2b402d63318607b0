"""A sealed bundle of evidence is verified as a whole: what is changed, added or left out anywhere in it is found, and
so is what its own maker says wrongly, even where bag and seal are made anew around it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import bagit
import pytest
import rfc8785

from services.audit.bundle import bag_of
from services.audit.verify.bag import DECLARATION, INFO, MANIFEST, TAG_MANIFEST, manifest_of, tags_of, verify_bag
from services.audit.verify.bundle import SEALS, verify_bundle, verify_contents
from services.audit.verify.bundle_index import (
    INDEX,
    POLICY,
    SEAL_ENTRY,
    SEAL_RECEIPT,
    PayloadLine,
    parse_index,
    write_index,
)
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.policy import parse_policy
from tests.evidence_bundles import CASES, Bundle, a_bundle, a_log, an_entry
from tests.evidence_bundles import INFO as BAG_INFO
from tests.unit.ledger_makers import LOG, Signer, a_checkpoint, a_policy, a_receipt, a_witness

FIRST, SECOND = CASES
ENTRIES = [entry for *_, entry in a_log()]
STRANGER = Signer(seed=bytes([7]) * 32)


def refusal(files: Mapping[str, bytes]) -> str:
    """Return the sentence in which a bundle is refused."""
    with pytest.raises(NotVerified) as refused:
        verify_bundle(files, a_policy())
    return str(refused.value)


def but(changes: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """Return the good bundle with some files changed, added or, with None, left out."""
    return {path: content for path, content in {**a_bundle(), **changes}.items() if content is not None}


def test_a_whole_bundle_is_verified_and_says_what_it_proves() -> None:
    proven = verify_bundle(a_bundle(), a_policy())

    index = proven.contents.index
    assert (index.accountability_case, index.ground, index.units) == ("JC-2026-15", "duty", ("110107",))
    assert [(case.case, case.runs) for case in index.cases] == [("c-1", ((1, 3),)), ("c-2", ((2, 2), (4, 4)))]
    assert (proven.contents.checkpoint.size, proven.seal.index, index.entries) == (8, 8, 6)
    contents = proven.contents
    assert [contents.payloads(kind) for kind in ("", "erased", "not_readable")] == [1, 1, 1]


def test_others_take_it_for_a_bag_too(tmp_path: Path) -> None:
    for path, content in a_bundle().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)

    bag = bagit.Bag(str(tmp_path))

    assert bag.validate(processes=1)
    assert bag.info["Source-Organization"] == "supervision_bureau"
    assert {*bag.payload_files()} == {path for path in a_bundle() if path.startswith("data/")}
    (tmp_path / INDEX).write_bytes(b"{}")
    with pytest.raises(bagit.BagValidationError):
        bag.validate(processes=1)


@pytest.mark.parametrize("path", sorted(a_bundle()))
@pytest.mark.parametrize("at", [0, 0.5, -1])
def test_one_altered_byte_in_any_file_is_found(path: str, at: float) -> None:
    altered = bytearray(a_bundle()[path])
    altered[int(at * len(altered)) if at > 0 else int(at)] ^= 1

    refusal(but({path: bytes(altered)}))


@pytest.mark.parametrize("path", sorted(a_bundle()))
def test_any_file_that_is_missing_is_found(path: str) -> None:
    assert path in refusal(but({path: None}))


@pytest.mark.parametrize(
    "path", ["data/more.json", "data/cases/c-1/4.json", "note.txt", "seal/other.json", "manifest-md5.txt", "fetch.txt"]
)
def test_any_file_that_was_added_is_found(path: str) -> None:
    assert refusal(but({path: b"x"})) == (
        f"{MANIFEST if path.startswith('data/') else TAG_MANIFEST}: {path} is there and is not listed"
    )


@pytest.mark.parametrize("path", sorted(path for path in a_bundle() if path.startswith("data/")))
def test_a_change_is_found_when_the_manifests_are_made_anew(path: str) -> None:
    changed = {path: content for path, content in but({path: b"{}"}).items() if path.startswith("data/")}
    seals = {path: a_bundle()[path] for path in SEALS}

    refusal({**bag_of(changed, BAG_INFO), **seals})


def test_the_seal_binds_the_tag_manifest_and_by_it_every_file() -> None:
    other = bag_of(
        {path: content for path, content in a_bundle().items() if path.startswith("data/")},
        {**BAG_INFO, "Contact-Name": "nobody"},
    )

    said = refusal({**other, **{path: a_bundle()[path] for path in SEALS}})

    assert said == "the seal: its body is not that of this bundle"


def test_whom_to_trust_is_never_taken_from_the_bundle() -> None:
    own = f"log {STRANGER.key.vkey}\nquorum none\n".encode()

    said = refusal(Bundle(signer=STRANGER, payload={POLICY: own}).files())

    assert said == "data/checkpoint: checkpoint 8: no log that the policy trusts signed it"
    assert verify_bundle(Bundle(payload={POLICY: own}).files(), a_policy())


def test_a_quorum_that_is_asked_for_must_be_on_every_checkpoint() -> None:
    witness = a_witness(1)
    policy = parse_policy(f"log {LOG.key.vkey}\nwitness w {witness.key.vkey}\nquorum w\n".encode())

    with pytest.raises(NotVerified, match="its witnesses are not the quorum"):
        verify_bundle(a_bundle(), policy)


# Each is a bundle whose maker says something wrong, in a bag and under a seal that are right.
WRONG: dict[str, tuple[Bundle, str]] = {
    "other words": (
        Bundle(payload={FIRST.path(1, "payload.json"): b'{"reason":"other"}'}),
        "case c-1, entry 1: what was written with it has not the hash that is filed",
    ),
    "another salt": (
        Bundle(cases=(replace(FIRST, payloads=(PayloadLine(1, salt="ab" * 32), *FIRST.payloads[1:])), SECOND)),
        "case c-1, entry 1: what was written with it has not the hash that is filed",
    ),
    "a payload that is not told of": (
        Bundle(cases=(replace(FIRST, payloads=FIRST.payloads[:2]), SECOND)),
        "case c-1, entry 3: data/index.json does not tell rightly whether something was written with it",
    ),
    "a payload of an entry that has none": (
        Bundle(cases=(FIRST, replace(SECOND, payloads=(PayloadLine(2, withheld="not_readable"),)))),
        "case c-2, entry 2: data/index.json does not tell rightly whether something was written with it",
    ),
    "a payload of an entry that is not there": (
        Bundle(cases=(FIRST, replace(SECOND, payloads=(PayloadLine(3, withheld="not_readable"),)))),
        "data/index.json tells of what was written with entry 3 of case c-2, not in it",
    ),
    "an erasure that is not shown": (
        Bundle(erasures=()),
        "case c-1, entry 2: no erasure x-1 of what was written with it is in the bundle",
    ),
    "an erasure of another entry's words": (
        Bundle(
            cases=(
                replace(FIRST, payloads=(FIRST.payloads[0], *(replace(FIRST.payloads[1], seq=seq) for seq in (2, 3)))),
                SECOND,
            )
        ),
        "case c-1, entry 3: no erasure x-1 of what was written with it is in the bundle",
    ),
    "an erasure that is none": (
        Bundle(
            cases=(
                replace(
                    FIRST,
                    payloads=(FIRST.payloads[0], replace(FIRST.payloads[1], erased_by="c-1-e1"), FIRST.payloads[2]),
                ),
                SECOND,
            )
        ),
        "case c-1, entry 2: no erasure c-1-e1 of what was written with it is in the bundle",
    ),
    "an entry left out of a run": (
        Bundle(payload={FIRST.path(2, kind): b"" for kind in ("json", "tlog-proof", "bundle.tlog-proof")}),
        "data/cases/c-1/2.bundle.tlog-proof is missing, though named in data/index.json",
    ),
    "an entry in another's place": (
        Bundle(payload={FIRST.path(2, "json"): ENTRIES[4]}),
        "entry 2 of the case: its case_seq is '3', '2' is expected",
    ),
    "a case under another's name": (
        Bundle(payload={SECOND.path(2, "json"): an_entry("c-9", 2, "ab" * 32)}),
        "case c-9, entry 2: receipt of entry 3: the hash of the entry does not lead to the root of checkpoint 4",
    ),
    "a receipt of another entry": (
        Bundle(payload={FIRST.path(1, "tlog-proof"): a_receipt(ENTRIES, 1)}),
        "case c-1, entry 1: receipt of entry 1: the hash of the entry does not lead to the root of checkpoint 8",
    ),
    "a proof to another checkpoint": (
        Bundle(payload={FIRST.path(1, "bundle.tlog-proof"): a_receipt(ENTRIES[:5], 0)}),
        "data/cases/c-1/1.bundle.tlog-proof leads to another checkpoint than the bundle's",
    ),
    "another history": (
        Bundle(payload={FIRST.path(1, "tlog-proof"): a_receipt([ENTRIES[0], *ENTRIES[:0:-1]], 0)}),
        "the log signed two different checkpoints of size 8",
    ),
    "an entry in two places": (
        Bundle(payload={FIRST.path(1, "tlog-proof"): a_receipt([*ENTRIES, b"x", ENTRIES[0]], 9)}),
        "entry 1 of case c-1 stands at 9 and at 0",
    ),
    "fewer entries": (
        Bundle(index={"entries": 5}),
        "data/index.json says checkpoint and entries are (8, 5), they are (8, 6)",
    ),
    "a larger checkpoint": (
        Bundle(index={"checkpoint_size": 9}),
        "data/index.json says checkpoint and entries are (9, 6), they are (8, 6)",
    ),
    "a run without end": (
        Bundle(
            payload={
                INDEX: write_index(Bundle(cases=()).the_index()).replace(
                    b'"cases":[]',
                    b'"cases":[%s]' % (rfc8785.dumps({"case": "c-1", "payloads": [], "runs": [[1, 10**15]]})),
                )
            }
        ),
        f"data/index.json names {10**15 + 1} entries, the bundle has 28 files",
    ),
    "a seal of another kind": (
        Bundle(sealed_as={"type": "evidence.seen"}),
        "the seal: its type is not that of this bundle",
    ),
    "a seal by another bureau": (
        Bundle(sealed_as={"organisation": "informatization_office"}),
        "the seal: its organisation is not that of this bundle",
    ),
    "a seal of something else": (
        Bundle(sealed_as={"body": {"manifest_sha256": "ab" * 32}}),
        "the seal: its body is not that of this bundle",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_its_maker_says_wrongly_is_found(name: str) -> None:
    bundle, sentence = WRONG[name]

    assert refusal(bundle.files()) == sentence


def test_a_seal_that_is_not_filed_is_none() -> None:
    log = [*ENTRIES, b"something else"]

    said = refusal(but({SEAL_RECEIPT: a_receipt(log, len(ENTRIES))}))

    assert said == "the seal: receipt of entry 8: the hash of the entry does not lead to the root of checkpoint 9"


def test_a_seal_signed_by_another_log_is_none() -> None:
    whole = [*ENTRIES, a_bundle()[SEAL_ENTRY]]

    said = refusal(but({SEAL_RECEIPT: a_receipt(whole, 8, a_checkpoint(whole, signer=STRANGER))}))

    assert said == "the seal: receipt of entry 8: checkpoint 9: no log that the policy trusts signed it"


def test_before_it_is_sealed_its_contents_are_verified_alike() -> None:
    unsealed = but(dict.fromkeys(SEALS))

    assert verify_contents(unsealed, a_policy()) == verify_bundle(a_bundle(), a_policy()).contents
    assert refusal(unsealed) == f"{SEAL_ENTRY} is missing"


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "data/../x",
        "/etc/passwd",
        "data//x",
        "data/./x",
        "./x",
        ".x",
        "data/.x",
        "C:x",
        "a\\b",
        "名",
        "x\n",
        "a b",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(Malformed, match="is not a name that a file of a bag may have"):
        verify_bag(but({path: b"x"}), beside=SEALS)


def retagged(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the bag with its tag manifest made anew."""
    return files | {TAG_MANIFEST: manifest_of(tags_of(files, beside=SEALS))}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({DECLARATION: b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"}, "is not that of a bag"),
        ({DECLARATION: None}, "is not that of a bag"),
        ({INFO: b"Payload-Oxum: 1.1\n"}, "does not say how much the bag holds"),
        ({INFO: b"Contact-Name: nobody\n"}, "does not say how much the bag holds"),
        ({MANIFEST: b""}, "it is not a line for each file"),
        ({MANIFEST: a_bundle()[MANIFEST][:-1]}, "it is not a line for each file"),
        ({MANIFEST: a_bundle()[MANIFEST].replace(b"  ", b" ")}, "it is not a line for each file"),
        ({MANIFEST: b"".join(reversed(a_bundle()[MANIFEST].splitlines(keepends=True)))}, "it is not a line for each"),
        ({MANIFEST: a_bundle()[MANIFEST] * 2}, "it is not a line for each file"),
        ({MANIFEST: a_bundle()[MANIFEST].upper()}, "it is not a line for each file"),
        ({MANIFEST: a_bundle()[MANIFEST] + b"%s  data/x\n" % (b"ab" * 32)}, "data/x is listed and is not there"),
        ({MANIFEST: None}, "manifest-sha256.txt: it is missing"),
    ],
)
def test_what_is_no_bag_in_our_spelling_is_refused(changes: dict[str, bytes | None], sentence: str) -> None:
    with pytest.raises(NotVerified, match=sentence):
        verify_bag(retagged(but(changes)), beside=SEALS)


def test_an_index_is_read_as_it_was_written() -> None:
    index = Bundle().the_index()

    assert parse_index(write_index(index)) == index


def changed(index: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return a copy of an index with one member changed, or with None taken out."""
    copy = json.loads(json.dumps(index))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    assert isinstance(copy, dict)
    return copy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("v",), 2),
        (("v",), None),
        (("more",), 1),
        (("ground",), "spite"),
        (("accountability_case",), "../x"),
        (("units",), "110107"),
        (("units", 0), "某单位"),
        (("organisation",), ""),
        (("officer",), 7),
        (("entries",), 0),
        (("entries",), True),
        (("entries",), "6"),
        (("entries",), 1.5),
        (("cases",), []),
        (("cases",), {}),
        (("cases", 0), []),
        (("cases", 0, "case"), "c-2"),
        (("cases", 0, "case"), ".."),
        (("cases", 0, "runs"), []),
        (("cases", 0, "runs"), [[3, 1]]),
        (("cases", 0, "runs"), [[1, 2], [2, 3]]),
        (("cases", 0, "runs"), [[2, 3], [1, 1]]),
        (("cases", 0, "runs"), [[1, 2, 3]]),
        (("cases", 0, "runs"), [["1", "3"]]),
        (("cases", 0, "payloads", 0, "salt"), "ab"),
        (("cases", 0, "payloads", 0, "withheld"), "erased"),
        (("cases", 0, "payloads", 0, "seq"), 2),
        (("cases", 0, "payloads", 1, "erased_by"), None),
        (("cases", 0, "payloads", 1, "withheld"), "not_readable"),
        (("cases", 0, "payloads", 2, "withheld"), "lost"),
        (("cases", 0, "payloads", 2, "erased_by"), "x-1"),
    ],
)
def test_an_index_in_any_other_form_is_refused(path: tuple[str | int, ...], value: Any) -> None:
    content = rfc8785.dumps(changed(json.loads(write_index(Bundle().the_index())), path, value))

    with pytest.raises(Malformed, match=INDEX):
        parse_index(content)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b'{"v": 1}', b"\xff", b"[" * 100_000, write_index(Bundle().the_index()) + b"\n"],
)
def test_what_is_no_index_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed, match=INDEX):
        parse_index(content)
