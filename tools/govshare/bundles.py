"""Bundles of evidence for an accountability case (S-105, S-106): what a reader may see of cases, gathered and sealed.

Everything is verified before it is kept; nothing is taken on the word of the API. Knows no zip.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from services.audit.bundle import bag_of
from services.audit.merkle import inclusion_proof
from services.audit.tiles import TileTree
from services.audit.verify import bundle_index as layout
from services.audit.verify.bag import TAG_MANIFEST, Files
from services.audit.verify.bundle import body_of_seal, verify_bundle, verify_contents
from services.audit.verify.bundle_index import CODE, GROUNDS, CaseLine, Index, parse_index, write_index
from services.audit.verify.policy import Policy
from services.audit.verify.receipt import Receipt, format_receipt, parse_receipt
from services.shared.erasure import erasure_case
from services.shared.organisations import organisation
from tools.govshare.client import Api, checked
from tools.govshare.evidence import filings_of
from tools.govshare.failures import Refused, Unusable
from tools.govshare.ledger import entry_at, latest_checkpoint, public_tiles, receipt_path
from tools.govshare.written import Step, Written, written_with

OK, CREATED = 200, 201
NOT_YET = frozenset({404, 409})
WAITS = (1.0,) * 150  # seconds between looks for the seal's receipt; witnesses are asked each minute


class Inquiry(NamedTuple):
    """What a bundle is for: the accountability case, its ground, the units under inquiry, and the cases to show."""

    accountability_case: str
    ground: str
    units: tuple[str, ...]
    cases: tuple[str, ...]


class Trust(NamedTuple):
    """Whom the maker of a bundle trusts, and the text that says so."""

    policy: Policy
    text: bytes


@dataclass(frozen=True)
class Seen:
    """A case as its reader sees it: its entries, and what was written with them."""

    case: str
    steps: Sequence[Step]
    written: Sequence[Written]

    @property
    def line(self) -> CaseLine:
        """The case in the bundle's index."""
        return CaseLine(self.case, _runs(step.number for step in self.steps), tuple(one.line for one in self.written))

    @property
    def erased(self) -> list[str]:
        """The events whose words were erased."""
        numbers = {one.line.seq for one in self.written if one.line.erased_by}
        return [step.event for step in self.steps if step.number in numbers]


def check_inquiry(inquiry: Inquiry) -> None:
    """Raise Unusable with everything that is wrong with what is asked for."""
    codes = (inquiry.accountability_case, *inquiry.units, *inquiry.cases)
    wrong = [f"{code!r} is not a code" for code in codes if not CODE.fullmatch(code)]
    wrong += [f"there is no organisation {unit!r}" for unit in inquiry.units if organisation(unit) is None]
    if inquiry.ground not in GROUNDS:
        wrong.append(f"{inquiry.ground!r} is not one of the grounds {', '.join(sorted(GROUNDS))}")
    wrong += [f"{name} are named twice" for name in ("units", "cases") if _has_twice(getattr(inquiry, name))]
    if wrong:
        raise Unusable("; ".join(wrong))


def gather(api: Api, inquiry: Inquiry, trust: Trust, at: datetime) -> dict[str, bytes]:
    """Return the files of a bag, not sealed yet, of all that the caller may see of the cases.

    Raises Refused when a case is not there for the caller or an entry of it is not filed yet, NotVerified when
    something that the API gave does not hold.
    """
    me = api.read("/identity/me").json()
    cases = [_seen(api, case, trust.policy) for case in inquiry.cases]
    proofs = [erasure_case(event) for case in cases for event in case.erased]
    erasures = [_seen(api, case, trust.policy) for case in proofs if case not in inquiry.cases]
    steps = [step for case in (*cases, *erasures) for step in case.steps]
    note, checkpoint = latest_checkpoint(api, trust.policy, [step.receipt for step in steps])
    index = Index(
        accountability_case=inquiry.accountability_case,
        ground=inquiry.ground,
        units=inquiry.units,
        organisation=str(me["organisation"]["code"]),
        officer=str(me["officer"]),
        made_at=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        checkpoint_size=checkpoint.size,
        entries=len(steps),
        cases=tuple(case.line for case in cases),
        erasures=tuple(case.line for case in erasures),
    )
    payload = {layout.INDEX: write_index(index), layout.CHECKPOINT: note, layout.POLICY: trust.text}
    tree = TileTree(checkpoint.size, public_tiles(api))
    for case in (*cases, *erasures):
        payload |= dict(_files(case, note, tree))
    bag = bag_of(payload, _info(index))
    verify_contents(bag, trust.policy)
    return bag


