"""What was written with the entries of a case, as far as the reader may read it: asked for where its owner's history
says it is, with the reader's own token.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import rfc8785

from services.audit.verify.bundle_index import ERASED, NOT_READABLE, PayloadLine
from tools.govshare.client import Api, checked
from tools.govshare.failures import Refused

OK, NOT_FOR_THE_READER, GONE = 200, frozenset({403, 404}), 410
OF_A_REQUEST = ("/requests/{case}", "/agreements/{case}")
# Where the owner of a case shows its history, by how the types of its events begin.
OWNERS: Mapping[str, tuple[str, ...]] = {
    "resource": ("/catalog/resources/{case}",),
    "collection": ("/catalog/collections/{case}",),
    "database": ("/catalog/databases/{case}",),
    "check": ("/catalog/checks/{case}",),
    "adjudication": ("/catalog/adjudications/{case}",),
    "figure": ("/catalog/figures/{case}",),
    "demand": ("/demands/{case}",),
    **dict.fromkeys(("request", "agreement", "report", "feedback", "delivery"), OF_A_REQUEST),
    "objection": ("/objections/{case}.{number}", *OF_A_REQUEST),
    "onward_permission": ("/onward-permissions/{case}.{number}", *OF_A_REQUEST),
}


@dataclass(frozen=True)
class Step:
    """One entry of a case in the ledger: its summary in the list, its fields, its bytes and its receipt."""

    summary: Mapping[str, Any]
    fields: Mapping[str, Any]
    entry: bytes
    receipt: bytes

    @property
    def number(self) -> int:
        """Its place in the case."""
        return int(self.summary["case_seq"])

    @property
    def event(self) -> str:
        """The event that it is of."""
        return str(self.summary["event_id"])


@dataclass(frozen=True)
class Written:
    """What was written with an entry: a line for the bundle's index and, where it is readable, its canonical bytes."""

    line: PayloadLine
    words: bytes = b""


def written_with(api: Api, case: str, steps: Sequence[Step]) -> Iterator[Written]:
    """Yield what was written with each entry that something was written with.

    Raises Refused when something was just erased and the erasure is not filed yet.
    """
    writing = [step for step in steps if "payload_sha256" in step.fields]
    addresses = _addresses(api, case, writing) if writing else {}
    for step in writing:
        told = step.summary["payload"] or {}
        if erased_by := told.get("erased_by"):
            yield Written(PayloadLine(step.number, withheld=ERASED, erased_by=str(erased_by)))
        else:
            yield _read(api, step, addresses.get(step.event))


def _read(api: Api, step: Step, address: str | None) -> Written:
    answer = api.call("GET", address) if address else None
    if answer is None or answer.status_code in NOT_FOR_THE_READER:
        return Written(PayloadLine(step.number, withheld=NOT_READABLE))
    if answer.status_code == GONE:
        raise Refused(f"{address}: it was erased, and the erasure is not filed yet; try again in a moment")
    opened = checked(answer, OK).json()
    return Written(PayloadLine(step.number, salt=str(opened["salt"])), rfc8785.dumps(opened["content"]))


def _addresses(api: Api, case: str, steps: Sequence[Step]) -> dict[str, str]:
    """Return where payloads are, by event, as the histories that the reader may read name them."""
    places = {
        template.format(case=quote(case, safe=""), number=step.fields["body"].get("number", ""))
        for step in steps
        for template in OWNERS.get(str(step.fields["type"]).partition(".")[0], ())
    }
    found: dict[str, str] = {}
    for place in sorted(places):
        found |= dict(_history(api, f"{place}/history"))
    return found


def _history(api: Api, path: str) -> Iterator[tuple[str, str]]:
    page = {"limit": "100"}
    while True:
        answer = api.call("GET", f"{path}?{urlencode(page)}")
        if answer.status_code in NOT_FOR_THE_READER:
            return
        said = checked(answer, OK).json()
        named = ((line["event"]["id"], line["payload"]) for line in said["items"])
        yield from ((str(event), str(address)) for event, address in named if str(address).startswith("/"))
        if said["next"] is None:
            return
        page["next"] = said["next"]
