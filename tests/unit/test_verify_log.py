"""A log is verified whole: every entry, case, tile and checkpoint, old ones too, and nothing that has no place."""

import json
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
import rfc8785

from services.audit.merkle import consistency_proof
from services.audit.tiles import TileTree
from services.audit.verify.checkpoint import verify_checkpoint
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.log import LogObjects, verify_log
from services.audit.verify.merkle import EMPTY_ROOT, leaf_hash, root_of, verify_consistency
from services.audit.verify.policy import parse_policy
from tests.unit.ledger_makers import LOG, ORIGIN, Signer, a_policy, a_witness
from tests.unit.log_makers import Objects, a_log, a_small_log, entries_of, entry_of, judged, note_of

SIZES = [100, 256, 300, 511, 600]
ENTRIES = entries_of(600)
NOTES = {size: a_small_log()[f"checkpoints/{size}"] for size in SIZES}


def without(*paths: str) -> Objects:
    return {path: body for path, body in a_small_log().items() if path not in paths}


def refusal(objects: Objects, *, since: bytes | None = None) -> str:
    with pytest.raises(NotVerified) as refused:
        judged(objects, since=since)
    return str(refused.value)


def flipped(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def with_entry(index: int, change: Callable[[dict[str, object]], dict[str, object]]) -> list[bytes]:
    """The entries of the small log with one changed."""
    entries = ENTRIES.copy()
    entries[index] = entry_of(change(json.loads(entries[index])))
    return entries


def signed_anew(entries: Sequence[bytes]) -> Objects:
    """The log that holds these entries, as its own key would sign it."""
    return a_log(entries, [size for size in SIZES if size <= len(entries)])


def test_a_whole_log_is_verified() -> None:
    verdict = judged(a_small_log())
    assert (verdict.origin, verdict.size, verdict.root) == (ORIGIN, 600, root_of(map(leaf_hash, ENTRIES)))
    assert (verdict.cases, verdict.checkpoints, verdict.since) == (5, 5, None)


def test_a_log_of_no_entries_is_verified() -> None:
    verdict = judged({"checkpoint": note_of(0, EMPTY_ROOT)})
    assert (verdict.size, verdict.root, verdict.cases, verdict.checkpoints) == (0, EMPTY_ROOT, 0, 0)


def test_the_key_and_the_policy_that_an_export_leaves_beside_the_log_are_no_objects_of_it() -> None:
    assert judged(a_small_log() | {"log.vkey": b"whatever", "policy": b"trust me"}).size == 600


def test_entries_in_any_language_are_verified() -> None:
    fields = json.loads(ENTRIES[7]) | {"名称": "空余泊位数", "𝔘": "😀", "\ufb33": "true"}
    entries = [*ENTRIES[:7], rfc8785.dumps(fields), *ENTRIES[8:10]]
    assert judged(a_log(entries, [10])).size == 10


@pytest.mark.parametrize("path", ["tile/0/000.p/100", "tile/entries/000.p/100", "tile/entries/001.p/44"])
def test_a_partial_tile_that_expired_once_the_full_one_was_there_is_not_missed(path: str) -> None:
    assert judged(without(path)).size == 600


@pytest.mark.parametrize(
    "path",
    ["tile/0/000", "tile/entries/001", "tile/0/002.p/88", "tile/entries/002.p/88", "tile/1/000.p/2", "tile/1/000.p/1"],
)
def test_what_the_log_must_still_have_is_missed(path: str) -> None:
    assert refusal(without(path)) == f"{path} is missing"


def test_a_log_without_its_latest_checkpoint_is_refused() -> None:
    assert refusal(without("checkpoint")) == "checkpoint is missing"


def test_an_object_that_is_listed_and_cannot_be_had_is_missing() -> None:
    objects = without("tile/1/000.p/1")
    with pytest.raises(NotVerified, match=r"tile/1/000\.p/1 is missing"):
        verify_log(LogObjects(a_small_log(), objects.__getitem__), a_policy())


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("README", "'README' is not an object of a log"),
        ("checkpoint.part", "is not an object of a log"),
        (".checkpoint", "is not an object of a log"),
        ("tiles/0/000", "is not an object of a log"),
        ("checkpoints/", "'checkpoints/': '' is not a number"),
        ("checkpoints/0600", "is not a number without sign, space or leading zero"),
        ("checkpoints/600/x", "is not a number"),
        ("checkpoints/601", "checkpoints/601 was signed, but the log has 600 entries only: it was rolled back"),
        ("tile/0/00", "is not the path of a tile or bundle"),
        ("tile/0/x000/000", "is not the path of a tile or bundle"),
        ("tile/0/x001/x0/000", "is not the path of a tile or bundle"),
        ("tile/00/000", "is not the path of a tile or bundle"),
        ("tile/64/000", "is not the path of a tile or bundle"),
        ("tile/0/000.p/0", "is not the path of a tile or bundle"),
        ("tile/0/000.p/256", "is not the path of a tile or bundle"),
        ("tile/0/000.p/088", "is not the path of a tile or bundle"),
        ("tile/0/000.part", "is not the path of a tile or bundle"),
        ("tile/0/000\n", "is not the path of a tile or bundle"),
        ("tile/0/٠٠٠", "is not the path of a tile or bundle"),
        ("tile/0/../0/000", "is not the path of a tile or bundle"),
        ("tile/0/002", "tile/0/002 is beyond the log's 600 entries"),
        ("tile/0/002.p/89", "tile/0/002.p/89 is beyond the log's 600 entries"),
        ("tile/entries/003.p/1", "tile/entries/003.p/1 is beyond the log's 600 entries"),
        ("tile/1/000.p/3", "tile/1/000.p/3 is beyond the log's 600 entries"),
        ("tile/2/000.p/1", "tile/2/000.p/1 is beyond the log's 600 entries"),
        ("tile/0/000.p/99", "tile/0/000.p/99 is of no archived checkpoint"),
        ("tile/entries/002.p/87", "tile/entries/002.p/87 is of no archived checkpoint"),
    ],
)
def test_an_object_that_the_log_cannot_have_is_refused(path: str, reason: str) -> None:
    assert reason in refusal(a_small_log() | {path: b""})


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("tile/entries/000", "tile/0/000: its hash 3 is not that of entry 3"),
        ("tile/0/001", "tile/0/001: its hash 3 is not that of entry 259"),
        ("tile/0/000.p/100", "tile/0/000.p/100: its hash 3 is not that of entry 3"),
        ("tile/entries/001.p/44", "tile/entries/001.p/44 does not hold the first 44 entries of tile/entries/001"),
        ("tile/1/000.p/1", "tile/1/000.p/1: its hash 0 is not that of tile/0/000"),
        ("tile/1/000.p/2", "tile/1/000.p/2: its hash 0 is not that of tile/0/000"),
    ],
)
def test_a_changed_byte_is_named_by_its_place(path: str, reason: str) -> None:
    objects = a_small_log()
    places = {"tile/entries/000": objects["tile/entries/000"].index(b'"e-3"') + 1, "tile/entries/001.p/44": 90}
    at = places.get(path, 5 if "tile/1" in path else 100)
    assert refusal(objects | {path: flipped(objects[path], at)}) == reason


