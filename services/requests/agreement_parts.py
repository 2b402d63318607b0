"""What an agreement comes to hold in its life: a suspension, a version to come, custody, how it ended. Values only."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime

from services.requests.entry import Sensitivity
from services.requests.request_parts import Signature
from services.requests.terms import Terms
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.running import Running


class EndKind(StrEnum):
    """How an agreement ends; what is revoked is no more expired than what is terminated is fulfilled."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    FULFILLED = "fulfilled"
    TERMINATED = "terminated"


class PendingKind(StrEnum):
    """What a version to come changes: anything, or the last day alone."""

    AMENDMENT = "amendment"
    RENEWAL = "renewal"


class Suspension(Model):
    """Who suspended it, why, and by which day that is looked at again."""

    by: Party
    reason: str
    review_by: date
    officer: str
    at: AwareDatetime


class Breach(Model):
    """Who suspects a breach, and on what evidence."""

    by: Party
    evidence: str
    officer: str
    at: AwareDatetime


class NonPerformance(Model):
    """The mark that something agreed is not provided (S-086): by the provider's own report, or by a clock that ran out.

    `clock` and `due_at` are the system's words, `situation` and `reason` the provider's.
    """

    by: Party
    situation: str | None = None
    reason: str | None = None
    clock: str | None = None
    due_at: AwareDatetime | None = None
    officer: str
    at: AwareDatetime


class FormerEdition(Model):
    """Terms that were in force, by their hash, with the signatures over them; the next edition voided these (I5)."""

    edition: int
    terms_hash: str
    signatures: tuple[Signature, ...]
    confidentiality_hash: str | None
    since: AwareDatetime
    until: AwareDatetime


class PendingVersion(Model):
    """A version to come. It is in force once both have signed and its filings have their receipts, and not before.

    `classification` is the provider's word on items that it brings; `confidentiality_hash` names the confidentiality
    agreement that goes with it, None where no item is sensitive. `clock` runs until both have signed.
    """

    kind: PendingKind
    edition: int
    terms: Terms
    terms_hash: str
    by: Party
    reason: str | None
    classification: dict[str, Sensitivity]
    confidentiality_hash: str | None
    signatures: tuple[Signature, ...] = ()
    confidentiality: tuple[Signature, ...] = ()
    clock: Running | None
    officer: str
    at: AwareDatetime

    @property
    def unsigned(self) -> frozenset[Party]:
        """The sides that have not signed yet."""
        signed = {signature.party for signature in self.signatures}
        return frozenset({Party.REQUESTER, Party.PROVIDER} - signed)


class CustodyRecord(Model):
    """How the requester keeps what it obtained (S-094): where, who can get at it, until when, how it is destroyed.

    `entrusted` are others who work with it on the requester's behalf and are bound as it is (R14 of Decree 809).
    `number` counts an agreement's custody records from 1.
    """

    number: int
    place: str
    access: tuple[str, ...]
    retention_until: date
    destruction: str
    entrusted: tuple[str, ...]
    officer: str
    at: AwareDatetime


class DisposalCertificate(Model):
    """What became of what was obtained: how and when it was disposed of, what remains and why, and who attests it.

    `entrusted` are the entrusted parties whose copies went too.
    """

    method: str
    disposed_on: date
    remains: str | None
    because: str | None
    entrusted: tuple[str, ...]
    attested_by: str
    officer: str
    at: AwareDatetime


class AgreementEnd(Model):
    """How and when it ended, by whose act; a ruling has a basis, the leading group's a meeting too (S-088).

    `leak`: with the breach, information got out.
    """

    kind: EndKind
    by: Party
    at: AwareDatetime
    officer: str
    reason: str | None = None
    instrument: str | None = None
    clause: str | None = None
    meeting: str | None = None
    leak: bool = False
