"""Brings a table that was restored from a backup forward to the log in the bucket; the log itself never goes back.

Each batch that the table lacks is made anew from the log's entries, must have the root that was signed, and is written
as the sequencer wrote it: marks, cases, receipts, then the head. A recovery that dies is run again.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from services.audit.batch import Head, Pending, Signed, Staged, archived, committed, receipts, stage
from services.audit.entry import Mark
from services.audit.history import Archived, History
from services.audit.objects import LogWriter, StagingObjects, halt
from services.audit.recover_store import RecoveryStore
from services.audit.replay import Contradicted, Known, Move, missing_marks, moved_cases
from services.audit.sequence import Sequencer
from services.audit.verify.errors import NotVerified
from services.shared.canonical import now
from services.shared.errors import Stale
from services.shared.model import Model

AGAIN = 3  # batches before the head that are gone through once more: a backup is not of one moment for all its items
AT_ONCE = 1_000  # entries


class Interrupted(Exception):
    """Somebody else wrote to the table: the functions that write must be stopped during a recovery."""


class Progress(Model):
    """How far a recovery is: the table knows `size` entries `of` those that the log has; `done` when it knows all."""

    size: int
    of: int
    done: bool


class Recovery:
    """Brings the table of one log forward to its `history`."""

    def __init__(
        self, history: History, *, store: RecoveryStore, log: LogWriter, staging: StagingObjects, sequencer: Sequencer
    ) -> None:
        self._history = history
        self._tip = history.tip
        self._store = store
        self._log = log
        self._staging = staging
        self._sequencer = sequencer

    def run(self, *, goes_on: Callable[[], bool] = lambda: True, at_once: int = AT_ONCE) -> Progress:
        """Bring the table forward until it knows the whole log, or `goes_on` says no after some of it.

        Batches are written together until they have `at_once` entries: a table takes many items as quickly as one.

        Raises LogHalted when table and log contradict each other, and writes nothing over what contradicts; Interrupted
        when the table is written by others too.
        """
        try:
            return self._run(goes_on, at_once)
        except (Contradicted, LookupError, NotVerified) as error:
            raise halt(f"the table cannot be recovered from the log: {error}") from error
        except Stale as error:
            raise Interrupted("a case was moved by someone else: stop the intake, and recover again") from error

    def _run(self, goes_on: Callable[[], bool], at_once: int) -> Progress:
        head, reached = self._store.head(), None
        self._check(head)
        if self._tip.size:
            self._log.publish(self._tip.size, self._log.read(archived(self._tip.size)))
        start = self._history.size_before(min(head.size, self._tip.size), AGAIN)
        for batches in _grouped(self._history.batches(start), at_once):
            self._restore(batches)
            reached = batches[-1]
            if reached.staged.size < self._tip.size and _is_behind(head, reached.staged):
                head = self._written(_head_after(head, reached), head)
                if not goes_on():
                    return Progress(size=head.size, of=self._tip.size, done=False)
        return self._finished(head, reached)

    def _check(self, head: Head) -> None:
        signed = self._store.signed()
        if signed.size <= self._tip.size:
            self._history.check_begins_with(signed, "what was signed last")
        if head.size <= self._tip.size:
            self._history.check_begins_with(Signed(size=head.size, root=head.root), "the head of the table")
        elif head.applied:
            raise halt(
                f"the head has {head.size} entries and is applied, the log's last checkpoint has {self._tip.size}"
            )

    def _restore(self, batches: Sequence[Archived]) -> None:
        """Write what the table lacks of batches that are archived; each write may have been done before."""
        filed = [mark for each in batches for mark in each.staged.marks()]
        known = self._store.known(filed)
        marks, moves = _lacking(filed, known)
        self._store.mark_filed(marks)
        self._store.move_cases(moves)
        answers = [event for each in batches for event in receipts(each.staged.marks(), each.at)]
        self._store.send(event for event in answers if event.body["event_id"] not in known.answered)

    def _finished(self, head: Head, reached: Archived | None) -> Progress:
        """Let the table know the last of the log, and only then let filing go on."""
        self._store.take_out_filed()
        if head.size <= self._tip.size:
            self._reach_the_end(head, reached)
        size = self._sequencer.complete().size
        return Progress(size=size, of=size, done=True)

    def _reach_the_end(self, head: Head, reached: Archived | None) -> None:
        signed, entries = self._store.signed(), self._history.unfinished()
        if signed.size > self._tip.size + len(entries):
            raise halt(f"a tree of {signed.size} was signed, the log has {self._tip.size + len(entries)} entries")
        if entries:
            self._commit(entries, head, signed)
        elif reached is not None and _is_behind(head, reached.staged):
            self._written(_head_after(head, reached), head)

    def _commit(self, entries: Sequence[bytes], head: Head, signed: Signed) -> None:
        """Commit once more a batch that was committed and not archived: what it wrote cannot be written otherwise."""
        waiting = [Pending(entry=entry, previous="") for entry in entries]
        known = self._store.known([each.mark for each in waiting])
        came = {event: mark.accepted_at for event, mark in known.marks.items()}
        chosen = [each.model_copy(update={"accepted_at": came.get(each.mark.event_id, "")}) for each in waiting]
        staged = stage(self._history.edge(self._tip.size), chosen)
        if signed.size > self._tip.size and (signed.size, signed.root) != (staged.size, staged.root.hex()):
            raise halt(f"a tree of {signed.size} was signed that the entries of the log do not make")
        _, moves = _lacking(list(staged.marks()), known)
        self._store.move_cases(moves)
        body = staged.model_dump_json().encode()
        self._staging.write(staged.key, body)
        self._written(committed(head, staged, hashlib.sha256(body).hexdigest(), now()), head)

    def _written(self, head: Head, before: Head) -> Head:
        if not self._store.restore_head(head, before) and self._store.head() != head:
            raise Interrupted("the head was written by someone else: stop the sequencer, and recover again")
        return head


def _grouped(batches: Iterable[Archived], most: int) -> Iterator[list[Archived]]:
    """Yield batches together until they have so many entries."""
    group: list[Archived] = []
    for each in batches:
        group.append(each)
        if each.staged.size - group[0].staged.old_size >= most:
            yield group
            group = []
    if group:
        yield group


def _lacking(filed: Sequence[Mark], known: Known) -> tuple[list[Mark], list[Move]]:
    """Return the marks and moves that the table lacks. Raises Contradicted."""
    return list(missing_marks(filed, known)), list(moved_cases(filed, known))


def _is_behind(head: Head, staged: Staged) -> bool:
    return head.size < staged.size or (head.size == staged.size and not head.applied)


def _head_after(head: Head, reached: Archived) -> Head:
    staged = reached.staged
    return Head(
        version=head.version + 1,
        size=staged.size,
        root=staged.root.hex(),
        published_size=staged.size,
        committed_at=reached.at,
    )