@pytest.mark.parametrize("path", ["tile/0/001", "tile/1/000.p/2", "tile/0/000.p/100"])
def test_a_tile_with_other_than_its_hashes_is_refused(path: str) -> None:
    objects = a_small_log()
    for body in (b"", objects[path][:-1], objects[path][:-32], objects[path] + bytes(32)):
        assert f"{path}: it has {len(body)} bytes, {len(objects[path])} are expected" in refusal(objects | {path: body})


def test_a_bundle_with_another_number_of_entries_is_refused() -> None:
    objects, path = a_small_log(), "tile/entries/001"
    more = refusal(objects | {path: objects[path] + b"\x00\x02{}"})
    none = refusal(objects | {path: b""})
    cut = refusal(objects | {path: objects[path][:-1]})
    assert more == f"{path}: it holds 257 entries, 256 are expected"
    assert none == f"{path}: it holds 0 entries, 256 are expected"
    assert cut == f"{path}: the bundle is cut short in its entry 255"


def test_a_checkpoint_of_another_tree_in_the_archive_is_refused() -> None:
    other = note_of(300, leaf_hash(b"another"))
    for note in (other, NOTES[256]):
        sentence = f"checkpoints/300 is not that of the first 300 entries of {ORIGIN}"
        assert refusal(a_small_log() | {"checkpoints/300": note}) == sentence


