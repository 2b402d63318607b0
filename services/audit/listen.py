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
from services.audit.conflicts import security_event, tells_of
from services.audit.entry import NotAnEntry
from services.audit.history import History
from services.audit.listing import LogListing
from services.audit.objects import LogReader, LogWriter, StagingObjects
from services.audit.recover import Recovery
from services.audit.recover_store import RecoveryStore
from services.audit.sequence import Sequencer, Sign
from services.audit.signer import Signer, signing_key
from services.audit.store import AuditStore
from services.audit.verify.policy import trust_log
from services.shared import doorbell
from services.shared.canonical import now
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
def sequence(event: Mapping[str, Any], context: Any) -> dict[str, Any] | None:
    """File what waits, on a ring of the doorbell or on the clock.

    {"action": "recover"} brings a restored table forward to the log instead, and answers how far it came.
    """

    def goes_on() -> bool:
        return bool(context.get_remaining_time_in_millis() > RESERVE_MS)

    if event.get("action") == "recover":
        progress = recovery(invoke_signer, ask_signer({"action": "vkey"})["vkey"]).run(goes_on=goes_on)
        logger.info("recovered", extra=progress.model_dump())
        return progress.model_dump()
    doorbell.outwait(event)
    filed = sequencer(invoke_signer).run(goes_on=goes_on)
    count("EntriesFiled", filed)
    logger.info("sequenced", extra={"entries": filed})
    return None


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
    with suppress(ConflictingEvent):  # mark and head are two reads: the same event may have been accepted in between
        return _accept(event)
    return _accept(event)


def sequencer(sign: Sign) -> Sequencer:
    """Return the sequencer of this environment's log, signing through `sign`."""
    staging = StagingObjects(os.environ["STAGING_BUCKET"])
    return Sequencer(os.environ["LOG_ORIGIN"], store=_store(), log=_log(), staging=staging, sign=sign)


def recovery(sign: Sign, vkey: str) -> Recovery:
    """Return the recovery of this environment's table from its log, whose key is `vkey`."""
    listing = LogListing(os.environ["LOG_BUCKET"])
    return Recovery(
        History(os.environ["LOG_ORIGIN"], listing, trust_log(vkey)),
        store=RecoveryStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"]),
        log=_log(),
        staging=StagingObjects(os.environ["STAGING_BUCKET"]),
        sequencer=sequencer(sign),
    )


def invoke_signer(size: int, root: bytes) -> str:
    """Return the signed checkpoint from the signing function. Raises SignerFailed."""
    return ask_signer({"size": size, "root": root.hex()})["note"]


def ask_signer(question: Mapping[str, Any]) -> dict[str, str]:
    """Return what the signing function answers. Raises SignerFailed."""
    answer = _lambda().invoke(FunctionName=os.environ["SIGNER_FUNCTION"], Payload=json.dumps(question))
    said = answer["Payload"].read()
    if "FunctionError" in answer:
        raise SignerFailed(said.decode(errors="replace"))
    told: dict[str, str] = json.loads(said)
    return told


def ring() -> None:
    """Wake the sequencer when this second is over."""
    doorbell.ring(os.environ["DOORBELL_QUEUE_URL"], os.environ["LOG_ORIGIN"])


def _accept(event: Event) -> None:
    for _ in range(TRIES):
        accepted = admit(event, *_store().standing(event), at=now())
        if accepted is None:
            return
        with suppress(Stale):
            _store().accept(accepted)
            return
    raise Stale(f"others kept moving the case of event {event.id}")


def _hear(event: Event) -> None:
    if event.type.startswith("filing."):  # receipts are about entries, and never entries themselves
        return
    try:
        accept(event)
    except (AheadOfCase, ConflictingEvent, NotAnEntry, Stale) as error:
        said = {"event_id": event.id, "case": event.case, "reason": str(error)}
        logger.error(WORDS.get(type(error), "lost_races"), extra=said)
        if isinstance(error, ConflictingEvent) and tells_of(event):
            _store().tell(security_event(error.found, now()))
        raise


def _log() -> LogWriter:
    return LogWriter(os.environ["LOG_BUCKET"], timedelta(days=int(os.environ["RETENTION_DAYS"])))


def _store() -> AuditStore:
    return AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])


@cache
def _lambda() -> "LambdaClient":
    return boto3.client("lambda")
