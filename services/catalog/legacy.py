"""Rows of an older, open-data catalogue, and the legacy entries they become: published at once, incomplete, marked.

Knows the row's shape and nothing of where the rows are kept.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints

from services.catalog.entry import Entry, published_body
from services.catalog.metadata import Item, Metadata, at_least_one
from services.catalog.resource import FILED
from services.catalog.version import Source, State, Version
from services.shared.callers import Caller
from services.shared.canonical import new_id
from services.shared.errors import Problem
from services.shared.events import Origin, event_of
from services.shared.model import Model
from services.shared.organisations import provider_of
from services.shared.steps import Step, step_of
from services.shared.texts import Code, Line, printable

MAX_ROWS = 100
CITATION = "来源:北京市公共数据开放平台"

Said = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(printable)]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]{1,500}$")]


class RowItem(Model):
    """A data item as the older catalogue lists it."""

    name: Line
    type: Line | None


class Row(Model):
    """One row of the older catalogue; an empty text is one the row does not have."""

    id: Code
    source: Code
    title: Line
    provider: Said
    summary: Said
    items: Annotated[tuple[RowItem, ...], Field(max_length=100)]
    update_frequency: Said
    format: Annotated[tuple[Code, ...], Field(max_length=30)]
    theme: Said
    source_url: Address
    updated: date
    provider_in_summary: Said
    archived: StrictBool
    downloads: Annotated[StrictInt, Field(ge=0)]


class Import(Model):
    """Up to 100 rows at once."""

    rows: Annotated[tuple[Row, ...], Field(max_length=MAX_ROWS), AfterValidator(at_least_one)]


def repeated(rows: Sequence[Row]) -> Iterator[Problem]:
    """Yield a problem for each row whose id an earlier row of the same call has."""
    seen: set[str] = set()
    for place, row in enumerate(rows):
        if row.id in seen:
            yield Problem(pointer=f"/rows/{place}/id", detail="another row of this call has the same id")
        seen.add(row.id)


def legacy_entry(row: Row, caller: Caller, at: datetime) -> Step[Entry]:
    """Return the published legacy entry that a row becomes, and its event; both are filed with the office."""
    version = _version(row, at)
    event = event_of(
        "resource.imported",
        published_body(version),
        Origin(version.id, 1, caller.organisation, caller.officer, at),
        parties=(version.provider,),
        filing=FILED,
    )
    live = version.model_copy(update={"filed_as": event.id})
    entry = Entry(
        id=version.id, state=State.LIVE, version=1, case_seq=1, changed_at=at, provider=version.provider, live=live
    )
    return step_of(entry, event)


def _version(row: Row, at: datetime) -> Version:
    source = Source(source_id=row.id, source_url=row.source_url, citation=CITATION, updated=row.updated.isoformat())
    return Version(
        id=new_id(),
        state=State.LIVE,
        version=1,
        case_seq=1,
        changed_at=at,
        number=1,
        provider=provider_of(row),
        metadata=_metadata(row),
        source=source,
        published_at=at,
    )


def _metadata(row: Row) -> Metadata:
    # Types and cycles of the older catalogue are not of our lists; what is not known stays null.
    return Metadata(
        title=row.title,
        abstract=row.summary or None,
        theme=row.theme or None,
        items=tuple(Item(name=item.name) for item in row.items),
        formats=row.format,
    )