def test_a_checkpoint_in_the_archive_that_the_log_did_not_sign_is_refused() -> None:
    impostor = note_of(300, root_of(map(leaf_hash, ENTRIES[:300])), signer=Signer(seed=bytes([9]) * 32))
    assert refusal(a_small_log() | {"checkpoints/300": impostor}) == (
        "checkpoints/300: checkpoint 300: no log that the policy trusts signed it"
    )


def test_a_latest_checkpoint_of_another_tree_is_refused() -> None:
    objects = without("checkpoints/600") | {"checkpoint": note_of(600, leaf_hash(b"another"))}
    assert refusal(objects) == f"checkpoint is not that of the first 600 entries of {ORIGIN}"


def test_another_log_that_the_policy_trusts_is_another_log() -> None:
    other = Signer(name="other.example/log", seed=bytes([7]) * 32)
    policy = parse_policy(f"log {LOG.key.vkey}\nlog {other.key.vkey}\nquorum none\n".encode())
    note = note_of(300, root_of(map(leaf_hash, ENTRIES[:300])), origin=other.name, signer=other)
    with pytest.raises(NotVerified, match="checkpoints/300 is not that of the first 300 entries of ledger"):
        judged(a_small_log() | {"checkpoints/300": note}, policy)


def test_the_latest_checkpoint_alone_needs_the_quorum() -> None:
    witness = a_witness(1)
    policy = parse_policy(f"log {LOG.key.vkey}\nwitness w {witness.key.vkey}\nquorum w\n".encode())
    cosigned = note_of(600, root_of(map(leaf_hash, ENTRIES)), witness)
    assert judged(a_small_log() | {"checkpoint": cosigned}, policy, since=NOTES[256]).since == 256
    with pytest.raises(NotVerified, match="checkpoint: checkpoint 600: its witnesses are not the quorum 'w'"):
        judged(a_small_log(), policy)


@pytest.mark.parametrize("index", [0, 4, 5, 300, 599])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"case_seq": 77}, "its case_seq is '77'"),
        ({"case_seq": "1"}, "its case_seq is '1'"),
        ({"prev_hash": "ab" * 32}, f"its prev_hash is '{'ab' * 32}'"),
        ({"case": ""}, "does not name its case and its event"),
        ({"case": 5}, "does not name its case and its event"),
        ({"event_id": ""}, "does not name its case and its event"),
        ({"event_id": ["e-1"]}, "does not name its case and its event"),
        ({"more": None}, "true, false or null"),
        ({"more": [1, {"x": True}]}, "true, false or null"),
        ({"more": 2**53}, "is not canonical JSON"),
        ({"more": 0.5}, "is not canonical JSON"),
    ],
)
def test_a_log_whose_own_key_signed_a_wrong_entry_is_refused_all_the_same(
    index: int, change: dict[str, object], reason: str
) -> None:
    entries = with_entry(index, lambda fields: fields | change)
    sentence = refusal(signed_anew(entries))
    assert f"entry {index}" in sentence
    assert reason in sentence


def test_an_entry_that_goes_over_to_another_case_is_refused() -> None:
    entries = with_entry(300, lambda fields: fields | {"case": "c-9"})
    assert refusal(signed_anew(entries)) == "entry 300 of case c-9: its case_seq is '61', '1' is expected"


def test_an_entry_in_another_spelling_is_refused_with_its_place() -> None:
    entries = ENTRIES.copy()
    entries[301] = entries[301].replace(b",", b", ", 1)
    assert refusal(signed_anew(entries)) == "entry 301: the entry is not the canonical JSON of an object"


@pytest.mark.parametrize("dropped", [0, 3, 299])
def test_a_case_with_an_entry_left_out_is_refused(dropped: int) -> None:
    entries = ENTRIES[:dropped] + ENTRIES[dropped + 1 :]
    sentence = refusal(a_log(entries, [300, 599]))
    assert sentence.startswith(f"entry {dropped + 4} of case c-{dropped % 5}: its case_seq is")


def test_a_case_with_a_long_name_is_followed_too() -> None:
    first = entry_of({"case": "c" * 65, "case_seq": 1, "event_id": "e-1", "prev_hash": ""})
    second = {"case": "c" * 65, "case_seq": 2, "event_id": "e-2", "prev_hash": leaf_hash(first).hex()}
    other = {"case": "c" * 66, "case_seq": 1, "event_id": "e-3", "prev_hash": ""}
    assert judged(a_log([first, entry_of(second), entry_of(other)], [3])).cases == 2
    assert "its case_seq is '2', '1' is expected" in refusal(a_log([first, entry_of(second | {"case": "d" * 65})], [2]))


