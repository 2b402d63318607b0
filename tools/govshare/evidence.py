"""Evidence as files: a case's entries and receipts fetched once, and all that is verified with no network at all.

`<case_seq>.json` is an entry's canonical bytes, `<case_seq>.tlog-proof` its receipt. Knows no rule of the ledger.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import rfc8785

from services.audit.merkle import consistency_proof
from services.audit.tiles import TileTree
from services.audit.verify.checkpoint import Checkpoint, verify_checkpoint
from services.audit.verify.directory import log_in
from services.audit.verify.entry import CaseVerdict, verify_case
from services.audit.verify.errors import NotVerified, about
from services.audit.verify.inventory import CHECKPOINT
from services.audit.verify.log import LogVerdict, verify_log
from services.audit.verify.merkle import verify_consistency
from services.audit.verify.policy import NO_QUORUM, Policy, parse_policy
from services.audit.verify.receipt import Verdict, verify_receipt
from tools.govshare.client import Api
from tools.govshare.failures import Refused, Unusable

ENTRY, RECEIPT = ".json", ".tlog-proof"


@dataclass(frozen=True)
class Growth:
    """That the log `origin` of `size` entries begins with that of `old_size`, by `proof` (RFC 9162 §2.1.4)."""

    origin: str
    old_size: int
    old_root: bytes
    size: int
    root: bytes
    proof: tuple[bytes, ...]


def filings_of(api: Api, case: str) -> list[dict[str, Any]]:
    """Return the summaries of a case's filings that the caller may read, in the case's order; raises Refused."""
    return list(_filings(api, case))


def download(api: Api, case: str, folder: Path, *, witnessed: bool = False) -> list[int]:
    """Write the evidence of a case into `folder`, made when missing; return the numbers of its entries.

    The numbers begin with 1 for who may read the case from its beginning. With `witnessed`, receipts lead to what the
    quorum of witnesses cosigned. Raises Refused while an entry of the case is not filed yet, or not witnessed.
    """
    filings = filings_of(api, case)
    if waiting := [filing["case_seq"] for filing in filings if filing["index"] is None]:
        raise Refused(f"case {case}: entry {waiting[0]} is not filed yet; try again in a moment")
    folder.mkdir(parents=True, exist_ok=True)
    query = "?witnessed=true" if witnessed else ""
    for filing in filings:
        place = folder / str(int(filing["case_seq"]))
        receipt = api.read(f"/audit/receipts/{quote(filing['event_id'], safe='')}{query}").content
        place.with_suffix(ENTRY).write_bytes(_entry(api, filing["index"]))
        place.with_suffix(RECEIPT).write_bytes(receipt)
    return [filing["case_seq"] for filing in filings]


def verify_folder(folder: Path, policy: Policy, *, first: int = 1) -> CaseVerdict:
    """Return what the evidence in `folder` proves of a case from entry `first` on.

    Raises NotVerified, or Unusable when there are no entries in it.
    """
    entries = sorted((path for path in folder.glob(f"*{ENTRY}") if path.stem.isdecimal()), key=lambda p: int(p.stem))
    if not entries:
        raise Unusable(f"{folder} holds no evidence: no file such as 1{ENTRY}")
    for path in entries:
        if not path.with_suffix(RECEIPT).exists():
            raise NotVerified(f"entry {path.stem} of the case has no receipt in {folder}")
    receipts = [_bytes(path.with_suffix(RECEIPT)) for path in entries]
    return verify_case([_bytes(path) for path in entries], receipts, policy, first=first)


def verify_file(receipt: Path, entry: Path, policy: Policy) -> Verdict:
    """Return what a receipt proves of an entry, both as files; raises NotVerified or Unusable."""
    return verify_receipt(_bytes(receipt), _bytes(entry), policy)


def verify_folder_log(folder: Path, policy: Policy, *, since: Path | None = None) -> LogVerdict:
    """Return what the log in a folder is, begun with the older checkpoint in a file if one is given.

    Raises NotVerified, or Unusable when there is no log in it.
    """
    if not (folder / CHECKPOINT).is_file():
        raise Unusable(f"{folder} holds no log: no file {CHECKPOINT}")
    return verify_log(log_in(folder), policy, since=None if since is None else _bytes(since))


def verify_growth(old: Path, new: Path, folder: Path, policy: Policy) -> Growth:
    """Return that the log of a checkpoint file begins with that of an older one, by the tiles in a folder.

    The tiles are believed nothing: the proof that is made of them must lead to both signed roots. The older checkpoint
    needs the log's signature alone, the newer one the policy's quorum too. Raises NotVerified or Unusable.
    """
    before, after = _checkpoint(old, replace(policy, quorum=NO_QUORUM)), _checkpoint(new, policy)
    if before.origin != after.origin:
        raise NotVerified(f"{old} is of the log {before.origin}, {new} of {after.origin}")
    try:
        proof = consistency_proof(before.size, after.size, TileTree(after.size, log_in(folder).read).node)
    except LookupError as error:
        raise NotVerified(str(error)) from error
    verify_consistency(old_size=before.size, old_root=before.root, size=after.size, root=after.root, proof=proof)
    return Growth(after.origin, before.size, before.root, after.size, after.root, tuple(proof))


def read_policy(path: Path, *evidence: Path) -> Policy:
    """Return the policy in a file; raises Unusable, also when it came with the evidence that it is to verify."""
    try:
        return parse_policy(_bytes(kept_apart(path, *evidence)))
    except NotVerified as error:
        raise Unusable(f"{path} is not a policy: {error}") from error


def kept_apart(path: Path, *evidence: Path) -> Path:
    """Return `path`; raises Unusable when it, or what it links to, is one of these files or in one of these folders.

    Who made the evidence up would have made up the key beside it.
    """
    places = [place for each in evidence for place in _spellings(each)]
    for spelling in _spellings(path):
        if any(spelling.is_relative_to(place) for place in places):
            raise Unusable(f"{path} came with the evidence and proves nothing: take one from someone you trust")
    return path


def _spellings(path: Path) -> tuple[Path, Path]:
    return Path(os.path.abspath(path)), Path(os.path.realpath(path))  # noqa: PTH100  # links as they are, and followed


def _checkpoint(path: Path, policy: Policy) -> Checkpoint:
    note = _bytes(path)
    with about(str(path)):
        return verify_checkpoint(note, policy)


def _filings(api: Api, case: str) -> Iterator[dict[str, Any]]:
    page = {"case": case, "limit": "100"}
    while True:
        answer = api.read(f"/audit/filings?{urlencode(page)}").json()
        yield from answer["items"]
        if answer["next"] is None:
            return
        page["next"] = answer["next"]


def _entry(api: Api, index: int) -> bytes:
    """Return an entry's bytes as they were filed: the canonical form of what the API shows (RFC 8785)."""
    return rfc8785.dumps(json.loads(api.read(f"/audit/filings/{index}").content)["entry"])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from error
