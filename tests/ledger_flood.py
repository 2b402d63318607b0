"""Makers for tests that send many events through a deployed ledger: the events, their way in, and what was filed."""

import json
from collections.abc import Callable, Sequence

from services.audit.verify.checkpoint import verify_checkpoint
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle, tile_width
from services.audit.verify.policy import Policy, trust_log
from services.shared.canonical import new_id
from services.shared.event_bodies import ResourceMoved
from services.shared.events import Event, Filing, FilingKind, Origin, event_of
from services.shared.organisations import OFFICE
from services.shared.relay import batches
from tests.e2e.city import City
from tests.filing import NOON

A_CASE = 5
UNIT = "transport_commission"


def flood(count: int) -> list[Event]:
    """Return the events of many cases, interleaved, each case in its own order."""
    cases = [new_id() for _ in range(count // A_CASE)]
    return [_step(case, number) for number in range(1, A_CASE + 1) for case in cases]


def _step(case: str, number: int) -> Event:
    body = ResourceMoved(state="DRAFT", provider=UNIT, metadata_hash="ab" * 32, entry_version=number)
    filing = Filing(kind=FilingKind.SECURITY_EVENT, authority=OFFICE) if number == 1 else None
    return event_of("resource.created", body, Origin(case, number, UNIT, "o-1", NOON), parties=(UNIT,), filing=filing)


def publish(city: City, events: Sequence[Event]) -> None:
    """Send events to the topic, as the relay does."""
    client, topic = city.aws("sns"), city.outputs["EventsTopic"]
    for batch in batches(event.model_dump_json() for event in events):
        assert not client.publish_batch(TopicArn=topic, PublishBatchRequestEntries=batch).get("Failed")


def key_of(city: City) -> Policy:
    """Return the policy that trusts this log's key."""
    payload = json.dumps({"action": "vkey"})
    answer = city.aws("lambda").invoke(FunctionName=city.outputs["AuditSignerFunction"], Payload=payload)
    return trust_log(json.loads(answer["Payload"].read())["vkey"])


def size(city: City) -> int:
    """Return how many entries the published checkpoint covers."""
    answer = city.http.get("/audit/checkpoint")
    return int(answer.text.splitlines()[1]) if answer.is_success else 0


def reader(city: City) -> Callable[[str], bytes]:
    """Return the function that reads the log's objects, straight from its bucket."""
    client, bucket = city.aws("s3"), city.outputs["LogBucket"]
    return lambda path: bytes(client.get_object(Bucket=bucket, Key=path)["Body"].read())


def filed(city: City, known: Policy) -> dict[str, bytes]:
    """Return every entry of the published log by its event's id; no event may be there twice."""
    read = reader(city)
    checkpoint = verify_checkpoint(read("checkpoint"), known)
    widths = [tile_width(checkpoint.size, level=0, index=at) for at in range(-(-checkpoint.size // WIDTH))]
    entries = [entry for at, width in enumerate(widths) for entry in decode_bundle(read(bundle_path(at, width)))]
    found = {str(json.loads(entry)["event_id"]): entry for entry in entries}
    assert len(found) == len(entries) == checkpoint.size
    return found