def test_two_entries_of_one_event_are_refused_even_in_two_cases() -> None:
    for later, changed in ((10, {"event_id": "e-3"}), (599, {"event_id": "e-3", "case": "c-8", "case_seq": 1})):
        first = changed | ({"prev_hash": ""} if "case" in changed else {})
        entries = with_entry(later, lambda fields, first=first: fields | first)[: later + 1]  # type: ignore[misc]
        assert refusal(a_log(entries, [len(entries)])) == f"entries 3 and {later} are both of the event 'e-3'"


@pytest.mark.parametrize("size", SIZES)
def test_a_log_is_found_to_begin_with_an_older_checkpoint_that_was_kept(size: int) -> None:
    objects = without(*(f"checkpoints/{each}" for each in SIZES if each in {100, 256}), "tile/0/000.p/100")
    objects.pop("tile/entries/000.p/100")
    assert judged(objects, since=NOTES[size]).since == size


def test_an_older_checkpoint_of_no_entries_is_the_beginning_of_every_log() -> None:
    assert judged(a_small_log(), since=note_of(0, EMPTY_ROOT)).since == 0


def test_a_forked_log_does_not_begin_with_the_checkpoint_that_was_kept() -> None:
    fork = signed_anew([*ENTRIES[:250], *forked()])
    assert judged(fork).size == 600
    assert judged(fork, since=NOTES[100]).since == 100
    for size in (256, 300, 600):
        sentence = f"the older checkpoint is not that of the first {size} entries of {ORIGIN}"
        assert refusal(fork, since=NOTES[size]) == sentence


def forked() -> list[bytes]:
    """Entries 250 to 599 of another history of the same log."""
    last = {index % 5: leaf_hash(ENTRIES[index]).hex() for index in range(245, 250)}
    entries = []
    for index in range(250, 600):
        fields = json.loads(ENTRIES[index]) | {"event_id": f"f-{index}", "prev_hash": last[index % 5]}
        entries.append(entry_of(fields))
        last[index % 5] = leaf_hash(entries[-1]).hex()
    return entries


def test_a_log_that_was_rolled_back_is_shorter_than_the_checkpoint_that_was_kept() -> None:
    rolled_back = a_log(ENTRIES, SIZES[:3])
    assert judged(rolled_back).size == 300
    assert refusal(rolled_back, since=NOTES[511]) == (
        "the older checkpoint has 511 entries, the log only 300: it was rolled back"
    )


def test_an_older_checkpoint_that_nobody_signed_proves_nothing() -> None:
    note = note_of(300, root_of(map(leaf_hash, ENTRIES[:300])), signer=Signer(seed=bytes([9]) * 32))
    assert refusal(a_small_log(), since=note).startswith("the older checkpoint: checkpoint 300: no log")
    with pytest.raises(Malformed, match="the older checkpoint: the note has no text"):
        judged(a_small_log(), since=b"")


def test_proofs_of_growth_alone_miss_a_changed_entry_and_the_verifier_does_not() -> None:
    objects = a_small_log()
    path = "tile/entries/001"
    edited = objects | {path: objects[path].replace(b'"e-300"', b'"e-3OO"')}
    trees = {size: TileTree(size, edited.__getitem__) for size in SIZES}
    for old_size, size in pairwise(SIZES):
        old, new = (verify_checkpoint(NOTES[each], a_policy()) for each in (old_size, size))
        proof = consistency_proof(old_size, size, trees[size].node)
        verify_consistency(old_size=old_size, old_root=old.root, size=size, root=new.root, proof=proof)
    assert refusal(edited) == "tile/0/001: its hash 44 is not that of entry 300"


def test_the_latest_checkpoint_alone_misses_a_changed_stale_tile_and_the_archive_does_not() -> None:
    objects, path = a_small_log(), "tile/0/001.p/44"
    changed = objects | {path: flipped(objects[path], 40)}
    latest = {each: body for each, body in changed.items() if not (each.startswith("checkpoints/") or ".p/" in each)}
    edge = {each: objects[each] for each in ("tile/0/002.p/88", "tile/entries/002.p/88", "tile/1/000.p/2")}
    assert judged(latest | edge).checkpoints == 0
    assert refusal(changed) == f"{path}: its hash 1 is not that of entry 257"
