"""The rules of the write path, each switched off alone: what a harness is worth shows when one of them is missing.

A rule is switched off where it stands in the code, or where its condition is sent to AWS.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.audit import listen, sequence, signer
from services.audit.batch import CHECKPOINT, Head, Pending, Signed, Staged, in_order, receipts
from services.audit.entry import Mark
from services.audit.objects import LogHalted, LogWriter, StagingObjects
from services.audit.sequence import Sequencer
from services.audit.signer import Signer
from services.audit.store import AuditStore
from services.audit.verify.checkpoint import Checkpoint
from tests.ledger_cloud import Cloud, Params
from tests.ledger_harness import LOG

Patch = tuple[Any, str, Any]
Condition = Callable[[Params], bool]

write_staged = StagingObjects.write
read_head, read_pending, commit, mark_filed = (
    AuditStore.head,
    AuditStore.pending,
    AuditStore.commit,
    AuditStore.mark_filed,
)
apply = Sequencer._apply
answer = Cloud.answer


def without(*conditions: str, where: Condition) -> Patch:
    """Return the patch that leaves conditions out of the calls for which `where` holds."""

    def careless(cloud: Cloud, client: Any, operation: str, params: Params) -> Any:
        if operation == "TransactWriteItems":
            writes = [_left_out(each["Put"], conditions, where) for each in params["TransactItems"]]
            return answer(cloud, client, operation, {"TransactItems": [{"Put": each} for each in writes]})
        return answer(cloud, client, operation, _left_out(params, conditions, where))

    return Cloud, "answer", careless


def _left_out(params: Params, conditions: tuple[str, ...], where: Condition) -> Params:
    return {name: value for name, value in params.items() if name not in conditions or not where(params)}


def _of_item(kind: str, **fields: bool) -> Condition:
    """Return whether a put is of an item of a kind, with these booleans in it."""

    def matches(params: Params) -> bool:
        item = params.get("Item", {})
        named = item.get("pk", {}).get("S", "").startswith(f"{kind}#")
        return named and all(item[name]["BOOL"] is value for name, value in fields.items())

    return matches


def _of_object(prefix: str) -> Condition:
    return lambda params: str(params.get("Key", "")).startswith(prefix)


def tiles_with_the_staging(staging: StagingObjects, key: str, body: bytes) -> None:
    write_staged(staging, key, body)
    for path, tile in Staged.model_validate_json(body).objects.items():
        LogWriter(LOG, timedelta(days=1)).write_once(path, tile)


def signing_before_the_commit(store: AuditStore, head: Head, staged: Staged, sha256: str) -> Head | None:
    listen.invoke_signer(staged.size, staged.root)
    return commit(store, head, staged, sha256)


def reading_pending_with_the_head(store: AuditStore) -> Head:
    seen = read_pending(store)
    store.__dict__["seen"] = seen
    return read_head(store)


def what_was_seen(store: AuditStore, pages: int = 1) -> list[Pending]:
    return store.__dict__.pop("seen", None) or read_pending(store, pages)


def head_as_if_applied(store: AuditStore) -> Head:
    return read_head(store).model_copy(update={"applied": True})


def marking_before_the_commit(store: AuditStore, head: Head, staged: Staged, sha256: str) -> Head | None:
    store.mark_filed(list(staged.marks()))
    return commit(store, head, staged, sha256)


def staging_late(staging: StagingObjects, key: str, body: bytes) -> None:
    LATE[key] = partial(write_staged, staging, key, body)


def commit_and_stage(store: AuditStore, head: Head, staged: Staged, sha256: str) -> Head | None:
    committed = commit(store, head, staged, sha256)
    LATE.pop(staged.key)()
    return committed


LATE: dict[str, Callable[[], None]] = {}


def receipts_with_the_marks(store: AuditStore, marks: list[Mark]) -> None:
    mark_filed(store, marks)
    if (at := store.head().committed_at) is not None:
        store.send(receipts(marks, at))


def looking_late(sequencer: Sequencer) -> Head:
    head = sequencer._store.head()
    if head.size < sequencer._log.published_size():
        raise LogHalted("the head is older than the log")
    return head if head.applied else sequencer._apply(head, sequencer._staged(head))


def finishing_first(sequencer: Sequencer, head: Head, staged: Staged) -> Head:
    sequencer._store.finish(head)
    return apply(sequencer, head, staged)


def publishing_first(sequencer: Sequencer, head: Head, staged: Staged) -> Head:
    sequencer._log.publish(staged.size, sequencer._sign(staged.size, staged.root).encode())
    return apply(sequencer, head, staged)


def staged_unchecked(sequencer: Sequencer, head: Head) -> Staged:
    return Staged.model_validate_json(sequencer._staging.read(head.staged_key))


def without_predecessors(pending: list[Pending], _: object) -> list[Pending]:
    return in_order(pending, {each.previous for each in pending})


def signing_and_noting(self: Signer, size: int, root: bytes) -> str:
    before = self._store.signed()
    signer.check_growth(before, size, root, self._read)
    note = self._signed(Checkpoint(self._origin, size, root).text)
    self._store.note_signing(Signed(size=size, root=root.hex()), before)
    return note


def written_unseen(log: LogWriter, path: str, body: bytes) -> None:
    log.write_first(path, body)


def never_taken_out(cloud: Cloud, client: Any, operation: str, params: Params) -> Any:
    if operation == "BatchWriteItem":
        ((table, requests),) = params["RequestItems"].items()
        params = {"RequestItems": {table: [each for each in requests if "PutRequest" in each]}}
    return answer(cloud, client, operation, params)


UNCHECKED = (signer, "check_growth", lambda *_: None)
CONDITION = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")
ANY_STAGED = (Sequencer, "_staged", staged_unchecked)
BY_SIZE = (Staged, "key", property(lambda staged: f"staging/{staged.size}"))

MUTANTS: Mapping[str, tuple[Patch, ...]] = {
    "tiles are written before the commit": ((StagingObjects, "write", tiles_with_the_staging),),
    "a tree is signed before the commit": ((AuditStore, "commit", signing_before_the_commit), UNCHECKED),
    "what waits is read before the head": (
        (AuditStore, "head", reading_pending_with_the_head),
        (AuditStore, "pending", what_was_seen),
    ),
    "what is published is read after the head": ((Sequencer, "complete", looking_late),),
    "a committed head is not rolled forward": ((AuditStore, "head", head_as_if_applied),),
    "the head is swapped whatever it is": (without(*CONDITION, where=_of_item("HEAD", applied=False)),),
    "a head is finished whatever it is": (without(*CONDITION, where=_of_item("HEAD", applied=True)),),
    "a staged batch is named by its size": (BY_SIZE,),
    "a staged batch is named by its tree alone": (
        (Staged, "key", property(lambda staged: f"staging/{staged.size}-{staged.root.hex()}")),
    ),
    "a staged batch is named by its size and not checked": (BY_SIZE, ANY_STAGED),
    "a batch is staged after the commit": (
        (StagingObjects, "write", staging_late),
        (AuditStore, "commit", commit_and_stage),
    ),
    "filed entries are never taken out of those that wait": ((Cloud, "answer", never_taken_out),),
    "entries are marked before the commit": ((AuditStore, "commit", marking_before_the_commit),),
    "a checkpoint is published over any other": (without("IfMatch", where=_of_object(CHECKPOINT)),),
    "a tile is written over another": (without("IfNoneMatch", where=_of_object("tile/")),),
    "an archived checkpoint is written over another": (without("IfNoneMatch", where=_of_object("checkpoints/")),),
    "receipts are sent before the checkpoint is published": ((AuditStore, "mark_filed", receipts_with_the_marks),),
    "a head is finished before it is written out": ((Sequencer, "_apply", finishing_first),),
    "a checkpoint is published before its tiles": ((Sequencer, "_apply", publishing_first), UNCHECKED),
    "an entry is filed before its predecessor": ((sequence, "in_order", without_predecessors),),
    "an event is accepted whatever its mark": (without("ConditionExpression", where=_of_item("EVT")),),
    "a case is moved from wherever it is": (without(*CONDITION, where=_of_item("CASE")),),
}

GUARDS: Mapping[str, tuple[Patch, ...]] = {
    "a tile that lies there is taken for the log's": ((LogWriter, "write_once", written_unseen),),
    "a staged batch is not checked": (ANY_STAGED,),
    "the signer signs whatever it is asked": (UNCHECKED,),
    "what was signed is noted whatever was noted before": (without(*CONDITION, where=_of_item("SIGNED")),),
    "what is signed is noted after the signing": ((Signer, "_checked_and_signed", signing_and_noting),),
    "a table may be older than what is written": ((LogWriter, "written_size", lambda _, size: size),),
}
"""What stands in the way of those who have the table or the buckets in their hands."""


@contextmanager
def switched_off(rule: str) -> Iterator[None]:
    """Break a rule inside the block."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, name, replacement in {**MUTANTS, **GUARDS}[rule]:
            patch.setattr(owner, name, replacement)
        yield
