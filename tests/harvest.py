"""Makers for tests of the DCAT export: published versions, the whole real sample, and how a harvester reads."""

import json
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rdflib import Graph

from services.catalog.dcat import Contents, nodes_of
from services.catalog.metadata import Draft, Item, Metadata
from services.catalog.rdf import jsonld, turtle
from services.catalog.version import Source, State, Version
from services.shared.organisations import provider_of

SAMPLE = Path(__file__).parents[1] / "data" / "beijing_catalogue.jsonl"
CITATION = "来源:北京市公共数据开放平台"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BASE = "urn:govshare"


class _Row:
    """One row of the sample, as far as it says whose it is."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.provider: str = row["provider"]
        self.provider_in_summary: str = row["provider_in_summary"]
        self.archived: bool = row["archived"]


def a_version(name: str, metadata: Mapping[str, Any], **changes: Any) -> Version:
    """Return a published version of an entry with this id."""
    kept = Draft.model_validate(metadata).kept()
    return _live(name, "transport_commission", kept).model_copy(update=changes)


def sample() -> list[Version]:
    """Return the 1,100 entries of the real sample as legacy entries."""
    return [_legacy(json.loads(line)) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


def written(versions: Iterable[Version], *, base: str = BASE, gone: Iterable[Any] = (), seq: int = 7) -> dict[str, str]:
    """Return the export of versions by format."""
    contents = Contents(tuple(versions), tuple(gone), seq)
    return {
        "turtle": "".join(turtle(nodes_of(contents, base))),
        "json-ld": "".join(jsonld(nodes_of(contents, base))),
    }


def parsed(text: str, form: str) -> Graph:
    """Return a text as rdflib reads it."""
    with warnings.catch_warnings():
        # rdflib's reader of JSON-LD uses a class of its own that it warns of.
        warnings.filterwarnings("ignore", message="ConjunctiveGraph", category=DeprecationWarning)
        return Graph().parse(data=text, format=form)


def _legacy(row: Mapping[str, Any]) -> Version:
    items = tuple(Item(name=item["name"], data_type=item["type"]) for item in row["items"])
    said = Metadata(title=row["title"], abstract=row["summary"], theme=row["theme"], items=items, formats=row["format"])
    origin = Source(
        source_id=row["id"], source_url=row["source_url"], citation=CITATION, updated=row["updated"], source="bj"
    )
    return _live(row["id"], provider_of(_Row(row)), said).model_copy(update={"source": origin})


def _live(name: str, provider: str, metadata: Metadata) -> Version:
    return Version(
        id=name,
        state=State.LIVE,
        version=1,
        case_seq=1,
        changed_at=NOON,
        number=1,
        provider=provider,
        metadata=metadata,
        published_at=NOON,
    )
