"""The only module that reads and writes the audit table's items, as `items` names them; it decides nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.audit.batch import Head, Pending, Signed, Staged, Waiting, committed
from services.audit.bulk import delete, get_all, get_one, over, put, swapped, write_all
from services.audit.chain import Accepted, CaseHead
from services.audit.entry import Mark, State
from services.audit.items import (
    BUCKETS,
    M,
    bucket_key,
    case_item,
    case_name,
    mark_item,
    mark_name,
    receipt_item,
    security_item,
    value,
    waiting_name,
)
from services.shared.canonical import now
from services.shared.dynamo import Attributes, dynamodb, open_token, page_token, plain, put_new, write
from services.shared.errors import Invalid, Problem
from services.shared.events import Event
from services.shared.model import Model

EVERY = range(BUCKETS)
PAGE = 250  # entries read from a bucket at a time: twice a batch in all, for they are not spread evenly
COUNTED_PAGES = 2  # of a megabyte each


class AuditStore:
    """The items of one log in one table."""

    def __init__(self, table: str, log: str) -> None:
        self._table = table
        self._log = log

    def standing(self, event: Event) -> tuple[CaseHead, Mark | None]:
        """Return the head of the event's case and the event's own mark, read consistently in one call."""
        found = {item["sk"]: item for item in get_all(self._table, [mark_name(event.id), case_name(event.case)])}
        mark = value(Mark, found["EVT"]) if "EVT" in found else None
        return value(CaseHead, found.get("CASE", {})), mark

    def accept(self, accepted: Accepted) -> None:
        """Write mark, waiting entry and case head together or not at all. Raises Stale when another was first."""
        mark, before = accepted.mark, accepted.before
        kept = {"entry": accepted.entry, "previous": before.event_id, "accepted_at": mark.accepted_at}
        waiting = waiting_name(self._log, mark) | kept
        expected = {"case_seq": before.case_seq} if before.case_seq else {}
        moved = over(self._table, case_item(mark.case, accepted.head), expected)
        write([put_new(self._table, mark_item(mark)), put_new(self._table, waiting), {"Put": moved}])

    def pending(self, pages: int = 1) -> list[Pending]:
        """Return what has waited longest, so many pages of each bucket, read consistently.

        What came first of all is among them, and so is what comes before it in its case: something can always be filed.
        """
        found = (item for bucket in EVERY for item in self._query(bucket, pages, {"Limit": PAGE}))
        return [Pending(entry=bytes(i["entry"]), previous=i["previous"], accepted_at=i["accepted_at"]) for i in found]

    def waiting(self) -> Waiting:
        """Return how many entries wait, at most some ten thousand, and since when the oldest does."""
        found = [list(self._query(bucket, COUNTED_PAGES, {"ProjectionExpression": "accepted_at"})) for bucket in EVERY]
        oldest = min((first["accepted_at"] for first, *_ in filter(None, found)), default=None)
        return Waiting(count=sum(map(len, found)), since=oldest)

    def filed(self, event_ids: Collection[str]) -> set[str]:
        """Return which of the events are filed, read consistently."""
        found = get_all(self._table, [mark_name(event_id) for event_id in sorted(event_ids)])
        return {mark.event_id for mark in (value(Mark, item) for item in found) if mark.state is State.FILED}

    def head(self) -> Head:
        """Return the log's head, read consistently; that of no entries before the first."""
        return self._one(Head, "HEAD")

    def commit(self, head: Head, staged: Staged, sha256: str) -> Head | None:
        """Swap `head` for the one that `staged` makes, and return it: the commit point. None when another won."""
        following = committed(head, staged, sha256, now())
        before = {"version": head.version, "applied": True} if head.version else {}
        return following if self._put(following, "HEAD", before) else None

    def finish(self, head: Head) -> Head:
        """Mark a head as written out; when another did so and the log went on, nothing is written."""
        done = head.model_copy(update={"applied": True, "published_size": head.size})
        self._put(done, "HEAD", {"version": head.version})
        return done

    def mark_filed(self, marks: Sequence[Mark]) -> None:
        """Write the marks of filed entries and take the entries out of those that wait; bears repetition."""
        write_all(self._table, [put(mark_item(mark)) for mark in marks])
        write_all(self._table, [delete(waiting_name(self._log, mark)) for mark in marks])

    def send(self, events: Iterable[Event]) -> None:
        """Write receipts' events into the outbox; the same event twice is one item, and one stream record."""
        write_all(self._table, [put(receipt_item(event)) for event in events])

    def tell(self, event: Event) -> bool:
        """Write a security event into the outbox; False, and nothing written, when it is there or was taken in before.

        The first one's bytes win.
        """
        return self.mark(event.id) is None and swapped(over(self._table, security_item(event), {}))

    def mark(self, event_id: str) -> Mark | None:
        """Return an event's mark, or None when it was never accepted."""
        found = get_one(self._table, mark_name(event_id))
        return value(Mark, found) if found else None

    def marks_of(self, case: str, *, limit: int, after: str | None) -> tuple[list[Mark], str | None]:
        """Return a page of a case's marks by `case_seq`, and the token of the next page or None.

        Raises Invalid for the token of another list.
        """
        start: Attributes = {"ExclusiveStartKey": _place(case, after)} if after else {}
        answer = dynamodb().query(
            TableName=self._table,
            IndexName="by-case",
            KeyConditionExpression="case_id = :case",
            ExpressionAttributeValues={":case": {"S": case}},
            Limit=limit,
            **start,
        )
        return [value(Mark, plain(item)) for item in answer["Items"]], page_token(answer.get("LastEvaluatedKey"))

    def signed(self) -> Signed:
        """Return what was signed last, read consistently; the empty tree before the first."""
        return self._one(Signed, "SIGNED")

    def note_signing(self, signed: Signed, before: Signed) -> bool:
        """Note what is about to be signed; False when something else was noted since `before` was read."""
        return self._put(signed, "SIGNED", before.model_dump(exclude={"vkey"}) if before.size else {})

    def _one(self, model: type[M], kind: str) -> M:
        return value(model, get_one(self._table, self._name(kind)) or {})

    def _put(self, kept: Model, kind: str, before: Mapping[str, Any]) -> bool:
        return swapped(over(self._table, self._name(kind) | kept.model_dump(mode="json"), before))

    def _query(self, bucket: int, pages: int, wanted: Attributes) -> Iterator[Attributes]:
        """Yield what waits in a bucket, the oldest first, from so many pages, read consistently."""
        start: Attributes = {}
        for _ in range(pages):
            answer = dynamodb().query(
                TableName=self._table,
                KeyConditionExpression="pk = :bucket",
                ExpressionAttributeValues={":bucket": {"S": bucket_key(self._log, bucket)}},
                ConsistentRead=True,
                **wanted,
                **start,
            )
            yield from map(plain, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _name(self, kind: str) -> Attributes:
        return {"pk": f"{kind}#{self._log}", "sk": kind}


def _place(case: str, token: str) -> Attributes:
    place = open_token(token)
    if place.keys() != {"pk", "sk", "case_id", "case_order"} or place["case_id"] != {"S": case}:
        raise Invalid(
            "not a page of this list", [Problem(pointer="/query/next", detail="not a page token of this case")]
        )
    return place
