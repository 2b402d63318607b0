"""How well the search finds and tells duplicates apart, measured on files of anybody's: the code that serves requests.

Reads rows of an older catalogue, judged queries and labelled pairs; needs no stack and no network.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.catalog.findable import Findable
from services.catalog.findables import findable_version
from services.catalog.finding import Question, find
from services.catalog.legacy import owner_of
from services.catalog.likeness import Thing
from services.catalog.metadata import Metadata
from services.catalog.partners import alike, thing_of
from services.catalog.parts import Item
from services.catalog.retrieval import Engine
from services.catalog.similarity import STRONG, pair_score, ranked
from services.catalog.tantivy_index import TantivyIndex, build
from services.catalog.version import Source, State, Version
from tools.govshare import scores
from tools.govshare.failures import Unusable
from tools.govshare.older import CITATION

DEEP = 100  # results that are looked at for the first relevant one
LONG_AGO = datetime(2005, 1, 1, tzinfo=UTC)
KINDS = ("resource",)
M = TypeVar("M", bound=BaseModel)


class Lenient(BaseModel):
    """A line of a file that is not ours: what it says beside what is asked for is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class RowItem(Lenient):
    """A data item of a row."""

    name: str


class Row(Lenient):
    """A row of an older catalogue, as much of it as a search looks at."""

    id: str
    title: str
    provider: str = ""
    provider_in_summary: str = ""
    archived: bool = False
    summary: str = ""
    items: tuple[RowItem, ...] = ()
    format: tuple[str, ...] = ()
    theme: str = ""
    source_url: str = ""
    updated: str = ""


class Query(Lenient):
    """A query and the ids of the rows that answer it, as somebody judged."""

    qid: str
    type: str = ""
    query: str
    relevant: tuple[str, ...]


class Pair(Lenient):
    """Two rows, and whether somebody called them duplicates."""

    a: str
    b: str
    duplicate: bool


class Measures(Lenient):
    """The means over so many queries: of the relevant ones, how many and how early."""

    queries: int
    recall_at_10: Annotated[float, Field(serialization_alias="recall@10")]
    mrr: Annotated[float, Field(serialization_alias="MRR")]
    ndcg_at_10: Annotated[float, Field(serialization_alias="nDCG@10")]


class SearchReport(Lenient):
    """How well queries are answered, over all and by their type."""

    overall: Measures
    by_type: dict[str, Measures]


class DuplicateReport(Lenient):
    """How well pairs are told apart at the shipped threshold (of 100), and how often a search finds the partner.

    `partner_in_top_10` is over both sides of each pair that is a duplicate.
    """

    pairs: int
    duplicates: int
    threshold: int
    precision: float
    recall: float
    f1: Annotated[float, Field(serialization_alias="F1")]
    average_precision: float
    partner_in_top_10: float


def evaluate_search(catalogue: Path, queries: Path) -> SearchReport:
    """Return how well the search answers judged queries on a catalogue. Raises Unusable for what cannot be read."""
    judged = [query for query in read(queries, Query) if query.relevant]
    if not judged:
        raise Unusable(f"{queries} has no query with a relevant row")
    with _indexed(catalogue) as (engine, _):
        found = [(query, _measured(engine, query)) for query in judged]
    types = dict.fromkeys(query.type for query in judged)
    by_type = {kind: _mean([each for query, each in found if query.type == kind]) for kind in types}
    return SearchReport(overall=_mean([each for _, each in found]), by_type=by_type)


def evaluate_duplicates(catalogue: Path, pairs: Path) -> DuplicateReport:
    """Return how well labelled pairs of a catalogue are told apart. Raises Unusable for what cannot be read."""
    labelled = read(pairs, Pair)
    with _indexed(catalogue) as (engine, rows):
        if unknown := [each for pair in labelled for each in (pair.a, pair.b) if each not in rows]:
            raise Unusable(f"{pairs} names rows that are not in the catalogue: {', '.join(unknown[:3])}")
        things = {each: thing_of(rows[each]) for pair in labelled for each in (pair.a, pair.b)}
        real = [pair for pair in labelled if pair.duplicate]
        partners = [_finds(engine, things, *sides) for pair in real for sides in ((pair.a, pair.b), (pair.b, pair.a))]
    return _told_apart(labelled, things, partners)


