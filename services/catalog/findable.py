"""What the search index holds of one published thing of the catalogues, of whatever kind.

A value that needs no model: a function that searches starts in a third of the time without. Everything in it is public:
a draft, or what is under way, never becomes findable.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Findable:
    """One published thing: what it says, whose it is, and what a search can be narrowed down by.

    `spellings` are the names its unit goes by, and those that an older catalogue uses; `districts` are codes (GB/T
    2260), none for what concerns the whole city; `database` is an id; `updated` a day (ISO 8601). `nobodys` is an entry
    of an older catalogue that names no body; the office keeps it until someone claims it.
    """

    kind: str
    id: str
    title: str
    unit: str
    unit_name: str
    updated: str
    abstract: str = ""
    items: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    number: str | None = None
    catalogue: str | None = None
    basic_class: str | None = None
    key_domain: str | None = None
    theme: str | None = None
    share_type: str | None = None
    share_method: str | None = None
    update_cycle: str | None = None
    formats: tuple[str, ...] = ()
    database: str | None = None
    legacy: bool = False
    nobodys: bool = False
