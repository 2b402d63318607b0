"""The evidence of a case in a folder: entries and receipts fetched once, then verified with no network at all.

`<case_seq>.json` is an entry's canonical bytes, `<case_seq>.tlog-proof` its receipt. Knows no rule of the ledger.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import rfc8785

from services.audit.verify.entry import CaseVerdict, verify_case
from services.audit.verify.errors import NotVerified
from services.audit.verify.policy import Policy, parse_policy
from services.audit.verify.receipt import Verdict, verify_receipt
from tools.govshare.client import Api
from tools.govshare.failures import Refused, Unusable

ENTRY, RECEIPT = ".json", ".tlog-proof"


def filings_of(api: Api, case: str) -> list[dict[str, Any]]:
    """Return the summaries of a case's filings that the caller may read, in the case's order; raises Refused."""
    return list(_filings(api, case))


def download(api: Api, case: str, folder: Path) -> list[int]:
    """Write the evidence of a case into `folder`, made when missing; return the numbers of its entries.

    The numbers begin with 1 for who may read the case from its beginning. Raises Refused, before anything is written,
    while an entry of the case is not filed yet.
    """
    filings = filings_of(api, case)
    if waiting := [filing["case_seq"] for filing in filings if filing["index"] is None]:
        raise Refused(f"case {case}: entry {waiting[0]} is not filed yet; try again in a moment")
    folder.mkdir(parents=True, exist_ok=True)
    for filing in filings:
        place = folder / str(int(filing["case_seq"]))
        place.with_suffix(ENTRY).write_bytes(_entry(api, filing["index"]))
        place.with_suffix(RECEIPT).write_bytes(
            api.read(f"/audit/receipts/{quote(filing['event_id'], safe='')}").content
        )
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


def read_policy(path: Path) -> Policy:
    """Return the policy in a file; raises Unusable."""
    try:
        return parse_policy(_bytes(path))
    except NotVerified as error:
        raise Unusable(f"{path} is not a policy: {error}") from error


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