def read(file: Path, model: type[M]) -> list[M]:
    """Return the lines of a JSONL file. Raises Unusable naming the first that cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{file} cannot be read: {error}") from error
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                said = json.loads(line)
                json.dumps(said, ensure_ascii=False).encode()  # refuses what JSON can escape and no text can hold
                found.append(model.model_validate(said))
            except (ValueError, RecursionError) as error:  # ValidationError is a ValueError
                raise Unusable(f"{file}:{number}: {_first_line(error)}") from error
    return found


def findable(row: Row) -> Findable:
    """Return a row as the index holds it, by the way that a legacy entry goes."""
    source = Source(
        source_id=row.id,
        source_url=row.source_url,
        citation=CITATION,
        updated=row.updated,
        provider=row.provider,
        provider_in_summary=row.provider_in_summary,
        archived=row.archived,
    )
    said = Metadata(
        title=row.title,
        abstract=row.summary,
        theme=row.theme or None,
        items=tuple(Item(name=item.name) for item in row.items),
        formats=row.format,
    )
    version = Version(
        id=row.id,
        state=State.LIVE,
        number=1,
        provider=owner_of(source),
        metadata=said,
        source=source,
        changed_at=LONG_AGO,
        published_at=LONG_AGO,
    )
    return findable_version(version)


@contextmanager
def _indexed(catalogue: Path) -> Iterator[tuple[Engine, Mapping[str, Findable]]]:
    rows = {row.id: findable(row) for row in read(catalogue, Row)}
    with tempfile.TemporaryDirectory() as folder:
        build(rows.values(), Path(folder))
        yield TantivyIndex(Path(folder)), rows


def _measured(engine: Engine, query: Query) -> tuple[float, float, float]:
    found = [row.id for row in find(engine, Question(query.query, most=DEEP)).things]
    relevant = frozenset(query.relevant)
    return tuple(measure(found, relevant) for measure in MEASURES)  # type: ignore[return-value]  # three of them


def _mean(measured: Sequence[tuple[float, float, float]]) -> Measures:
    recall, mrr, ndcg = (fmean(each) for each in zip(*measured, strict=True))
    return Measures(queries=len(measured), recall_at_10=recall, mrr=mrr, ndcg_at_10=ndcg)


def _finds(engine: Engine, things: Mapping[str, Thing], one: str, other: str) -> bool:
    """Return whether a check of one thing shows the other among its first ten hits."""
    candidates = [row for row in alike(engine, things[one], KINDS) if row.id != one]
    best = ranked(things[one], [thing_of(row) for row in candidates], scores.TOP)
    return other in {candidates[match.place].id for match in best}


def _told_apart(labelled: Sequence[Pair], things: Mapping[str, Thing], partners: Sequence[bool]) -> DuplicateReport:
    judged = [(pair_score(things[pair.a], things[pair.b]), pair.duplicate) for pair in labelled]
    hits = sum(likeness.strong and real for likeness, real in judged)
    told, real = sum(likeness.strong for likeness, _ in judged), sum(real for _, real in judged)
    ordered = sorted(judged, key=lambda each: -each[0].score)
    return DuplicateReport(
        pairs=len(labelled),
        duplicates=real,
        threshold=STRONG,
        precision=hits / told if told else 0.0,
        recall=hits / real if real else 0.0,
        f1=2 * hits / (told + real) if told + real else 0.0,
        average_precision=scores.average_precision([real for _, real in ordered]),
        partner_in_top_10=fmean(partners) if partners else 0.0,
    )


def _first_line(error: Any) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors()[0]
        return f"/{'/'.join(map(str, fault['loc']))} {fault['msg']}"
    return str(error)


MEASURES: tuple[Callable[[Sequence[str], frozenset[str]], float], ...] = (
    scores.recall,
    scores.reciprocal_rank,
    scores.ndcg,
)
