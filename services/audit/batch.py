"""Decides which accepted entries a batch files, in which order, and every byte and mark that follows from it.

Pure. A staged batch is a function of the log before it and of its entries alone, without a clock, so that whoever
repeats it writes the same bytes.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from pydantic import AwareDatetime, ConfigDict

from services.audit.entry import Mark, mark_of
from services.audit.tiles import Edge, grow
from services.audit.verify.merkle import EMPTY_ROOT
from services.audit.verify.spelling import write_base64
from services.shared.callers import SYSTEM
from services.shared.event_bodies import FilingReceipted
from services.shared.events import Event, Origin, event_of
from services.shared.model import Model

CHECKPOINT = "checkpoint"  # the path of the latest one


class Head(Model):
    """The log as committed: `size` entries under `root` (hex); `version` is the lock.

    Until `applied`, the batch staged under `staged_key` is still being written out; `published_size` is what readers
    may rely on.
    """

    version: int = 0
    size: int = 0
    root: str = EMPTY_ROOT.hex()
    staged_key: str = ""
    staged_sha256: str = ""
    applied: bool = True
    published_size: int = 0
    committed_at: AwareDatetime | None = None


class Signed(Model):
    """The largest tree that the log's key has signed: `size` and `root` (hex)."""

    size: int = 0
    root: str = EMPTY_ROOT.hex()


class Pending(Model):
    """An accepted entry that waits; `previous` is the event before it in its case, empty for the first."""

    entry: bytes
    previous: str


class Staged(Model):
    """A batch that makes the log grow from `old_size` to `size`: all that is written once it is committed.

    `proofs` are the entries' inclusion proofs in the tree of `size`, in base64; `objects` are tiles and bundles.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    old_size: int
    size: int
    root: bytes
    entries: tuple[bytes, ...]
    proofs: tuple[tuple[str, ...], ...]
    objects: dict[str, bytes]

    @property
    def key(self) -> str:
        """Where it is staged. The old size is in it: two ways of reaching one tree are two batches."""
        return f"staging/{self.size}-{self.root.hex()}-{self.old_size}"

    def marks(self) -> Iterator[Mark]:
        """Yield the mark of each entry as filed, in index order."""
        for at, (entry, proof) in enumerate(zip(self.entries, self.proofs, strict=True)):
            yield mark_of(entry).filed(index=self.old_size + at, size=self.size, proof=proof)


def archived(size: int) -> str:
    """Return the path of the signed checkpoint of a size."""
    return f"checkpoints/{size}"


def in_order(pending: Iterable[Pending], filed: Collection[str]) -> list[bytes]:
    """Return the entries that can be filed now: by time, and each case in its own order without a gap.

    `filed` are the ids of filed events among the `previous` of `pending`. An entry whose predecessor is neither filed
    nor pending waits: it was read before the other was written.
    """
    chosen: list[tuple[str, str, int, bytes]] = []
    latest: dict[str, tuple[str, str]] = {}  # case: the last chosen event, and the latest time in the case so far
    marked = [(mark_of(each.entry), each) for each in pending]
    for mark, each in sorted(marked, key=lambda pair: (pair[0].case, pair[0].case_seq)):
        last, time = latest.get(mark.case, ("", ""))
        if each.previous not in filed and each.previous != last:
            continue
        time = max(time, mark.occurred_at)  # clocks differ; a case's order does not
        latest[mark.case] = (mark.event_id, time)
        chosen.append((time, mark.case, mark.case_seq, each.entry))
    return [entry for *_, entry in sorted(chosen)]


def predecessors(pending: Iterable[Pending]) -> set[str]:
    """Return the events that must be filed for some of `pending` to be filed."""
    waiting = list(pending)
    return {each.previous for each in waiting if each.previous} - {mark_of(each.entry).event_id for each in waiting}


def stage(edge: Edge, entries: Sequence[bytes]) -> Staged:
    """Return the batch that files `entries` after the log of `edge`."""
    growth = grow(edge, entries)
    indexes = range(edge.size, growth.size)
    proofs = tuple(tuple(write_base64(each) for each in growth.proof(index)) for index in indexes)
    return Staged(
        old_size=edge.size,
        size=growth.size,
        root=growth.root,
        entries=tuple(entries),
        proofs=proofs,
        objects=growth.objects,
    )


def receipts(marks: Iterable[Mark], at: datetime) -> Iterator[Event]:
    """Yield the event that answers each filing among the marks; `at` is when the batch was committed."""
    for mark in marks:
        if mark.filing is not None and mark.index is not None and mark.size is not None:
            body = FilingReceipted(
                event_id=mark.event_id,
                case_seq=mark.case_seq,
                kind=mark.filing.kind,
                authority=mark.filing.authority,
                index=mark.index,
                checkpoint_size=mark.size,
            )
            origin = Origin(mark.case, None, SYSTEM.organisation, SYSTEM.officer, at)
            receipt_id = str(uuid5(NAMESPACE_URL, f"urn:uuid:{mark.event_id}#receipt"))
            yield event_of("filing.receipted", body, origin, parties=mark.parties, event_id=receipt_id)
