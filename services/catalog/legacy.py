"""What an older, open-data catalogue says, and the legacy entries it becomes: published at once, incomplete, marked.

Knows nothing of the table it came in, and of where entries are kept.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.catalog.entry import Entry, published_body
from services.catalog.metadata import Draft, Metadata
from services.catalog.resource import FILED
from services.catalog.version import Source, State, Version
from services.shared.callers import Caller
from services.shared.canonical import new_id
from services.shared.events import Origin, event_of
from services.shared.model import Model
from services.shared.organisations import provider_of
from services.shared.steps import Step, step_of
from services.shared.texts import Code, Line, printable

CITATION = "来源:北京市公共数据开放平台"
LONGEST = 2000

Spelt = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST), AfterValidator(printable)]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]{1,500}$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class LegacyDraft(Draft):
    """Metadata of an older catalogue: of a kind with ours, but for formats, which it calls as it likes."""

    formats: Annotated[tuple[Code, ...], Field(max_length=30)] = ()


class LegacySource(Source):
    """Where an entry of an older catalogue comes from, as it is sent."""

    source_id: Code
    source_url: Address
    citation: Line
    updated: Day
    source: Code | None = None
    published_on: Day | None = None
    provider: Spelt | None = None
    provider_in_summary: Spelt | None = None
    update_frequency: Spelt | None = None
    downloads: Annotated[int, Field(ge=0)] | None = None

    def kept(self) -> Source:
        """Return what is kept of it."""
        return Source.model_validate(self.model_dump())


class Older(Model):
    """An entry of an older catalogue: whose it is, what it says, where that is from, its resource code if any."""

    provider: str
    metadata: Metadata
    source: Source
    code: str | None = None


def owner_of(source: Source) -> str:
    """Return whose an entry is by its source's spellings: one that names nobody is the office's until claimed."""
    return provider_of(source.spellings)


def legacy_entry(older: Older, caller: Caller, at: datetime) -> Step[Entry]:
    """Return the published legacy entry that it becomes, and its event, filed with the office."""
    version = _version(older, at)
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


def _version(older: Older, at: datetime) -> Version:
    return Version(
        id=new_id(),
        state=State.LIVE,
        version=1,
        case_seq=1,
        changed_at=at,
        number=1,
        provider=older.provider,
        metadata=older.metadata,
        source=older.source,
        resource_code=older.code,
        published_at=at,
    )
