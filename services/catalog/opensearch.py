"""OpenSearch as a search engine, for catalogues past about a million entries: the same plans in its query language.

Terms are made here, as for the index in the process, and the engine only compares them: both find the same. Knows how a
request looks, and no connection: what sends one comes as an argument.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.catalog.findable import Findable
from services.catalog.indexed import ID, LINE, facets_of, of_facet, read, texts_of, written
from services.catalog.retrieval import Answer, Facet, Field, Plan, Scored, Wanted, Wording
from services.catalog.tantivy_index import MOST_TOGETHER, MOST_VALUES
from services.catalog.wording import terms

INDEX = "govshare-catalogue"
PIT_KEPT = "15m"
REFUSED = 300
AT_ONCE = 500  # rows of one bulk request
Json = dict[str, Any]
Send = Callable[[str, str, str | None], Json]  # method, path, body; the answer as JSON

MAPPING: Json = {
    "settings": {"index": {"max_result_window": 10_000}},
    "mappings": {
        "dynamic": "strict",
        "_meta": {"version": 0},
        "properties": {
            **{field: {"type": "text", "analyzer": "whitespace", "index_options": "freqs"} for field in Field},
            **{of_facet(facet): {"type": "keyword"} for facet in Facet},
            ID: {"type": "keyword"},
            LINE: {"type": "keyword", "index": False, "doc_values": False},
        },
    },
}


class OpenSearchIndex:
    """The catalogue's index on an OpenSearch domain; `name` is the point in time that it is pinned to."""

    def __init__(self, send: Send, name: str = "") -> None:
        self._send, self.name = send, name

    @property
    def version(self) -> int:
        """The number of the last change that was written."""
        mapping = self._send("GET", f"/{INDEX}/_mapping", None)
        versions = (int(each["mappings"]["_meta"]["version"]) for each in mapping.values() if "mappings" in each)
        return next(versions, 0)

    def pinned(self) -> "OpenSearchIndex":
        """Return the index as it is at this moment, for a quarter of an hour."""
        if self.name:
            return self
        made = self._send("POST", f"/{INDEX}/_search/point_in_time?keep_alive={PIT_KEPT}", None)
        return OpenSearchIndex(self._send, made["pit_id"])

    def look_up(self, plan: Plan, *, first: int, most: int) -> Answer:
        """Return the best of what matches, `most` of them from place `first`."""
        body = {"query": query_of(plan), "from": first, "size": most, "track_total_hits": True, "_source": [LINE]}
        found = self._search(body | {"sort": [{"_score": "desc"}, {ID: "desc"}]})["hits"]
        return Answer(found["total"]["value"], [Scored(_row(hit), hit["_score"] or 0.0) for hit in found["hits"]])

    def count_by(self, plan: Plan, facets: Sequence[Facet]) -> Mapping[Facet, Mapping[str, int]]:
        """Return how many of all that matches have each value of these facets."""
        wanted = {facet: {"terms": {"field": of_facet(facet), "size": MOST_VALUES}} for facet in facets}
        found = self._search({"query": query_of(plan), "size": 0, "aggs": wanted})["aggregations"]
        return {facet: {b["key"]: b["doc_count"] for b in found[facet]["buckets"]} for facet in facets}

    def by_id(self, ids: Sequence[str]) -> Mapping[str, Findable]:
        """Return those of the named things that can be found."""
        body = {"query": {"terms": {ID: list(ids)}}, "size": max(1, len(ids)), "_source": [LINE]}
        rows = (_row(hit) for hit in self._search(body)["hits"]["hits"])
        return {row.id: row for row in rows}

    def create(self) -> None:
        """Make the index, unless it is there."""
        if INDEX not in self._send("GET", f"/{INDEX}*/_mapping", None):
            self._send("PUT", f"/{INDEX}", json.dumps(MAPPING))

    def write(self, touched: Mapping[str, Findable | None], version: int) -> None:
        """Write what changed up to a `version`, and then the version. What a later one wrote stays as it is.

        Raises RuntimeError when a row was refused for any other reason; then the version is not written.
        """
        for part in _parts(touched):
            lines = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in _bulk(part, version))
            _check(self._send("POST", f"/{INDEX}/_bulk?refresh=true", lines))
        if version > self.version:
            self._send("PUT", f"/{INDEX}/_mapping", json.dumps({"_meta": {"version": version}}))

    def _search(self, body: Json) -> Json:
        if self.name:
            body |= {"pit": {"id": self.name, "keep_alive": PIT_KEPT}}
        return self._send("POST", "/_search" if self.name else f"/{INDEX}/_search", json.dumps(body))


def query_of(plan: Plan) -> Json:
    """Return a plan in OpenSearch's query language."""
    filters: list[Json] = [{"terms": {of_facet(facet): list(values)}} for facet, values in plan.filters]
    if not plan.wanted:
        return {"bool": {"filter": [*filters, {"match_all": {}}]}}
    found = {"bool": {"should": [_said(each, plan) for each in plan.decisive], "minimum_should_match": 1}}
    return {"bool": {"filter": [*filters, found], "should": [*map(_scored, plan.wanted), *_together(plan)]}}


def _together(plan: Plan) -> Iterator[Json]:
    said = [_said(each, plan) for each in plan.wanted]
    for many in range(2, min(len(said), MOST_TOGETHER) + 1):
        several = {"bool": {"should": said, "minimum_should_match": many}}
        yield {"constant_score": {"filter": several, "boost": plan.together}}


def _said(wanted: Wanted, plan: Plan) -> Json:
    ways = [_anywhere(wording, 1 if plan.loose else wording.enough) for wording in wanted.wordings]
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def _anywhere(wording: Wording, enough: int) -> Json:
    fields = [field for field, _ in wording.fields]
    each = [{"bool": {"should": [{"term": {field: term}} for field in fields]}} for term in wording.terms]
    return {"bool": {"should": each, "minimum_should_match": enough}}


def _scored(wanted: Wanted) -> Json:
    return {"dis_max": {"queries": [_wording(wording) for wording in wanted.wordings]}}


def _wording(wording: Wording) -> Json:
    fields = (
        {
            "bool": {
                "should": [{"term": {field: term}} for term in wording.terms],
                "minimum_should_match": wording.least,
                "boost": weight * wording.weight,
            }
        }
        for field, weight in wording.fields
    )
    return {"bool": {"should": list(fields)}}


def _bulk(rows: Iterable[tuple[str, Findable | None]], version: int) -> Iterator[Json]:
    for case, row in rows:
        place = {"_id": case, "version": version, "version_type": "external_gte"}
        if row is None:
            yield {"delete": place}
        else:
            yield {"index": place}
            yield _document(row)


def _document(row: Findable) -> Json:
    texts = {str(field): " ".join(terms(text)) for field, text in texts_of(row).items()}
    facets = {of_facet(facet): list(values) for facet, values in facets_of(row).items() if values}
    return {**texts, **facets, ID: row.id, LINE: written(row)}


def _parts(touched: Mapping[str, Findable | None]) -> Iterator[Sequence[tuple[str, Findable | None]]]:
    rows = list(touched.items())
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _check(answer: Json) -> None:
    done = (each for item in answer["items"] for each in item.values())
    # 409: a later version stands there already; 404: what is deleted was not there.
    if failed := [each for each in done if each["status"] >= REFUSED and each["status"] not in {404, 409}]:
        raise RuntimeError(f"{len(failed)} rows were refused, the first: {failed[0].get('error')}")


def _row(hit: Json) -> Findable:
    return read(hit["_source"][LINE])
