"""The log's witnesses over HTTP, for anyone: outsiders must see how far the log is vouched for. It writes nothing."""

import os

from services.audit.published import PublishedCheckpoint
from services.audit.verify.checkpoint import parse_checkpoint
from services.audit.verify.note import parse_note
from services.audit.witness import stack_policy, witnesses_of
from services.audit.witness_store import WitnessStore
from services.audit.witness_views import WitnessesView, witnesses_view
from services.shared import http
from services.shared.canonical import now

router = http.make_router()


@router.get("/audit/witnesses")
def list_witnesses() -> WitnessesView:
    """Show the log's witnesses: the quorum asked for, how far each is, and since when something waits for them."""
    policy = stack_policy(os.environ.get("WITNESS_POLICY", ""))
    known = witness_store().load(witnesses_of(policy))
    return witnesses_view(
        policy,
        known.standings,
        witnessed=known.witnessed,
        awaited=known.awaited,
        published=_published_size(),
        at=now(),
    )


def witness_store() -> WitnessStore:
    """Return what this environment's log knows of its witnesses."""
    return WitnessStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])


def _published_size() -> int:
    try:
        note, _ = PublishedCheckpoint(os.environ["LOG_BUCKET"]).latest()
    except LookupError:
        return 0
    return parse_checkpoint(parse_note(note).text).size
