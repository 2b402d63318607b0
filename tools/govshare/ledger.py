"""The ledger as its readers get it over the API: entries, receipts, the checkpoint, and the public tiles.

Nothing is taken on the API's word: what is read here is verified by who asked for it.
"""

import json
from collections.abc import Iterable
from contextlib import closing
from urllib.parse import quote, urlsplit

import rfc8785

from services.audit.tiles import Read
from services.audit.verify.checkpoint import Checkpoint, verify_checkpoint
from services.audit.verify.errors import NotVerified
from services.audit.verify.policy import NO_QUORUM, Policy
from services.audit.verify.receipt import parse_receipt
from tools.govshare.client import Api, checked

OK, FOUND = 200, 302
ABSENT = frozenset({403, 404})  # S3 says 403 for what is not there to who may not list


def entry_at(api: Api, index: int) -> bytes:
    """Return an entry's bytes as they were filed: the canonical form of what the API shows (RFC 8785)."""
    return rfc8785.dumps(json.loads(api.read(f"/audit/filings/{index}").content)["entry"])


def receipt_path(event: str, policy: Policy) -> str:
    """Return where a receipt is that a verifier with this policy accepts."""
    return f"/audit/receipts/{quote(event, safe='')}" + ("" if policy.quorum == NO_QUORUM else "?witnessed=true")


def latest_checkpoint(api: Api, policy: Policy, receipts: Iterable[bytes]) -> tuple[bytes, Checkpoint]:
    """Return the latest checkpoint that the policy accepts: the published one, or of the receipts the largest.

    Where witnesses are asked for, the published one may wait for them still.
    """
    notes = {parse_receipt(receipt).checkpoint for receipt in receipts}
    verified = [(note, verify_checkpoint(note, policy)) for note in notes]
    published = api.read("/audit/checkpoint").content
    try:
        verified.append((published, verify_checkpoint(published, policy)))
    except NotVerified:
        if not verified:
            raise
    return max(verified, key=lambda pair: pair[1].size)


def public_tiles(api: Api) -> Read:
    """Return the function that reads the log's public tiles, from where the API sends for them, without the token."""

    def read(path: str) -> bytes:
        place = urlsplit(checked(api.call("GET", f"/audit/{path}"), FOUND).headers["location"])
        with closing(Api(f"{place.scheme}://{place.netloc}")) as elsewhere:
            answer = elsewhere.call("GET", place._replace(scheme="", netloc="").geturl())
        if answer.status_code in ABSENT:
            raise LookupError(f"the log has no {path}")
        return checked(answer, OK).content

    return read
