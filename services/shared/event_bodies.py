"""What each type of event carries: codes, terms without free text, and hashes. The contract between services."""

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

    `resource_code` is null where a legacy entry came without one; `basic_class`, `share_method`, `formats` and
    `update_cycle` are the terms on which it is offered, as far as it says them.
    """

    title: str
    catalogue: str | None
    share_type: str | None
    legacy: bool
    source_id: str | None
    resource_code: str | None = None
    basic_class: str | None = None
    share_method: str | None = None
    formats: tuple[str, ...] = ()
    update_cycle: str | None = None
    items: tuple[PublishedItem, ...]


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


class FilingReceipted(Model):
    """That the ledger holds an entry: its index, and the size of the published checkpoint that proves it."""

    event_id: str
    case_seq: int
    kind: str
    authority: str
    index: int
    checkpoint_size: int
