"""The catalogue chain (S-008): collection duty, database, entry, channel, agreement, and their links. Values."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from services.catalog.exchange import Exchange
from services.catalog.feed import Change
from services.shared.model import Model


class Kind(StrEnum):
    """The links of the chain in their order; a channel is named `<entry id>.<channel code>`."""

    COLLECTION = "collection"
    DATABASE = "database"
    RESOURCE = "resource"
    CHANNEL = "channel"
    AGREEMENT = "agreement"

    @property
    def rank(self) -> int:
        """How far down the chain it stands, from 0."""
        return list(Kind).index(self)


class Node(Model):
    """One thing on the chain: whose it is, its number, and where it can be read."""

    kind: Kind
    id: str
    title: str | None
    unit: str | None
    number: str | None
    href: str


class Link(Model):
    """That one node leads to the next: both by kind and id, `upper` nearer to the collection duty."""

    upper: str
    lower: str


class Chain(Model):
    """What is linked with a node, in the chain's order.

    `cut` when there is more than 200 nodes; `withheld` counts agreements in force that only their parties may see.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    cut: bool
    withheld: int


class Step(NamedTuple):
    """A node by its kind and id."""

    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


class Place(NamedTuple):
    """What one read of a case brings: its latest public change, what it is linked with, how it is shared."""

    change: Change | None
    related: tuple[Step, ...]
    exchange: Exchange | None


Read = Callable[[str], Place]
