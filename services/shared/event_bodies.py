"""What each type of event carries: codes, terms without free text, and hashes. The contract between services."""

from datetime import date

from services.shared.model import Model


class ResourceMoved(Model):
    """A step in the life of a catalogue entry's version; `metadata_hash` is the hash of what the version says."""

    state: str
    provider: str
    entry_version: int
    metadata_hash: str


class PublishedItem(Model):
    """One data item as published; `data_type` and `sensitivity` are null where the entry does not know them."""

    name: str
    data_type: str | None
    sensitivity: str | None


class ResourcePublished(ResourceMoved):
    """A catalogue entry as it now stands; `share_type` is null on a legacy entry, and treated as CONDITIONAL.

    `resource_code` is null where a legacy entry came without one.
    """

    title: str
    catalogue: str | None
    share_type: str | None
    legacy: bool
    source_id: str | None
    resource_code: str | None = None
    items: tuple[PublishedItem, ...]


class RequestMoved(Model):
    """A step in the life of a sharing request; `terms_hash` is the hash of its latest offer."""

    state: str
    requester: str
    provider: str
    resource: str
    offer: int
    terms_hash: str
    outcome: str | None = None


class ItemsClassified(RequestMoved):
    """The provider's classification of the requested items: item name to sensitivity code."""

    classification: dict[str, str]


class RequestRefused(RequestMoved):
    """A refusal report: its statutory basis. Situation and reason are in the payload."""

    instrument: str
    clause: str


class ReuseWanted(Model):
    """A sharing request that is wanted instead of collecting or building again (S-071).

    `request` is the id that it will have, `unit` who asks, `resource` the entry, `purpose` a code of the list purposes;
    `items` are names, `areas` codes (GB/T 2260), `subject` the name of what was to be collected or built.
    """

    request: str
    unit: str
    resource: str
    duty: str
    purpose: str
    items: tuple[str, ...]
    areas: tuple[str, ...]
    subject: str


class AgreementActivated(Model):
    """An agreement in force: its terms without free text, and the filings it rests on (event ids)."""

    requester: str
    provider: str
    resource: str
    terms_hash: str
    items: tuple[str, ...]
    areas: tuple[str, ...]
    period_from: date | None
    period_until: date | None
    recipients: tuple[str, ...]
    purpose: str
    duty: str
    channel: str
    frequency: str
    format: str
    valid_from: date
    valid_until: date
    request_filing: str
    result_filing: str


class FilingReceipted(Model):
    """That the ledger holds an entry: its index, and the size of the published checkpoint that proves it."""

    event_id: str
    case_seq: int
    kind: str
    authority: str
    index: int
    checkpoint_size: int
