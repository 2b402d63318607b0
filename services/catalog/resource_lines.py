"""Where an entry stands in the table's indexes, and how: among what is published, with its unit, in its state. Pure."""

from pydantic import AwareDatetime

from services.catalog.catalogues import Shelf, entry_line
from services.catalog.entry import Entry
from services.catalog.resource import MACHINE
from services.catalog.search import Summary, provider_name, summary_of, text_of
from services.catalog.version import State, Version
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.organisations import OFFICE, STATISTICS_BUREAU, organisation
from services.shared.views import Waiting

LIVE = "LIVE"  # the one value of the index of all that is published


class ResourceLine(Model):
    """An entry in the list of its unit, or of what stands in a state: by its open version, or the published one.

    `number` counts the entry's versions; `revises` when another version of it is published.
    """

    id: str
    title: str
    provider: str
    provider_name: str
    catalogue: str | None
    resource_code: str | None
    state: State
    number: int
    revises: bool
    awaiting: tuple[Waiting, ...]
    changed_at: AwareDatetime


class ResourcePage(Model):
    """A page of what is published, or of the entries of a unit or in a state; `next` asks for the page after it."""

    items: tuple[Summary | ResourceLine, ...]
    next: str | None


def waiting_for(version: Version) -> tuple[Waiting, ...]:
    """Return whom a version waits for."""
    codes = {Party.PROVIDER: version.provider, Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU}
    return tuple(Waiting(party=party, organisation=codes[party]) for party in MACHINE.awaiting(version))


def index_of(entry: Entry) -> dict[str, str]:
    """Return the attributes by which the indexes find an entry; a draft that nobody was sent is its unit's alone."""
    version = entry.open or entry.live
    if version is None:
        return {}
    known = version.submitted_at or version.published_at
    at_work = {
        "unit": f"resource#{entry.provider}",
        "changed_at": entry.changed_at.isoformat(),
        "line": line_of(entry, version).model_dump_json(),
    }
    return at_work | ({"standing": f"resource#{version.state}"} if known else {}) | _shelved(entry)


def line_of(entry: Entry, version: Version) -> ResourceLine:
    """Return how an entry stands in a list by this version of it."""
    return ResourceLine(
        **entry.model_dump(include={"id", "provider", "changed_at"}),
        title=version.metadata.title or "",
        provider_name=provider_name(entry.provider, entry.changed_at),
        catalogue=version.metadata.catalogue,
        resource_code=entry.resource_code,
        state=version.state,
        number=version.number,
        revises=version is not entry.live and entry.live is not None,
        awaiting=waiting_for(version),
    )


def _shelved(entry: Entry) -> dict[str, str]:
    version = entry.published
    if version is None:
        return {}
    summary = summary_of(version, provider_name(entry.provider, version.changed_at))
    body = organisation(entry.provider)
    names = [summary.provider_name, *(body.aliases if body else ())]
    text = text_of(summary.title, entry.provider, names, summary.items)
    shelved = {"published": LIVE, "search": text, "summary": summary.model_dump_json()}
    if version.metadata.catalogue is None:
        return shelved
    line = entry_line(version, summary.provider_name, number=version.resource_code)
    return shelved | {"catalogue": str(Shelf(version.metadata.catalogue)), "listed": line.model_dump_json()}
