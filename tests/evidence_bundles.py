"""A small sealed bundle of evidence for tests, made with no ledger behind it: a log, two cases in it, an erasure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

import rfc8785

from services.audit.bundle import bag_of
from services.audit.verify.bag import TAG_MANIFEST
from services.audit.verify.bundle import body_of_seal
from services.audit.verify.bundle_index import (
    CHECKPOINT,
    INDEX,
    POLICY,
    SEAL_ENTRY,
    SEAL_RECEIPT,
    CaseLine,
    Index,
    PayloadLine,
    write_index,
)
from tests.unit.ledger_makers import LOG, Signer, a_checkpoint, a_receipt

WORDS, SALT = rfc8785.dumps({"reason": "依法不得提供"}), bytes(range(32))
HASH = sha256(SALT + WORDS).hexdigest()
MAKER = "supervision_bureau"
TEXT = f"log {LOG.key.vkey}\nquorum none\n"
INFO = {"Source-Organization": MAKER, "Bagging-Date": "2026-11-23", "Bag-Software-Agent": "GovShare"}
Entries = list[tuple[str, int, bytes]]  # case, number in it, bytes


def an_entry(case: str, number: int, previous: str, **more: Any) -> bytes:
    """Return an entry of a case."""
    fields: dict[str, Any] = {"case": case, "case_seq": number, "prev_hash": previous, "event_id": f"{case}-e{number}"}
    return rfc8785.dumps(fields | {"type": "request.submitted", "organisation": "drc", "body": {}} | more)


def a_log() -> Entries:
    """Return a log of two cases, of which `c-1` had words with each entry, and the erasure of the second's."""
    erased = {"event_id": "c-1-e2", "payload_sha256": HASH}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("c-1", {"payload_sha256": HASH, "filing": {"kind": "request", "authority": "informatization_office"}}),
        ("c-2", {}),
        ("c-1", {"payload_sha256": HASH}),
        ("c-2", {}),
        ("c-1", {"payload_sha256": HASH}),
        ("c-2", {}),
        ("erasure", {"type": "payload.erased", "event_id": "x-1", "body": erased}),
        ("c-2", {}),
    ]
    log: Entries = []
    for case, more in steps:
        before = [entry for name, _, entry in log if name == case]
        previous = sha256(b"\x00" + before[-1]).hexdigest() if before else ""
        log.append((case, len(before) + 1, an_entry(case, len(before) + 1, previous, **more)))
    return log


CASES = (
    CaseLine(
        "c-1",
        ((1, 3),),
        (
            PayloadLine(1, salt=SALT.hex()),
            PayloadLine(2, withheld="erased", erased_by="x-1"),
            PayloadLine(3, withheld="not_readable"),
        ),
    ),
    CaseLine("c-2", ((2, 2), (4, 4))),  # its reader was let in later, and not to everything
)
ERASURES = (CaseLine("erasure", ((1, 1),)),)


@dataclass(frozen=True)
class Bundle:
    """What a bundle is made of: change a part, and the bag and its seal are made anew around it."""

    cases: tuple[CaseLine, ...] = CASES
    erasures: tuple[CaseLine, ...] = ERASURES
    signer: Signer = LOG
    index: Mapping[str, Any] | None = None
    payload: Mapping[str, bytes] | None = None
    sealed_as: Mapping[str, Any] | None = None

    def but(self, **changes: Any) -> "Bundle":
        """Return the bundle with some parts changed."""
        return replace(self, **changes)

    def files(self) -> dict[str, bytes]:
        """Return all files of the sealed bundle."""
        log = [entry for *_, entry in a_log()]
        payload: dict[str, bytes] = self._evidence(log) | dict(self.payload or {})
        bag = bag_of({path: content for path, content in payload.items() if content}, INFO)
        seal = self._seal(bag)
        whole = [*log, seal]
        receipt = a_receipt(whole, len(log), a_checkpoint(whole, signer=self.signer))
        return {**bag, SEAL_ENTRY: seal, SEAL_RECEIPT: receipt}

    def the_index(self) -> Index:
        """Return its index."""
        held = sum(len(case.numbers) for case in (*self.cases, *self.erasures))
        index = Index(
            accountability_case="JC-2026-15",
            ground="duty",
            units=("110107",),
            organisation=MAKER,
            officer="o-7",
            made_at="2026-11-23T04:00:00Z",
            checkpoint_size=len(a_log()),
            entries=held,
            cases=self.cases,
            erasures=self.erasures,
        )
        return replace(index, **(self.index or {}))

    def _evidence(self, log: list[bytes]) -> dict[str, bytes]:
        note = a_checkpoint(log, signer=self.signer)
        payload = {INDEX: write_index(self.the_index()), CHECKPOINT: note, POLICY: TEXT.encode()}
        places = {(case, number): at for at, (case, number, _) in enumerate(a_log())}
        for case in (*self.cases, *self.erasures):
            for number in case.numbers:
                at = places[case.case, number]
                batch = log[: at + 1]  # each entry was filed alone
                payload[case.path(number, "json")] = log[at]
                payload[case.path(number, "tlog-proof")] = a_receipt(batch, at, a_checkpoint(batch, signer=self.signer))
                payload[case.path(number, "bundle.tlog-proof")] = a_receipt(log, at, note)
            payload |= {case.path(line.seq, "payload.json"): WORDS for line in case.payloads if line.salt}
        return payload

    def _seal(self, bag: Mapping[str, bytes]) -> bytes:
        body = body_of_seal(self.the_index(), bag[TAG_MANIFEST])
        said = {"type": "evidence.sealed", "organisation": MAKER, "body": body} | dict(self.sealed_as or {})
        return an_entry("seal", 1, "", **said)


@cache
def a_bundle() -> Mapping[str, bytes]:
    """Return the files of a good bundle; a test that changes one changes a copy."""
    return Bundle().files()
