"""Decides which accepted entries a batch files, in which order, and every byte and mark that follows from it.

Pure. A staged batch is a function of the log before it and of its entries alone, without a clock, so that whoever
repeats it writes the same bytes.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache, cached_property
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
MOST = 1_000  # entries of a batch


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
    """The largest tree that the log's key has signed: `size` and `root` (hex), and the key to verify it with."""

    size: int = 0
    root: str = EMPTY_ROOT.hex()
    vkey: str = ""


class Pending(Model):
    """An accepted entry that waits; `previous` is the event before it in its case, empty for the first."""

    entry: bytes
    previous: str
    accepted_at: str = ""

    @cached_property
    def mark(self) -> Mark:
        """The entry's mark."""
        return mark_of(self.entry)


class Waiting(Model):
    """How many entries wait, and `since` when the oldest does (RFC 3339); None when there is none."""

    count: int
    since: str | None


class Staged(Model):
    """A batch that makes the log grow from `old_size` to `size`: all that is written once it is committed.

    `proofs` are the entries' inclusion proofs in the tree of `size`, in base64; `objects` are tiles and bundles, the
    bundles first; `accepted` is when each entry came.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    old_size: int
    size: int
    root: bytes
    entries: tuple[bytes, ...]
    accepted: tuple[str, ...]
    proofs: tuple[tuple[str, ...], ...]
    objects: dict[str, bytes]

    @property
    def key(self) -> str:
        """Where it is staged. The old size is in it: two ways of reaching one tree are two batches."""
        return f"staging/{self.size}-{self.root.hex()}-{self.old_size}"

    def marks(self) -> Iterator[Mark]:
        """Yield the mark of each entry as filed, in index order."""
        each = zip(self.entries, self.accepted, self.proofs, strict=True)
        for index, (entry, accepted_at, proof) in enumerate(each, start=self.old_size):
            mark = mark_of(entry).filed(index=index, size=self.size, proof=proof)
            yield mark.model_copy(update={"accepted_at": accepted_at})


def committed(head: Head, staged: Staged, sha256: str, at: datetime) -> Head:
    """Return the head that a batch makes of one that is applied; `sha256` is of the staged batch's bytes."""
    return Head(
        version=head.version + 1,
        size=staged.size,
        root=staged.root.hex(),
        staged_key=staged.key,
        staged_sha256=sha256,
        applied=False,
        published_size=staged.old_size,
        committed_at=at,
    )


def archived(size: int) -> str:
    """Return the path of the signed checkpoint of a size."""
    return f"checkpoints/{size}"


def in_order(pending: Iterable[Pending], filed: Collection[str]) -> list[Pending]:
    """Return what to file now, at most 1,000 entries: those accepted first, by time, and each case without a gap.

    `filed` are the ids of filed events among the `previous` of `pending`. An entry whose predecessor is neither filed
    nor pending waits: it was read before the other was written.
    """
    found = sorted(pending, key=lambda each: (each.mark.case, each.mark.case_seq))
    chosen: list[tuple[str, Pending]] = []
    latest: dict[str, tuple[str, str]] = {}  # case: the last chosen event, and the latest time in the case so far
    for each in found:
        last, time = latest.get(each.mark.case, ("", ""))
        if each.previous not in filed and each.previous != last:
            continue
        time = max(time, each.mark.occurred_at)  # clocks differ; a case's order does not
        latest[each.mark.case] = (each.mark.event_id, time)
        chosen.append((time, each))
    return [each for _, each in sorted(_accepted_first(chosen)[:MOST], key=_place)]


def _accepted_first(chosen: Iterable[tuple[str, Pending]]) -> list[tuple[str, Pending]]:
    """Return them in the order in which they came; what comes later in a case was never accepted before."""
    return sorted(chosen, key=lambda each: (each[1].accepted_at, each[1].mark.case_seq, each[1].mark.event_id))


def _place(chosen: tuple[str, Pending]) -> tuple[str, str, int]:
    """Return what a batch is in the order of: time, then case and number."""
    time, each = chosen
    return time, each.mark.case, each.mark.case_seq


def predecessors(pending: Iterable[Pending]) -> set[str]:
    """Return the events that must be filed for some of `pending` to be filed."""
    waiting = list(pending)
    return {each.previous for each in waiting if each.previous} - {each.mark.event_id for each in waiting}


def stage(edge: Edge, chosen: Sequence[Pending]) -> Staged:
    """Return the batch that files what was chosen, in its order, after the log of `edge`."""
    growth = grow(edge, [each.entry for each in chosen])
    spelled = cache(write_base64)  # neighbours share most of their proofs
    return Staged(
        old_size=edge.size,
        size=growth.size,
        root=growth.root,
        entries=tuple(each.entry for each in chosen),
        accepted=tuple(each.accepted_at for each in chosen),
        proofs=tuple(tuple(map(spelled, proof)) for proof in growth.proofs()),
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