def seal(api: Api, bag: Files, policy: Policy, waits: Iterable[float] = WAITS) -> dict[str, bytes]:
    """Return the files of a bag with its seal, once the ledger has filed it; the same bag is sealed once.

    Raises Refused when the API does not seal it, or the seal's receipt is not there after the last wait.
    """
    index = parse_index(bag[layout.INDEX])
    body = body_of_seal(index, bag[TAG_MANIFEST])
    key = {"Idempotency-Key": str(body["manifest_sha256"])}
    made = checked(api.call("POST", "/audit/evidence", json=body, headers=key), CREATED).json()
    receipt = _awaited(api, receipt_path(str(made["event_id"]), policy), waits)
    sealed = {**bag, layout.SEAL_ENTRY: entry_at(api, parse_receipt(receipt).index), layout.SEAL_RECEIPT: receipt}
    verify_bundle(sealed, policy)
    return sealed


def _seen(api: Api, case: str, policy: Policy) -> Seen:
    filings = filings_of(api, case)
    if waiting := [filing["case_seq"] for filing in filings if filing["index"] is None]:
        raise Refused(f"case {case}: entry {waiting[0]} is not filed yet; try again in a moment")
    steps = []
    for filing in filings:
        entry = entry_at(api, filing["index"])
        receipt = api.read(receipt_path(filing["event_id"], policy)).content
        steps.append(Step(filing, json.loads(entry), entry, receipt))
    return Seen(case, steps, list(written_with(api, case, steps)))


def _files(case: Seen, note: bytes, tree: TileTree) -> Iterator[tuple[str, bytes]]:
    line = case.line
    for step in case.steps:
        yield line.path(step.number, layout.ENTRY), step.entry
        yield line.path(step.number, layout.RECEIPT), step.receipt
        yield line.path(step.number, layout.PROOF), _proof(step.receipt, note, tree)
    for one in case.written:
        if one.line.salt:
            yield line.path(one.line.seq, layout.WORDS), one.words


def _proof(receipt: bytes, note: bytes, tree: TileTree) -> bytes:
    """Return the receipt of the same entry that leads to the bundle's checkpoint."""
    known = parse_receipt(receipt)
    try:
        proof = inclusion_proof(known.index, tree.size, tree.node)
    except LookupError as error:
        raise Refused(f"the log does not show how entry {known.index} lies in its checkpoint: {error}") from error
    return format_receipt(Receipt(known.index, tuple(proof), note, known.extra))


def _awaited(api: Api, path: str, waits: Iterable[float]) -> bytes:
    for wait in waits:
        answer = api.call("GET", path)
        if answer.status_code not in NOT_YET:
            return checked(answer, OK).content
        time.sleep(wait)
    return api.read(path).content


def _info(index: Index) -> Mapping[str, str]:
    return {
        "Source-Organization": index.organisation,
        "Bagging-Date": index.made_at[: len("2026-01-01")],
        "External-Identifier": index.accountability_case,
        "External-Description": f"Evidence for an accountability case ({index.ground}), verified: data/index.json",
        "Bag-Software-Agent": "GovShare",
    }


def _runs(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return first and last of each run of ascending numbers that has no gap."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(runs)


def _has_twice(codes: Sequence[str]) -> bool:
    return len({*codes}) < len(codes)
