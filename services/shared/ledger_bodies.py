"""What the ledger's own events carry: a contradiction that it refused, a sealed bundle, a package for the archives, an
erasure. Codes, numbers and hashes; never free text."""

from services.shared.model import Model


class ConflictFound(Model):
    """An event that contradicts what is filed, and was not: `reason` is `other_bytes` (its id) or `place_taken`.

    `event_id`, `case` and `case_seq` are what it claimed; `offered_sha256` is of the entry it would have been,
    `filed_sha256` of the one that stands under its id, empty when only its place was taken.
    """

    reason: str
    event_id: str
    case: str
    case_seq: int
    offered_sha256: str
    filed_sha256: str


class EvidenceSealed(Model):
    """An evidence bundle (BagIt) for an accountability case: `ground` is `duty` or `leak`.

    `manifest_sha256` is of the bag's tag manifest, which binds every file in it; `checkpoint_size` is the tree that its
    proofs lead to.
    """

    accountability_case: str
    ground: str
    units: tuple[str, ...]
    cases: tuple[str, ...]
    entries: int
    checkpoint_size: int
    manifest_sha256: str


class PackageMoved(Model):
    """A step in the life of an archive package: the case in it, its class in the retention schedule, and its digest.

    `years` is how long it is kept, 0 for ever; `manifest_sha256` is of the bag's tag manifest.
    """

    state: str
    archived_case: str
    retention_class: str
    years: int
    entries: int
    manifest_sha256: str


class PayloadErased(Model):
    """What was written with an event is erased: its text, key and salt. The event's hash stays and still verifies."""

    event_id: str
    case: str
    payload_sha256: str
    ground: str
