"""An index in a folder, made once from all rows and never changed: tantivy, BM25 over the terms of `wording`.

The same rows make the same answers: they lie in one order, the newest id first, in one segment, written by one thread.
Knows files of this machine and no AWS.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import tantivy

from services.catalog.findable import Findable
from services.catalog.indexed import ID, LINE, facets_of, of_facet, read, texts_of, written
from services.catalog.retrieval import Answer, Facet, Field, Plan, Scored, Wanted, Wording
from services.catalog.wording import terms

HEAP_BYTES = 256_000_000  # more than the terms of a hundred thousand rows take, so that one segment holds them
VERSION = "version"  # the file that says it
FORMAT = 1  # one more whenever rows become an index in another way
MOST_VALUES = 50
MOST_TOGETHER = 6  # things wanted that a score still grows with
Should, Must = tantivy.Occur.Should, tantivy.Occur.Must
Query = tantivy.Query
Clause = tuple[tantivy.Occur, tantivy.Query]


def schema() -> tantivy.Schema:
    """Return the fields of the index: text that is scored, values that narrow down, and each row as it is shown."""
    builder = tantivy.SchemaBuilder()
    for field in Field:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    for facet in Facet:
        builder.add_text_field(of_facet(facet), tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field(ID, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field(LINE, stored=True)
    return builder.build()


def build(rows: Iterable[Findable], folder: Path, version: int = 0) -> int:
    """Write the index of all rows, as of a version of the catalogues, into an empty folder; return their number."""
    index = tantivy.Index(schema(), str(folder))
    writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)
    ordered = sorted(rows, key=lambda row: row.id, reverse=True)
    for row in ordered:
        writer.add_document(_document(row))
    writer.commit()
    writer.wait_merging_threads()
    (folder / VERSION).write_text(str(version))
    return len(ordered)


def _document(row: Findable) -> tantivy.Document:
    texts = {field: " ".join(terms(text)) for field, text in texts_of(row).items()}
    facets = {of_facet(facet): list(values) for facet, values in facets_of(row).items() if values}
    return tantivy.Document(**texts, **facets, id=row.id, line=written(row).encode())


class TantivyIndex:
    """An index in a folder, open for reading; `version` is the one it was made as of."""

    def __init__(self, folder: Path, name: str = "") -> None:
        self.name, self.version = name, int((folder / VERSION).read_text())
        index = tantivy.Index.open(str(folder))
        self._schema, self._searcher = index.schema, index.searcher()

    def pinned(self) -> "TantivyIndex":
        """Return this index: it never changes."""
        return self

    def look_up(self, plan: Plan, *, first: int, most: int) -> Answer:
        """Return the best of what matches, `most` of them from place `first`."""
        found = self._searcher.search(self._query(plan), most, count=True, offset=first)
        total: int = found.count  # type: ignore[attr-defined]  # its stub leaves it out
        return Answer(total, [Scored(self._row(address), score) for score, address in found.hits])

    def count_by(self, plan: Plan, facets: Sequence[Facet]) -> Mapping[Facet, Mapping[str, int]]:
        """Return how many of all that matches have each value of these facets."""
        wanted = {facet: {"terms": {"field": of_facet(facet), "size": MOST_VALUES}} for facet in facets}
        found = self._searcher.aggregate(self._query(plan), wanted)
        return {facet: {b["key"]: b["doc_count"] for b in found[facet]["buckets"]} for facet in facets}

    def by_id(self, ids: Sequence[str]) -> Mapping[str, Findable]:
        """Return those of the named things that can be found."""
        query = Query.term_set_query(self._schema, ID, list(ids))
        found = self._searcher.search(query, max(1, len(ids)), count=False)
        rows = (self._row(address) for _, address in found.hits)
        return {row.id: row for row in rows}

    def rows(self) -> Iterator[Findable]:
        """Yield every row, the newest id first."""
        everything = self._searcher.search(Query.all_query(), max(1, self._searcher.num_docs), count=False)
        return (self._row(address) for _, address in everything.hits)

    def _row(self, address: tantivy.DocAddress) -> Findable:
        return read(self._searcher.doc(address)[LINE][0])

    def _query(self, plan: Plan) -> tantivy.Query:
        filters = [(Must, self._filter(facet, values)) for facet, values in plan.filters]
        if not plan.wanted:
            return Query.boolean_query([*filters, (Must, Query.all_query())])
        found = Query.boolean_query([(Should, self._said(each, plan)) for each in plan.decisive])
        scored = [(Should, self._scored(each)) for each in plan.wanted]
        needed = [*filters, (Must, Query.const_score_query(found, 0.0))]
        return Query.boolean_query([*needed, *scored, *self._together(plan)])

    def _filter(self, facet: Facet, values: Sequence[str]) -> tantivy.Query:
        return Query.const_score_query(Query.term_set_query(self._schema, of_facet(facet), list(values)), 0.0)

    def _together(self, plan: Plan) -> Iterator[Clause]:
        said = [(Should, self._said(each, plan)) for each in plan.wanted]
        for many in range(2, min(len(said), MOST_TOGETHER) + 1):
            yield Should, Query.const_score_query(Query.boolean_query(said, many), plan.together)

    def _said(self, wanted: Wanted, plan: Plan) -> tantivy.Query:
        """Return what finds those that say something: enough terms of a wording, wherever they stand."""
        return Query.boolean_query([(Should, self._anywhere(wording, plan.loose)) for wording in wanted.wordings])

    def _anywhere(self, wording: Wording, loose: bool) -> tantivy.Query:
        fields = [field for field, _ in wording.fields]
        each = [Query.boolean_query([(Should, self._term(f, term)) for f in fields]) for term in wording.terms]
        return Query.boolean_query([(Should, one) for one in each], 1 if loose else wording.enough)

    def _scored(self, wanted: Wanted) -> tantivy.Query:
        ways = [self._wording(wording) for wording in wanted.wordings]
        return ways[0] if len(ways) == 1 else Query.disjunction_max_query(ways)

    def _wording(self, wording: Wording) -> tantivy.Query:
        return Query.boolean_query([(Should, self._in_field(wording, *field)) for field in wording.fields])

    def _in_field(self, wording: Wording, field: Field, weight: float) -> tantivy.Query:
        each = [(Should, self._term(field, term)) for term in wording.terms]
        return Query.boost_query(Query.boolean_query(each, wording.least), weight * wording.weight)

    def _term(self, field: Field, term: str) -> tantivy.Query:
        return Query.term_query(self._schema, field, term, "freq")
