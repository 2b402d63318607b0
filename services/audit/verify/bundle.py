"""Sealed bundles of evidence, checked offline: the bag, every entry, receipt, proof and payload in it, and the seal.

Whom to trust comes from outside: the policy that lies in a bundle is never looked at. Knows no zip and no folder.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from services.audit.verify.bag import PAYLOAD, TAG_MANIFEST, Files, verify_bag
from services.audit.verify.bundle_index import (
    CHECKPOINT,
    ENTRY,
    ERASED,
    INDEX,
    PROOF,
    RECEIPT,
    SEAL_ENTRY,
    SEAL_RECEIPT,
    WORDS,
    CaseLine,
    Index,
    PayloadLine,
    parse_index,
)
from services.audit.verify.canonical import Field, Fields, parse_entry
from services.audit.verify.checkpoint import Checkpoint, verify_checkpoint
from services.audit.verify.entry import verify_case
from services.audit.verify.errors import NotVerified, about
from services.audit.verify.policy import Policy
from services.audit.verify.receipt import Verdict, parse_receipt, verify_receipt

SEALS = (SEAL_ENTRY, SEAL_RECEIPT)
SEALED = "evidence.sealed"


@dataclass(frozen=True)
class Contents:
    """What a verified bag of evidence holds: its index, and the checkpoint that all of its entries lead to."""

    index: Index
    checkpoint: Checkpoint

    def payloads(self, withheld: str = "") -> int:
        """Return how many payloads are in it, or are not for the reason named."""
        lines = (line for case in self.index.all_cases for line in case.payloads)
        return sum(line.withheld == withheld for line in lines)


@dataclass(frozen=True)
class BundleVerdict:
    """What a verified bundle proves: its contents, and the entry that seals them."""

    contents: Contents
    seal: Verdict


def verify_bundle(files: Files, policy: Policy) -> BundleVerdict:
    """Return what a sealed bundle proves under `policy`, without asking anyone.

    Raises NotVerified with one sentence for the first thing that does not hold.
    """
    contents = verify_contents(files, policy)
    return BundleVerdict(contents, _verify_seal(files, contents.index, policy))


def verify_contents(files: Files, policy: Policy) -> Contents:
    """Return what a bag of evidence holds, sealed or not yet; raises NotVerified for the first thing that is wrong."""
    verify_bag(files, beside=SEALS)
    index = parse_index(_file(files, INDEX))
    _verify_names(files, index)
    with about(CHECKPOINT):
        checkpoint = verify_checkpoint(files[CHECKPOINT], policy)
    verdicts = [each for case in index.all_cases for each in _verify_case(files, case, policy)]
    _verify_one_view(checkpoint, verdicts)
    _verify_payloads(files, index)
    said, found = (
        (index.checkpoint_size, index.entries),
        (checkpoint.size, sum(len(c.numbers) for c in index.all_cases)),
    )
    if said != found:
        raise NotVerified(f"{INDEX} says checkpoint and entries are {said}, they are {found}")
    return Contents(index, checkpoint)


def body_of_seal(index: Index, tag_manifest: bytes) -> dict[str, Field]:
    """Return what the entry that seals a bundle says of it."""
    return {
        "accountability_case": index.accountability_case,
        "ground": index.ground,
        "units": [*index.units],
        "cases": [case.case for case in index.cases],
        "entries": index.entries,
        "checkpoint_size": index.checkpoint_size,
        "manifest_sha256": sha256(tag_manifest).hexdigest(),
    }


def _verify_names(files: Files, index: Index) -> None:
    if index.held > len(files):  # or it would take us longer to count than the bundle to carry
        raise NotVerified(f"{INDEX} names {index.held} entries, the bundle has {len(files)} files")
    there, named = {path for path in files if path.startswith(PAYLOAD)}, index.paths()
    for path in sorted(there ^ named):
        raise NotVerified(f"{path} {'is not named in' if path in there else 'is missing, though named in'} {INDEX}")


def _verify_case(files: Files, case: CaseLine, policy: Policy) -> Iterator[Verdict]:
    """Yield what receipts and proofs of a case show, if each run of its entries is whole and both show the same."""
    for first, last in case.runs:
        numbers = range(first, last + 1)
        entries, receipts, proofs = (
            [files[case.path(number, kind)] for number in numbers] for kind in (ENTRY, RECEIPT, PROOF)
        )
        shown = verify_case(entries, receipts, policy, first=first)
        with about("to the bundle's checkpoint"):
            proven = verify_case(entries, proofs, policy, first=first)
        if {shown.case, proven.case} != {case.case}:
            raise NotVerified(f"the entries of case {case.case} are those of {shown.case[:80]!r}")
        for number, proof, one, other in zip(numbers, proofs, shown.verdicts, proven.verdicts, strict=True):
            if parse_receipt(proof).checkpoint != files[CHECKPOINT]:
                raise NotVerified(f"{case.path(number, PROOF)} leads to another checkpoint than the bundle's")
            if one.index != other.index:
                raise NotVerified(f"entry {number} of case {case.case} stands at {one.index} and at {other.index}")
        yield from (*shown.verdicts, *proven.verdicts)


def _verify_one_view(checkpoint: Checkpoint, verdicts: Iterable[Verdict]) -> None:
    """Raise NotVerified when two checkpoints of one size differ: the log has shown two histories."""
    roots = {checkpoint.size: checkpoint.root}
    for each in verdicts:
        if each.origin != checkpoint.origin:
            raise NotVerified(f"entry {each.index} is of the log {each.origin}, the checkpoint of {checkpoint.origin}")
        if roots.setdefault(each.size, each.root) != each.root:
            raise NotVerified(f"the log signed two different checkpoints of size {each.size}")


def _verify_payloads(files: Files, index: Index) -> None:
    entries = {
        (case.case, number): parse_entry(files[case.path(number, ENTRY)])
        for case in index.all_cases
        for number in case.numbers
    }
    erasures = {
        str(fields.get("event_id")): fields for fields in entries.values() if fields.get("type") == "payload.erased"
    }
    for case in index.all_cases:
        lines = {line.seq: line for line in case.payloads}
        for number in case.numbers:
            with about(f"case {case.case}, entry {number}"):
                _verify_payload(files, case, entries[case.case, number], lines.pop(number, None), erasures)
        for number in lines:
            raise NotVerified(f"{INDEX} tells of what was written with entry {number} of case {case.case}, not in it")


def _verify_payload(
    files: Files, case: CaseLine, entry: Fields, line: PayloadLine | None, erasures: Mapping[str, Fields]
) -> None:
    """Raise NotVerified unless what was written with an entry is there, under its hash, or proven or said not to be."""
    expected = entry.get("payload_sha256")
    if (line is None) != (expected is None):
        raise NotVerified(f"{INDEX} does not tell rightly whether something was written with it")
    if line is None:
        return
    if line.salt:
        written = bytes.fromhex(line.salt) + files[case.path(line.seq, WORDS)]
        if sha256(written).hexdigest() != expected:
            raise NotVerified("what was written with it has not the hash that is filed")
    elif line.withheld == ERASED:
        body = erasures.get(line.erased_by, {}).get("body")
        told = (body.get("event_id"), body.get("payload_sha256")) if isinstance(body, dict) else None
        if told != (entry.get("event_id"), expected):
            raise NotVerified(f"no erasure {line.erased_by[:80]} of what was written with it is in the bundle")


def _verify_seal(files: Files, index: Index, policy: Policy) -> Verdict:
    """Return where the entry stands that seals the bundle, if it names just this bundle and its maker."""
    entry, receipt = _file(files, SEAL_ENTRY), _file(files, SEAL_RECEIPT)
    with about("the seal"):
        fields = parse_entry(entry)
        expected: dict[str, Field] = {
            "type": SEALED,
            "organisation": index.organisation,
            "body": body_of_seal(index, files[TAG_MANIFEST]),
        }
        for name, value in expected.items():
            if fields.get(name) != value:
                raise NotVerified(f"its {name} is not that of this bundle")
        return verify_receipt(receipt, entry, policy)


def _file(files: Files, path: str) -> bytes:
    if path not in files:
        raise NotVerified(f"{path} is missing")
    return files[path]
