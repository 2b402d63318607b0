"""Events, the doorbell and the clock in: intake accepts events, the sequencer files them, the signer signs.

Three functions with three roles; this module only wires them. Every one bears being run again.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from services.audit.chain import AheadOfCase, ConflictingEvent, admit
from services.audit.entry import NotAnEntry
from services.audit.objects import LogReader, LogWriter, StagingObjects
from services.audit.sequence import Sequencer, Sign
from services.audit.signer import Signer, signing_key
from services.audit.store import AuditStore
from services.shared import doorbell
from services.shared.errors import Stale
from services.shared.events import Event
from services.shared.observe import count, logger, traced
from services.shared.queue import Failures, consume

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

TRIES = 3
RESERVE_MS = 15_000  # a batch takes a second; what is left when it is cut off, the next run completes
WORDS = {ConflictingEvent: "conflicting_event", AheadOfCase: "ahead_of_case", NotAnEntry: "not_an_entry"}


class SignerFailed(Exception):
    """The signing function did not answer with a signature."""


@traced
def intake(event: Mapping[str, Any], _context: object) -> Failures:
    """Accept a batch of the queue, in order; what follows a failed message in its case fails with it."""
    answer = consume(event, _hear)
    if len(answer["batchItemFailures"]) < len(event["Records"]):
        ring()
    return answer


@traced
def sequence(event: Mapping[str, Any], context: Any) -> None:
    """File what waits, on a ring of the doorbell or on the clock."""
    doorbell.outwait(event)
    filed = sequencer(invoke_signer).run(goes_on=lambda: context.get_remaining_time_in_millis() > RESERVE_MS)
    count("EntriesFiled", filed)
    logger.info("sequenced", extra={"entries": filed})


@traced
def sign(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Answer {"size", "root" (hex)} with {"note"}, and {"action": "vkey"} with {"vkey", "witness_policy"}.

    Raises SigningRefused.
    """
    signer = Signer(
        os.environ["LOG_ORIGIN"], store=_store(), read=LogReader(os.environ["LOG_BUCKET"]).read, key=signing_key()
    )
    if event.get("action") == "vkey":
        return {"vkey": signer.vkey, "witness_policy": os.environ.get("WITNESS_POLICY", "")}
    return {"note": signer.sign(int(event["size"]), bytes.fromhex(event["root"]))}


def accept(event: Event) -> None:
    """Accept one event into its case. Raises AheadOfCase, ConflictingEvent, NotAnEntry, or Stale after three races."""
    for _ in range(TRIES):
        accepted = admit(event, *_store().standing(event))
        if accepted is None:
            return
        with suppress(Stale):
            _store().accept(accepted)
            return
    raise Stale(f"others kept moving the case of event {event.id}")


def sequencer(sign: Sign) -> Sequencer:
    """Return the sequencer of this environment's log, signing through `sign`."""
    retention = timedelta(days=int(os.environ["RETENTION_DAYS"]))
    return Sequencer(
        os.environ["LOG_ORIGIN"],
        store=_store(),
        log=LogWriter(os.environ["LOG_BUCKET"], retention),
        staging=StagingObjects(os.environ["STAGING_BUCKET"]),
        sign=sign,
    )


def invoke_signer(size: int, root: bytes) -> str:
    """Return the signed checkpoint from the signing function. Raises SignerFailed."""
    payload = json.dumps({"size": size, "root": root.hex()})
    answer = _lambda().invoke(FunctionName=os.environ["SIGNER_FUNCTION"], Payload=payload)
    said = answer["Payload"].read()
    if "FunctionError" in answer:
        raise SignerFailed(said.decode(errors="replace"))
    return str(json.loads(said)["note"])


def ring() -> None:
    """Wake the sequencer when this second is over."""
    doorbell.ring(os.environ["DOORBELL_QUEUE_URL"], os.environ["LOG_ORIGIN"])


def _hear(event: Event) -> None:
    if event.type.startswith("filing."):  # receipts are about entries, and never entries themselves
        return
    try:
        accept(event)
    except (AheadOfCase, ConflictingEvent, NotAnEntry, Stale) as error:
        said = {"event_id": event.id, "case": event.case, "reason": str(error)}
        logger.error(WORDS.get(type(error), "lost_races"), extra=said)
        raise


def _store() -> AuditStore:
    return AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])


@cache
def _lambda() -> "LambdaClient":
    return boto3.client("lambda")
