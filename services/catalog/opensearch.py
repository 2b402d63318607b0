"""OpenSearch as a search engine, for catalogues past about a million entries: the same questions in its query language.

Terms are made here, as for the index in the process, and the engine only compares them. Knows how a request looks, and
no connection: what sends one comes as an argument.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log
from typing import Any

from services.catalog.findable import Findable
from services.catalog.indexed import (
    ID,
    LINE,
    REST,
    TERMS,
    TITLE,
    facets_of,
    of_facet,
    read,
    terms_in,
    texts_of,
    written,
)
from services.catalog.retrieval import Candidate, Facet, Filters, Plan
from services.catalog.tantivy_index import MOST_VALUES
from services.shared.errors import Unavailable

INDEX = "govshare-catalogue"
PIT_KEPT = "5m"  # after each search of a point in time
AT_ONCE = 500  # rows of one bulk request
REFUSED, ABSENT, OVERTAKEN = 300, 404, 409
NUMBER = re.compile("[0-9]{1,15}")
Json = dict[str, Any]
Send = Callable[[str, str, str | None], Json]  # method, path, body; the answer as JSON

KEPT: Json = {"type": "keyword", "index": False, "doc_values": False}
MAPPING: Json = {
    # One shard: how rare a term is, is one number. A deletion's version is kept for longer than an indexer runs.
    "settings": {"index": {"max_result_window": 11_000, "number_of_shards": 1, "gc_deletes": "10m"}},
    "mappings": {
        "dynamic": "strict",
        "_meta": {"version": 0},
        "properties": {
            TERMS: {"type": "text", "analyzer": "whitespace", "index_options": "freqs"},
            **{of_facet(facet): {"type": "keyword"} for facet in Facet},
            ID: {"type": "keyword"},
            **dict.fromkeys((TITLE, REST, LINE), KEPT),
        },
    },
}


class OpenSearchIndex:
    """The catalogue's index on an OpenSearch domain: as it changes, or at one `point` in time and as of one version."""

    def __init__(self, send: Send, point: str = "", version: int = 0) -> None:
        self._send, self._point, self._version = send, point, version

    @classmethod
    def named(cls, send: Send, name: str) -> "OpenSearchIndex":
        """Return the index at the point in time that has a name. Raises ValueError for what is no such name."""
        version, _, point = name.partition(":")
        if not point or not NUMBER.fullmatch(version):
            raise ValueError("no point in time is called so")
        return cls(send, point, int(version))

    @property
    def name(self) -> str:
        """What its point in time is asked for by; empty for the index as it changes."""
        return f"{self._version}:{self._point}" if self._point else ""

    @property
    def version(self) -> int:
        """The number of the last change that was written; 0 when the index is not there yet."""
        return self._version if self._point else self._written() or 0

    def pinned(self) -> "OpenSearchIndex | None":
        """Return the index as it is at this moment, for `PIT_KEPT` after each search; None before there is any."""
        version = self._written()  # first: what is written meanwhile may be found, and is not promised
        if version is None:
            return None
        made = self._send("POST", f"/{INDEX}/_search/point_in_time?keep_alive={PIT_KEPT}", None)
        return OpenSearchIndex(self._send, made["pit_id"], version)

    def rarity(self, terms: Sequence[str]) -> Mapping[str, float]:
        """Return how much it says that a thing has a term (BM25's idf), for those terms that any thing has."""
        each = {"filters": {term: {"term": {TERMS: term}} for term in terms}}
        found = self._search({"size": 0, "track_total_hits": True, "aggs": {"having": {"filters": each}}})
        things = found["hits"]["total"]["value"]
        having = {term: each["doc_count"] for term, each in found["aggregations"]["having"]["buckets"].items()}
        return {term: log(1 + (things - many + 0.5) / (many + 0.5)) for term, many in having.items() if many}

    def best(self, terms: Mapping[str, float], filters: Filters, *, first: int, most: int) -> Sequence[Candidate]:
        """Return what has any of the terms, by their weights the best first, `most` of it from place `first`."""
        weighted = [{"term": {TERMS: {"value": term, "boost": weight}}} for term, weight in terms.items()]
        query: Json = {"bool": {"should": weighted, "minimum_should_match": 1}} if terms else {"match_all": {}}
        order = [{"_score": "desc"}, {ID: "desc"}]
        kept = [TITLE, REST, LINE]
        body = {"query": _within(query, filters), "from": first, "size": most, "sort": order, "_source": kept}
        return [_candidate(hit) for hit in self._search(body)["hits"]["hits"]]

    def count(self, plan: Plan, filters: Filters) -> int:
        """Return how many things a plan finds; all that the filters leave where nothing is wanted."""
        found = self._search({"query": found_by(plan, filters), "size": 0, "track_total_hits": True})
        total: int = found["hits"]["total"]["value"]
        return total

    def count_by(self, plan: Plan, filters: Filters, facets: Sequence[Facet]) -> Mapping[Facet, Mapping[str, int]]:
        """Return how many of those have each value of these facets, the 50 most frequent values."""
        wanted = {facet: {"terms": {"field": of_facet(facet), "size": MOST_VALUES}} for facet in facets}
        found = self._search({"query": found_by(plan, filters), "size": 0, "aggs": wanted})["aggregations"]
        return {facet: {each["key"]: each["doc_count"] for each in found[facet]["buckets"]} for facet in facets}

    def by_id(self, ids: Sequence[str]) -> Mapping[str, Findable]:
        """Return those of the named things that can be found."""
        body = {"query": {"terms": {ID: list(ids)}}, "size": max(1, len(ids)), "_source": [TITLE, REST, LINE]}
        rows = (read(_candidate(hit).line) for hit in self._search(body)["hits"]["hits"])
        return {row.id: row for row in rows}

    def create(self) -> None:
        """Make the index, unless it is there."""
        if self._written() is not None:
            return
        try:
            self._send("PUT", f"/{INDEX}", json.dumps(MAPPING))
        except Unavailable:
            if self._written() is None:  # and not made by another at the same time
                raise

    def write(self, touched: Mapping[str, Findable | None], version: int) -> None:
        """Write what changed up to a `version`, and then the version. What a later one wrote stays as it is.

        Raises RuntimeError when a row was refused for any other reason; then the version is not written.
        """
        for part in _parts(touched):
            lines = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in _bulk(part, version))
            _check(self._send("POST", f"/{INDEX}/_bulk?refresh=true", lines))
        if version > self.version:
            self._send("PUT", f"/{INDEX}/_mapping", json.dumps({"_meta": {"version": version}}))

    def _written(self) -> int | None:
        mapping = self._send("GET", f"/{INDEX}/_mapping", None)
        return int(mapping[INDEX]["mappings"]["_meta"]["version"]) if INDEX in mapping else None

    def _search(self, body: Json) -> Json:
        if self._point:
            body = body | {"pit": {"id": self._point, "keep_alive": PIT_KEPT}}
        place = "/_search" if self._point else f"/{INDEX}/_search"
        return self._send("POST", f"{place}?allow_partial_search_results=false", json.dumps(body))


