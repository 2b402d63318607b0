"""An index in a folder, made once from all rows and never changed: tantivy, BM25 over the terms of `wording`.

The same rows make the same answers: they lie in one order, the newest id first, in one segment, written by one thread.
Knows files of this machine and no AWS.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log
from pathlib import Path

import tantivy

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
from services.catalog.retrieval import Candidate, Facet, Filters, Plan, Wording

HEAP_BYTES = 256_000_000  # more than the terms of a hundred thousand rows take, so that one segment holds them
VERSION = "version"  # the file that says it
FORMAT = 1  # one more whenever rows become an index in another way
MOST_VALUES = 50
Should, Must = tantivy.Occur.Should, tantivy.Occur.Must
Query = tantivy.Query


def schema() -> tantivy.Schema:
    """Return the fields of the index: terms that are scored, values that narrow down, and each row as it is shown."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(TERMS, tokenizer_name="whitespace", index_option="freq")
    for facet in Facet:
        builder.add_text_field(of_facet(facet), tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field(ID, tokenizer_name="raw", index_option="basic")
    for name in (TITLE, REST, LINE):
        builder.add_bytes_field(name, stored=True)
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
    title, rest = texts_of(row)
    kept = {TITLE: title.encode(), REST: rest.encode(), LINE: written(row).encode()}
    facets = {of_facet(facet): list(values) for facet, values in facets_of(row).items() if values}
    return tantivy.Document(id=row.id, terms=terms_in(title, rest), **kept, **facets)


class TantivyIndex:
    """An index in a folder, open for reading; `version` is the one it was made as of."""

    def __init__(self, folder: Path, name: str = "") -> None:
        self.name, self.version = name, int((folder / VERSION).read_text())
        index = tantivy.Index.open(str(folder))
        self._schema, self._searcher = index.schema, index.searcher()

    def rarity(self, terms: Sequence[str]) -> Mapping[str, float]:
        """Return how much it says that a thing has a term (BM25's idf), for those terms that any thing has."""
        things = self._searcher.num_docs
        having = ((term, self._searcher.doc_freq(TERMS, term)) for term in terms)
        return {term: log(1 + (things - many + 0.5) / (many + 0.5)) for term, many in having if many}

    def best(self, terms: Mapping[str, float], filters: Filters, *, first: int, most: int) -> Sequence[Candidate]:
        """Return what has any of the terms, by their weights the best first, `most` of it from place `first`."""
        weighted = [(Should, Query.boost_query(self._term(term), weight)) for term, weight in terms.items()]
        query = self._within(Query.boolean_query(weighted) if terms else Query.all_query(), filters)
        found = self._searcher.search(query, most, count=False, offset=first)
        return [self._candidate(address) for _, address in found.hits]

    def count(self, plan: Plan, filters: Filters) -> int:
        """Return how many things a plan finds; all that the filters leave where nothing is wanted."""
        total: int = self._searcher.search(self._found(plan, filters), 1, count=True).count  # type: ignore[attr-defined]  # its stub leaves it out
        return total

    def count_by(self, plan: Plan, filters: Filters, facets: Sequence[Facet]) -> Mapping[Facet, Mapping[str, int]]:
        """Return how many of those have each value of these facets, the 50 most frequent values."""
        wanted = {facet: {"terms": {"field": of_facet(facet), "size": MOST_VALUES}} for facet in facets}
        found = self._searcher.aggregate(self._found(plan, filters), wanted)
        return {facet: {each["key"]: each["doc_count"] for each in found[facet]["buckets"]} for facet in facets}

    def by_id(self, ids: Sequence[str]) -> Mapping[str, Findable]:
        """Return those of the named things that can be found."""
        query = Query.term_set_query(self._schema, ID, list(ids))
        found = self._searcher.search(query, max(1, len(ids)), count=False)
        rows = (read(self._candidate(address).line) for _, address in found.hits)
        return {row.id: row for row in rows}

    def rows(self) -> Iterator[Findable]:
        """Yield every row, the newest id first."""
        everything = self._searcher.search(Query.all_query(), max(1, self._searcher.num_docs), count=False)
        return (read(self._candidate(address).line) for _, address in everything.hits)

    def _candidate(self, address: tantivy.DocAddress) -> Candidate:
        kept = self._searcher.doc(address)
        return Candidate(kept[TITLE][0].decode(), kept[REST][0].decode(), kept[LINE][0])

    def _found(self, plan: Plan, filters: Filters) -> tantivy.Query:
        wordings = [wording for wanted in plan.decisive for wording in wanted.wordings]
        said = [(Should, self._said(wording, plan.needed(wording))) for wording in wordings]
        return self._within(Query.boolean_query(said) if said else Query.all_query(), filters)

    def _said(self, wording: Wording, enough: int) -> tantivy.Query:
        return Query.boolean_query([(Should, self._term(term)) for term in wording.terms], enough)

    def _within(self, query: tantivy.Query, filters: Filters) -> tantivy.Query:
        if not filters:
            return query
        sets = (Query.term_set_query(self._schema, of_facet(facet), list(values)) for facet, values in filters)
        narrow = [(Must, Query.const_score_query(each, 0.0)) for each in sets]
        return Query.boolean_query([(Must, query), *narrow])

    def _term(self, term: str) -> tantivy.Query:
        return Query.term_query(self._schema, TERMS, term, "freq")
