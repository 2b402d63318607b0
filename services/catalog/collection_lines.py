"""A collection responsibility in a list: of the public register, of a unit, of what waits in a state. Pure."""

from pydantic import AwareDatetime

from services.catalog.catalogues import Listed
from services.catalog.collection import Collection, State
from services.catalog.collection_sight import waiting_for
from services.catalog.search import provider_name
from services.shared.model import Model
from services.shared.views import Waiting
from services.shared.working_days import day_in_beijing


class CollectionLine(Model):
    """A responsibility in the list of a unit, or of what waits in a state; its id comes with its kind's address."""

    id: str
    number: str | None
    title: str
    basic_class: str | None
    unit: str
    unit_name: str
    items: tuple[str, ...]
    areas: tuple[str, ...]
    state: State
    awaiting: tuple[Waiting, ...]
    changed_at: AwareDatetime


class CollectionPage(Model):
    """A page of the register, or of a unit's or a state's cases; `next` asks for the page after it."""

    items: tuple[Listed | CollectionLine, ...]
    next: str | None


def line_of(collection: Collection) -> CollectionLine:
    """Return how a responsibility stands in a unit's list, and in a state's."""
    statement, same = collection.statement, ("id", "number", "title", "unit", "state", "changed_at")
    return CollectionLine(
        **{name: getattr(collection, name) for name in same},
        **{name: getattr(statement, name) for name in ("basic_class", "items", "areas")},
        unit_name=provider_name(collection.unit, collection.changed_at),
        awaiting=waiting_for(collection),
    )


def listed_of(collection: Collection) -> Listed:
    """Return how a published responsibility stands in the public catalogue."""
    statement, same = collection.statement, ("basic_class", "update_cycle", "data_form")
    since = collection.edition_at or collection.changed_at
    return Listed(
        kind="collection",
        id=collection.id,
        title=collection.title,
        unit=collection.unit,
        unit_name=provider_name(collection.unit, since),
        number=collection.number,
        lag_seconds=collection.lag_seconds,
        updated=day_in_beijing(since).isoformat(),
        **{name: getattr(statement, name) for name in same},
    )
