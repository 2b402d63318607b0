"""The public catalogues: which there are, and one line of each, of whatever kind. Values only."""

from enum import StrEnum

from services.shared.model import Model


class Shelf(StrEnum):
    """What stands where in the index of catalogues; the first five are the policy's (四(一)), by the glossary."""

    BASIC = "basic_sharing_catalog"
    APPLICATION = "application_sharing_catalog"
    DATABASES = "database_catalog"
    COLLECTION = "collection_duty_catalog"
    EXCHANGE = "exchange_catalog"
    FIGURES = "figure_accuracy"


class Listed(Model):
    """One line of a public catalogue; `number` is the resource code or registration number, `updated` a day.

    What a kind of thing does not have is null: `data_form` is a collection duty's (四(一)), `share_type` an entry's.
    """

    kind: str
    id: str
    title: str
    unit: str
    unit_name: str
    number: str | None = None
    basic_class: str | None = None
    key_domain: str | None = None
    share_type: str | None = None
    update_cycle: str | None = None
    data_form: str | None = None
    channels: tuple[str, ...] = ()
    updated: str


class Catalogue(Model):
    """A page of a public catalogue; `next` asks for the page after it."""

    items: tuple[Listed, ...]
    next: str | None
