"""The words that the DCAT export says things in: our code lists as SKOS schemes, and the European lists they map to.

Reads the data that ship; knows no entry.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from services.catalog.rdf import TYPE, Iri, Node, Said, Value
from services.shared.model import Model
from services.shared.organisations import organisations
from services.shared.reference import DATA, Term, legal_instruments, vocabulary

AUTHORITY = "http://publications.europa.eu/resource/authority"
THEMES, FORMATS = "themes", "formats"


class Title(Model):
    """What a scheme is called."""

    zh: str
    en: str


class Mapped(Model):
    """What of our lists is said in European codes, and what our schemes are called (data/dcat.json)."""

    source: str
    frequencies: Mapping[str, str]
    file_types: Mapping[str, str]
    scheme_titles: Mapping[str, Title]


class Names(NamedTuple):
    """Names under a base: `urn:…` with colons, an https address with slashes; they are for ever (S-114)."""

    base: str

    def of(self, *parts: str) -> Iri:
        """Return the name of what is at a path under the base."""
        return Iri((":" if self.base.startswith("urn:") else "/").join((self.base, *parts)))

    def entry(self, entry: str) -> Iri:
        """Return an entry's name, its address where the base is an address."""
        return self.of("catalog", "resources", entry)

    def body(self, code: str) -> Iri:
        """Return an organisation's name."""
        return self.of("identity", "organisations", code)

    def concept(self, scheme: str, code: str) -> Iri:
        """Return the name of one code of a list."""
        return self.of("catalog", "vocabulary", scheme, code)


@cache
def mapped() -> Mapped:
    """Return how our lists are mapped."""
    return Mapped.model_validate_json((DATA / "dcat.json").read_bytes())


def eu(authority: str, code: str) -> Iri:
    """Return an entry of one of the Publications Office's lists."""
    return Iri(f"{AUTHORITY}/{authority}/{code}")


def theme_code(theme: str) -> str:
    """Return the code that a theme in free words goes by: its own hash, so that the same words are one theme."""
    return hashlib.sha256(theme.encode()).hexdigest()[:16]


def both(predicate: str, zh: str, en: str) -> tuple[tuple[str, Value], ...]:
    """Return the facts that something is called so in both languages."""
    return ((predicate, Said(zh, "zh")), (predicate, Said(en, "en")))


def schemes(names: Names, themes: Iterable[str], formats: Iterable[str]) -> Iterator[Node]:
    """Yield every scheme with its concepts; `themes` and `formats` are what entries say beside what is listed."""
    lists = vocabulary()
    for scheme, title in mapped().scheme_titles.items():
        about = both("dcterms:title", title.zh, title.en)
        yield Node(names.of("catalog", "vocabulary", scheme), ((TYPE, Iri("skos:ConceptScheme")), *about))
        if scheme == THEMES:
            yield from (_words(names, scheme, theme_code(theme), theme) for theme in sorted(set(themes)))
        else:
            yield from (_term(names, scheme, term) for term in getattr(lists, scheme).terms)
    yield from _formats(names, set(formats))


def bodies(names: Names, codes: Iterable[str]) -> Iterator[Node]:
    """Yield organisations as publishers, by their newest names; the credit code where it is known."""
    for code in sorted(set(codes)):
        body = organisations()[code]
        newest = body.names[-1]
        known: list[tuple[str, Value]] = [("org:identifier", Said(body.uscc))] if body.uscc else []
        kinds = ((TYPE, Iri("foaf:Agent")), (TYPE, Iri("org:FormalOrganization")))
        facts = (*kinds, *both("foaf:name", newest.zh, newest.en), ("dcterms:identifier", Said(code)), *known)
        yield Node(names.body(code), facts)


def instruments(names: Names, cited: Iterable[str]) -> Iterator[Node]:
    """Yield the legal instruments that entries cite."""
    for instrument in sorted(set(cited)):
        known = legal_instruments()[instrument]
        facts = ((TYPE, Iri("eli:LegalResource")), *both("dcterms:title", known.zh, known.en))
        yield Node(names.concept("legal_instruments", instrument), facts)


def _term(names: Names, scheme: str, term: Term) -> Node:
    facts = both("skos:prefLabel", term.zh, term.en)
    return _concept(names, scheme, term.code, facts)


def _words(names: Names, scheme: str, code: str, words: str) -> Node:
    return _concept(names, scheme, code, (("skos:prefLabel", Said(words, "zh")),))


def _formats(names: Names, said: set[str]) -> Iterator[Node]:
    classes = {value: term.code for term in vocabulary().formats.terms for value in term.values}
    listed = {term.code for term in vocabulary().formats.terms}
    for code in sorted((said | set(classes)) - listed):
        facts: list[tuple[str, Value]] = [("skos:prefLabel", Said(code, "en"))]
        if code in classes:
            facts.append(("skos:broader", names.concept(FORMATS, classes[code])))
        if code in mapped().file_types:
            facts.append(("skos:exactMatch", eu("file-type", mapped().file_types[code])))
        yield _concept(names, FORMATS, code, facts)


def _concept(names: Names, scheme: str, code: str, facts: Iterable[tuple[str, Value]]) -> Node:
    of_scheme = ("skos:inScheme", names.of("catalog", "vocabulary", scheme))
    notation = ("skos:notation", Said(code))
    return Node(names.concept(scheme, code), ((TYPE, Iri("skos:Concept")), of_scheme, notation, *facts))
