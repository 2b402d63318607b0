"""Logs that our code grew, with the claims it makes about them; the seed says how long and in what batches.

Entries are what the ledger files of real events, beside bytes that no ledger would file: empty ones, long ones, noise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from random import Random

from services.audit.batch import CHECKPOINT, archived
from services.audit.entry import entry_of
from services.audit.merkle import inclusion_proof
from services.audit.tiles import TileTree, grow, load_edge
from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.note import signed_note
from tests.filing import a_case
from tests.interop.claims import Exported, Filed, Grew, Prove
from tests.unit.ledger_makers import LOG, ORIGIN, Signer, a_witness

WITNESSES = (a_witness(1), a_witness(2))
LONGEST = 65_535


@dataclass(frozen=True)
class Log:
    """A log of `entries` that stopped at each of `sizes` in turn: the roots it had and the `files` it wrote."""

    entries: tuple[bytes, ...]
    roots: dict[int, bytes]
    files: dict[str, bytes]

    @property
    def sizes(self) -> list[int]:
        return list(self.roots)

    @cached_property
    def receipts(self) -> list[Filed]:
        """What a receipt says of each entry: that it stands in the first tree that holds it."""
        return [self.filed(index, self.filed_at(index)) for index in range(len(self.entries))]

    @cached_property
    def trees(self) -> dict[int, TileTree]:
        """The log at each size, as its tiles tell it."""
        return {size: TileTree(size, self.files.__getitem__) for size in self.sizes}

    def filed_at(self, index: int) -> int:
        """Return the first size that holds an entry."""
        return next(size for size in self.sizes if size > index)

    def filed(self, index: int, size: int) -> Filed:
        """Claim that an entry stands in the tree of a size, by the note of that size."""
        proof = inclusion_proof(index, size, self.trees[size].node)
        vkeys = tuple(witness.key.vkey for witness in WITNESSES)
        note = note_of(size, self.roots[size])
        return Filed(self.entries[index], index, size, self.roots[size], tuple(proof), note, LOG.key.vkey, vkeys)

    def grew(self, old_size: int, size: int, prove: Prove) -> Grew:
        """Claim that the tree of a size begins with that of an older one."""
        proof = prove(old_size, size, self.trees[size].node)
        return Grew(old_size, self.roots[old_size], size, self.roots[size], tuple(proof))

    def exported(self) -> Exported:
        """The log as a static tree: tiles, bundles, the signed notes of each size, and the key."""
        vkey = LOG.key.vkey
        notes = {archived(size): note_of(size, root) for size, root in self.roots.items()}
        latest = notes[archived(self.sizes[-1])]
        return Exported(self.files | notes | {CHECKPOINT: latest, "log.vkey": vkey.encode()}, vkey)


@cache
def note_of(size: int, root: bytes, witnesses: tuple[Signer, ...] = WITNESSES) -> bytes:
    """Return the checkpoint of a tree, signed by the log and cosigned by the witnesses."""
    text = Checkpoint(ORIGIN, size, root).text
    return signed_note(text, *(signer.line(text) for signer in (LOG, *witnesses)))


def a_log(entries: Sequence[bytes], sizes: Sequence[int]) -> Log:
    """Grow a log to each of the sizes in turn."""
    files: dict[str, bytes] = {}
    roots: dict[int, bytes] = {}
    for old_size, size in pairwise((0, *sizes)):
        growth = grow(load_edge(old_size, files.__getitem__), entries[old_size:size])
        files |= growth.objects
        roots[size] = growth.root
    return Log(tuple(entries[: sizes[-1]]), roots, files)


@cache
def a_random_log(seed: int, size: int) -> Log:
    """Return a log of a size with entries and batches that follow from the seed."""
    random = Random(seed)  # noqa: S311 - not for secrets
    cuts = random.sample(range(1, size), min(size - 1, random.randint(1, 15))) if size > 1 else []
    return a_log(list(_entries(random, size)), [*sorted(cuts), size])


def _entries(random: Random, count: int) -> Iterator[bytes]:
    filed = _filed_events(count)
    longest = random.randrange(count)
    for index in range(count):
        if index == longest:
            yield random.randbytes(LONGEST)
        elif random.random() < 0.5:
            yield next(filed)
        else:
            yield random.randbytes(random.choice([0, 1, 31, 32, 33, 64, 500, 4_000]))


def _filed_events(count: int) -> Iterator[bytes]:
    previous = ""
    for event in a_case(count, case="c-1"):
        entry = entry_of(event, previous)
        previous = leaf_hash(entry).hex()
        yield entry


# The seed and the size of each log that is compared as a whole: the edges of tiles, and some between.
LOGS = [(1, 1), (2, 2), (3, 3), (4, 255), (5, 256), (6, 257), (7, 433), (8, 512), (9, 777), (10, 1_500)]
SAMPLE = a_log(a_random_log(0, 600).entries, [100, 256, 300, 511, 600])
