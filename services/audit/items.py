"""How things lie in the audit table: names, items, and back. Decides nothing and calls nobody.

| item                            | pk                    | sk                                     |
|---------------------------------|-----------------------|----------------------------------------|
| mark of an accepted event       | `EVT#<event id>`      | `EVT`                                  |
| entry that waits, by bucket     | `PEND#<log>#<bucket>` | `<accepted at>#<case_seq:08>/<event id>` |
| latest accepted entry of a case | `CASE#<case>`         | `CASE`                                 |
| the log's head                  | `HEAD#<log>`          | `HEAD`                                 |
| what was signed last            | `SIGNED#<log>`        | `SIGNED`                               |
| outbox: a filing's receipt      | `RECEIPT#<event id>`  | `EVENT#receipt`                        |
| outbox: a security event        | `SECURITY#<event id>` | `EVENT#security`                       |
"""

import hashlib
from collections.abc import Mapping
from typing import Any, TypeVar

from services.audit.chain import CaseHead
from services.audit.entry import Mark
from services.audit.verify.spelling import read_base64
from services.shared.dynamo import Attributes
from services.shared.events import Event
from services.shared.model import Model

BUCKETS = 8  # one partition takes about 330 entries a second
HASHES = ("prev_hash", "entry_sha256", "leaf_hash")
M = TypeVar("M", bound=Model)


def mark_name(event_id: str) -> Attributes:
    """Return the name of an event's mark."""
    return {"pk": f"EVT#{event_id}", "sk": "EVT"}


def case_name(case: str) -> Attributes:
    """Return the name of a case's head."""
    return {"pk": f"CASE#{case}", "sk": "CASE"}


def waiting_name(log: str, mark: Mark) -> Attributes:
    """Return the name under which an accepted entry waits: what came first is read first, and a case in its order."""
    return {
        "pk": bucket_key(log, bucket_of(mark.event_id)),
        "sk": f"{mark.accepted_at}#{mark.case_seq:08}/{mark.event_id}",
    }


def bucket_of(event_id: str) -> int:
    """Return the number of the bucket in which an event's entry waits."""
    return hashlib.sha256(event_id.encode()).digest()[0] % BUCKETS


def bucket_key(log: str, bucket: int) -> str:
    """Return the partition in which entries wait, by its number."""
    return f"PEND#{log}#{bucket}"


def receipt_name(event_id: str) -> Attributes:
    """Return the name of the event that answers a filing."""
    return {"pk": f"RECEIPT#{event_id}", "sk": "EVENT#receipt"}


def mark_item(mark: Mark) -> Attributes:
    """Return a mark as it is kept, with what the index `by-case` is made of.

    Hashes are kept in bytes, so that a mark stays below the kilobyte that DynamoDB charges by.
    """
    kept = mark.model_dump(mode="json", exclude_none=True, exclude={"proof"})
    raw = {name: bytes.fromhex(kept[name]) for name in HASHES if kept[name]}
    raw |= {"proof": b"".join(map(read_base64, mark.proof))} if mark.proof else {}
    index = {"case_id": mark.case, "case_order": f"{mark.case_seq:08}"}  # the index sorts text
    return mark_name(mark.event_id) | kept | raw | index


def case_item(case: str, head: CaseHead) -> Attributes:
    """Return a case's head as it is kept."""
    return case_name(case) | head.model_dump()


def receipt_item(event: Event) -> Attributes:
    """Return the event that answers a filing, to be sent."""
    return receipt_name(str(event.body["event_id"])) | {"event": event.model_dump_json()}


def security_item(event: Event) -> Attributes:
    """Return a security event, to be sent."""
    return {"pk": f"SECURITY#{event.id}", "sk": "EVENT#security", "event": event.model_dump_json()}


def value(model: type[M], item: Mapping[str, Any]) -> M:
    """Return the model made of its own attributes of an item."""
    return model.model_validate({name: each for name, each in item.items() if name in model.model_fields})
