"""The sequencer: accepted entries become the log, in the one order of writes that survives a death between any two.

Stage, swap the head (the commit point), write tiles, mark, sign, archive, publish, send receipts, mark as applied. A
run first completes what another one committed. Any number may run at once: the swap decides who goes on.
"""

import hashlib
from collections.abc import Callable

from services.audit.batch import Head, Pending, Staged, archived, in_order, predecessors, receipts, stage
from services.audit.objects import LogWriter, StagingObjects, halt
from services.audit.store import AuditStore
from services.audit.tiles import Edge, load_edge
from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.errors import NotVerified
from services.audit.verify.note import parse_note
from services.shared.observe import logger

Sign = Callable[[int, bytes], str]
"""Returns the signed note of the checkpoint of a size and a root; asks the only role that may sign."""


class Sequencer:
    """Files what waits in one log. `origin` is the log's name, on its checkpoints."""

    def __init__(self, origin: str, *, store: AuditStore, log: LogWriter, staging: StagingObjects, sign: Sign) -> None:
        self._origin = origin
        self._store = store
        self._log = log
        self._staging = staging
        self._sign = sign

    def run(self, *, goes_on: Callable[[], bool] = lambda: True) -> int:
        """File what waits until nothing does, another sequencer is faster, or `goes_on` says no; return how many.

        Raises LogHalted when the log is not what it must be; any other failure leaves work for the next run.
        """
        filed = 0
        head = self.complete()
        while step := self._file_batch(head):
            filed += step.size - head.size
            head = step
            if not goes_on():
                break
        return filed

    def complete(self) -> Head:
        """Write out what is committed and return the head. Raises LogHalted when the table is older than the log."""
        written = self._log.written_size(self._log.published_size())  # looked at first: the head is never behind it
        head = self._store.head()
        if head.size < written:
            raise halt(f"the head has {head.size} entries, {written} are written: recover the table from the log")
        return head if head.applied else self._apply(head, self._staged(head))

    def _file_batch(self, head: Head) -> Head | None:
        """File one batch after `head`, which is applied; None when nothing waits or another was faster."""
        chosen = self._chosen()
        if not chosen:
            return None
        staged = stage(self._edge(head), chosen)
        body = staged.model_dump_json().encode()
        self._staging.write(staged.key, body)
        committed = self._store.commit(head, staged, hashlib.sha256(body).hexdigest())
        return committed and self._apply(committed, staged)

    def _chosen(self) -> list[Pending]:
        """Return what to file next; what cannot be filed does not hide what waits behind it, however much it is."""
        pending, pages = self._store.pending(), 1
        while not (chosen := in_order(pending, self._store.filed(predecessors(pending)))):
            before, pages = len(pending), 2 * pages
            if not before or len(pending := self._store.pending(pages)) == before:
                break
        return chosen

    def _edge(self, head: Head) -> Edge:
        try:
            edge = load_edge(head.size, self._log.read)
        except (LookupError, NotVerified) as error:
            raise halt(f"the edge of the log at {head.size} cannot be read: {error}") from error
        if edge.root.hex() != head.root:
            raise halt(f"the tiles at {head.size} do not lead to the root of the head")
        return edge

    def _staged(self, head: Head) -> Staged:
        try:
            body = self._staging.read(head.staged_key)
        except LookupError as error:
            raise halt(f"the batch that was committed is gone: {error}") from error
        if hashlib.sha256(body).hexdigest() != head.staged_sha256:
            raise halt(f"{head.staged_key} is not what was committed")
        return Staged.model_validate_json(body)

    def _apply(self, head: Head, staged: Staged) -> Head:
        """Write out a committed batch; each step may have been done before, by anyone."""
        for path, body in staged.objects.items():
            self._log.write_once(path, body)
        marks = list(staged.marks())
        self._store.mark_filed(marks)
        self._log.publish(staged.size, self._signed(staged))
        if head.committed_at is not None:
            self._store.send(receipts(marks, head.committed_at))
        logger.info("filed", extra={"entries": len(marks), "size": staged.size})
        return self._store.finish(head)

    def _signed(self, staged: Staged) -> bytes:
        """Return the archived checkpoint of the batch; signed once, also when two sequencers write the batch out."""
        path = archived(staged.size)
        try:
            return self._checked(staged, self._log.read(path))
        except LookupError:
            note = self._checked(staged, self._sign(staged.size, staged.root).encode())
        return self._checked(staged, self._log.write_first(path, note))

    def _checked(self, staged: Staged, note: bytes) -> bytes:
        if parse_note(note).text != Checkpoint(self._origin, staged.size, staged.root).text:
            raise halt(f"the checkpoint {staged.size} is not that of the committed tree")
        return note
