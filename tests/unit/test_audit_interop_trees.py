"""Verifiers that this project did not write find that the ledger only grew, and every byte of it where they would have
put it; a fork and a damaged export they refuse.

`pymerkle` builds its own proofs of growth on our hashes, and its audit is a rebuilding; it knows no signatures.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest

from tests.interop.claims import Audit, Grew, JudgeGrew, Prove, Rebuild
from tests.interop.damage import GROWTH, PROOF
from tests.interop.damaged_trees import TILES, TREE
from tests.interop.logs import LOGS, SAMPLE, a_log, a_random_log
from tests.interop.verifiers import present

PROVERS = {each.name: (each.grew, each.prove) for each in present() if each.grew}
AUDITORS = {each.name: each.audit for each in present() if each.audit}
BUILDERS = {each.name: each.rebuild for each in present() if each.rebuild}
PAIRS = [(100, 256), (100, 300), (256, 600), (300, 600), (511, 600)]

of_provers = pytest.mark.parametrize(("grew", "prove"), PROVERS.values(), ids=PROVERS)
of_auditors = pytest.mark.parametrize("audit", AUDITORS.values(), ids=AUDITORS)
of_builders = pytest.mark.parametrize("rebuild", BUILDERS.values(), ids=BUILDERS)
of_logs = pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log[1]} entries")


def with_proof(change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> Callable[[Grew], Grew]:
    return lambda claim: replace(claim, proof=change(claim.proof))


DAMAGES = dict(GROWTH) | {name: with_proof(change) for name, change in PROOF.items()}


@of_logs
@of_provers
def test_a_log_is_found_to_begin_with_every_earlier_one(grew: JudgeGrew, prove: Prove, log: tuple[int, int]) -> None:
    ours = a_random_log(*log)
    assert [pair for pair in combinations(ours.sizes, 2) if not grew(ours.grew(*pair, prove))] == []


@pytest.mark.parametrize("damage", DAMAGES)
@of_provers
def test_no_damaged_proof_of_growth_is_accepted(grew: JudgeGrew, prove: Prove, damage: str) -> None:
    claims = {pair: DAMAGES[damage](SAMPLE.grew(*pair, prove)) for pair in PAIRS}
    assert [pair for pair, claim in claims.items() if grew(claim)] == []


@pytest.mark.parametrize("at", [0, 99, 255, 299])
@of_provers
def test_a_fork_begins_with_the_log_only_up_to_where_it_left(grew: JudgeGrew, prove: Prove, at: int) -> None:
    fork = a_log([*SAMPLE.entries[:at], b"another entry", *SAMPLE.entries[at + 1 :]], SAMPLE.sizes)
    grown = {size: fork.grew(size, 600, prove) for size in SAMPLE.sizes[:-1]}
    claims = {size: replace(claim, old_root=SAMPLE.roots[size]) for size, claim in grown.items()}
    assert [size for size, claim in grown.items() if not grew(claim)] == []
    assert [size for size, claim in claims.items() if grew(claim)] == [size for size in claims if size <= at]


@of_logs
@of_builders
def test_tiles_and_bundles_are_byte_for_byte_those_that_another_builds(rebuild: Rebuild, log: tuple[int, int]) -> None:
    ours = a_random_log(*log)
    rebuilt = [rebuild(ours.entries[:size]) for size in ours.sizes]
    assert {path: data for files in rebuilt for path, data in files.items()} == ours.files


@of_logs
@of_auditors
def test_an_exported_log_passes_the_audit_of_another(audit: Audit, log: tuple[int, int]) -> None:
    assert audit(a_random_log(*log).exported())


@pytest.mark.parametrize("damage", TILES)
@of_auditors
def test_a_damaged_export_fails_the_audit(audit: Audit, damage: str) -> None:
    assert audit(TREE)
    assert not audit(TILES[damage](TREE))
