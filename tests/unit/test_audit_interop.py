"""Verifiers that this project did not write accept the ledger's receipts, and refuse them once they are damaged.

Where they are more lenient than ours, nothing is asserted:

- `sigstore` and `@sigstore/verify` read the checkpoints of Rekor: extension lines, repeated signatures, roots of any
  length and sizes in many spellings are all the same to them, as long as the signature holds. Neither compares the
  origin with the name of the key, and `sigstore` does not compare the signed size with that of the proof.
- `aics-tlog` takes extension lines, as the standard allows, and a note without its last newline.
- `pymerkle` knows no notes: it believes the root and the size that it is told.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from tests.interop.claims import Filed, JudgeFiled, JudgeSigned, Signed
from tests.interop.damage import PLACE, PROOF
from tests.interop.damaged_notes import NOTE
from tests.interop.logs import LOGS, SAMPLE, a_random_log, note_of
from tests.interop.verifiers import absent, present
from tests.unit.ledger_makers import LOG

VERIFIERS = {each.name: each.filed for each in present()}
READERS = {each.name: each.signed for each in present() if each.signed}
ODD = json.loads((Path(__file__).parents[1] / "data/ledger/odd-checkpoints.json").read_text("utf-8"))
LENIENT = {
    "sigstore": {
        *("leading zero size", "plus size", "size with space", "unicode digits", "negative", "underscore"),
        *("root 31 bytes", "root with ws", "CRLF", "extension line", "dup sig line"),
    },
    "@sigstore/verify": {
        *("leading zero size", "plus size", "size with space", "negative", "empty origin", "CRLF"),
        *("root 31 bytes", "root with ws", "url-safe b64 root", "extension line", "dup sig line"),
    },
    "aics-tlog": {"extension line", "missing final newline"},
}

Claim = TypeVar("Claim")
Property = Callable[[str, object], None]
of_all = pytest.mark.parametrize("filed", VERIFIERS.values(), ids=VERIFIERS)
of_readers = pytest.mark.parametrize("signed", READERS.values(), ids=READERS)


def places() -> list[Filed]:
    """Claims of entries all over a log, of which each part can be damaged."""
    indexes = (1, 17, 128, 254, 255, 256, 299, 300, 511, 512, 598, 599)
    return [SAMPLE.filed(index, 600) for index in indexes if SAMPLE.entries[index]]


def notes() -> list[Signed]:
    return [Signed(note_of(size, root), LOG.key.vkey) for size, root in SAMPLE.roots.items()]


def accepted(judge: Callable[[Sequence[Claim]], list[bool]], claims: Mapping[str, Claim]) -> list[str]:
    """Return the names of the claims that a verifier accepts."""
    return [name for name, answer in zip(claims, judge([*claims.values()]), strict=True) if answer]


def test_a_verifier_that_is_not_here_is_told_and_fails_a_strict_run(record_property: Property) -> None:
    for line in absent():
        record_property("told", f"interop: {line}")
    assert not absent() or os.environ.get("STRICT_INTEROP") != "1"


@of_all
def test_every_entry_is_accepted_where_its_receipt_says_that_it_stands(filed: JudgeFiled) -> None:
    claims = [claim for log in LOGS for claim in a_random_log(*log).receipts]
    assert filed(claims) == [True] * len(claims)


@of_all
def test_entries_are_accepted_in_the_later_trees_too(filed: JudgeFiled) -> None:
    logs = [a_random_log(*log) for log in LOGS]
    claims = [log.filed(index, size) for log in logs for size in log.sizes for index in {0, size // 3, size - 1}]
    assert filed(claims) == [True] * len(claims)


@of_all
def test_no_damaged_place_is_accepted(filed: JudgeFiled) -> None:
    claims = {f"{name}, entry {claim.index}": damage(claim) for name, damage in PLACE.items() for claim in places()}
    assert accepted(filed, claims) == []


@of_all
def test_no_place_with_a_damaged_proof_is_accepted(filed: JudgeFiled) -> None:
    damaged = {
        f"{name}, entry {claim.index}": replace(claim, proof=damage(claim.proof))
        for name, damage in PROOF.items()
        for claim in places()
    }
    assert accepted(filed, damaged) == []


@pytest.mark.parametrize("name", READERS)
def test_no_place_is_accepted_under_the_note_of_another_tree(name: str) -> None:
    older = note_of(300, SAMPLE.roots[300])
    claims = {f"entry {claim.index}": replace(claim, note=older) for claim in places() if claim.index < 300}
    assert accepted(VERIFIERS[name], claims) == []


@of_readers
def test_every_checkpoint_is_accepted_with_and_without_witnesses(signed: JudgeSigned) -> None:
    alone = [Signed(note_of(size, root, ()), LOG.key.vkey) for size, root in SAMPLE.roots.items()]
    assert signed([*notes(), *alone]) == [True] * 2 * len(alone)


@of_readers
def test_no_damaged_note_is_accepted(signed: JudgeSigned) -> None:
    claims = {f"{name}, {at}": damage(claim) for name, damage in NOTE.items() for at, claim in enumerate(notes())}
    assert accepted(signed, claims) == []


@pytest.mark.parametrize("name", READERS)
def test_of_the_odd_checkpoints_the_good_one_is_accepted_and_others_only_where_that_is_known(name: str) -> None:
    claims = {odd: Signed(note.encode(), ODD["vkey"]) for odd, note in ODD["checkpoints"].items()}
    assert {*accepted(READERS[name], claims)} - LENIENT[name] == {"good"}