def found_by(plan: Plan, filters: Filters) -> Json:
    """Return what finds what says enough of a plan, in OpenSearch's query language; all when nothing is wanted."""
    said = [
        {"bool": {"should": [{"term": {TERMS: t}} for t in w.terms], "minimum_should_match": plan.needed(w)}}
        for wanted in plan.decisive
        for w in wanted.wordings
    ]
    return _within({"bool": {"should": said, "minimum_should_match": 1}} if said else {"match_all": {}}, filters)


def _within(query: Json, filters: Filters) -> Json:
    narrow = [{"terms": {of_facet(facet): list(values)}} for facet, values in filters]
    return {"bool": {"must": [query], "filter": narrow}}


def _bulk(rows: Iterable[tuple[str, Findable | None]], version: int) -> Iterator[Json]:
    for case, row in rows:
        place = {"_id": case, "version": version, "version_type": "external_gte"}
        if row is None:
            yield {"delete": place}
        else:
            yield {"index": place}
            yield _document(row)


def _document(row: Findable) -> Json:
    title, rest = texts_of(row)
    facets = {of_facet(facet): list(values) for facet, values in facets_of(row).items() if values}
    kept = {TERMS: terms_in(title, rest), TITLE: title, REST: rest, LINE: written(row)}
    return {ID: row.id, **kept, **facets}


def _parts(touched: Mapping[str, Findable | None]) -> Iterator[Sequence[tuple[str, Findable | None]]]:
    rows = list(touched.items())
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _check(answer: Json) -> None:
    done = (each for item in answer["items"] for each in item.values())
    # A later version that stands there already is as good, and so is a deletion of what was not there.
    fine = {ABSENT, OVERTAKEN}
    if failed := [each for each in done if each["status"] >= REFUSED and each["status"] not in fine]:
        raise RuntimeError(f"{len(failed)} rows were refused, the first: {failed[0].get('error')}")


def _candidate(hit: Json) -> Candidate:
    kept = hit["_source"]
    return Candidate(kept[TITLE], kept[REST], kept[LINE].encode())
