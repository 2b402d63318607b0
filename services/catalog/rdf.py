"""RDF as we write it: nodes with names of their own, in Turtle and in JSON-LD, the same bytes for the same nodes.

No blank nodes: whoever harvests twice compares names, not shapes (RDF 1.1 Turtle, JSON-LD 1.1). Knows no vocabulary's
meaning.
"""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dcterms": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "gs": "urn:govshare:terms:",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
TYPE = "rdf:type"
KEPT = ":/?#[]@!$&'()*+,;=%~"  # what an IRI may hold beside letters and digits (RFC 3987)


class Iri(NamedTuple):
    """A name: a prefixed one such as `dcat:Dataset`, or a whole IRI."""

    name: str

    @property
    def whole(self) -> str:
        """The IRI without a prefix, with nothing in it that an IRI cannot hold."""
        prefix, _, local = self.name.partition(":")
        return PREFIXES[prefix] + local if prefix in PREFIXES else quote(self.name, safe=KEPT)

    def part(self, name: str) -> "Iri":
        """Return the name of a part of what this names."""
        return Iri(f"{self.name}#{name}")


class Said(NamedTuple):
    """A text with its language, or a value with its datatype (a prefixed name); with neither, plain text."""

    text: str
    language: str = ""
    datatype: str = ""


Value = Iri | Said


class Node(NamedTuple):
    """A named thing and what is said of it: predicates (prefixed names) with their values."""

    name: Iri
    facts: tuple[tuple[str, Value], ...]

    def grouped(self) -> dict[str, list[Value]]:
        """Return the distinct values by predicate, both sorted, what it is first."""
        ordered = sorted(set(self.facts), key=lambda fact: (fact[0] != TYPE, fact[0], str(fact[1])))
        groups: dict[str, list[Value]] = {}
        for predicate, value in ordered:
            groups.setdefault(predicate, []).append(value)
        return groups


def turtle(nodes: Iterable[Node]) -> Iterator[str]:
    """Yield the nodes as Turtle, a block each, in their order."""
    yield "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in sorted(PREFIXES.items()))
    for node in nodes:
        lines = (
            f"    {predicate} {' , '.join(map(_in_turtle, values))}" for predicate, values in node.grouped().items()
        )
        yield f"\n<{node.name.whole}>\n" + " ;\n".join(lines) + " .\n"


def jsonld(nodes: Iterable[Node]) -> Iterator[str]:
    """Yield the nodes as one JSON-LD document, a line each, in their order."""
    yield f'{{"@context":{_json(PREFIXES)},"@graph":['
    for place, node in enumerate(nodes):
        yield ("," if place else "") + "\n" + _json(_in_json(node))
    yield "\n]}\n"


def _in_turtle(value: Value) -> str:
    if isinstance(value, Iri):
        return value.name if value.whole != value.name and _is_short(value) else f"<{value.whole}>"
    # A JSON string is a Turtle string: the same quotes and escapes (Turtle §2.5.1).
    text = json.dumps(value.text, ensure_ascii=False)
    return text + (f"@{value.language}" if value.language else f"^^{value.datatype}" if value.datatype else "")


def _is_short(iri: Iri) -> bool:
    prefix, _, local = iri.name.partition(":")
    return prefix in PREFIXES and local.replace("_", "").isalnum()


def _in_json(node: Node) -> dict[str, object]:
    groups = node.grouped()
    kinds = [value.name for value in groups.pop(TYPE) if isinstance(value, Iri)]
    facts = {predicate: [_json_value(value) for value in values] for predicate, values in groups.items()}
    return {"@id": node.name.whole, "@type": kinds, **facts}


def _json_value(value: Value) -> dict[str, str]:
    if isinstance(value, Iri):
        return {"@id": value.whole}
    beside = {"@language": value.language} if value.language else {"@type": value.datatype} if value.datatype else {}
    return {"@value": value.text} | beside


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
