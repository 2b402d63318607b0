"""The DCAT export: what an entry says, said in DCAT's words; valid by shapes; the same bytes for the same entries."""

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, SKOS, XSD

from services.catalog.dcat_terms import mapped
from services.catalog.feed import Change, What
from services.catalog.rdf import Iri, Node, Said, jsonld, turtle
from services.shared.reference import vocabulary
from tests.catalogue import BASIC, ENTRY, STUB
from tests.harvest import CITATION, NOON, a_version, parsed, sample, written

SHAPES = Path(__file__).parents[1] / "data" / "shapes" / "dcat_ap.ttl"
CSVW, GS = Namespace("http://www.w3.org/ns/csvw#"), Namespace("urn:govshare:terms:")
EU = Namespace("http://publications.europa.eu/resource/authority/")
CONDITIONAL = ENTRY | {
    "share_type": "CONDITIONAL",
    "share_condition": '限行政审批用途,"仅"核验\\使用\n每日一次',
    "legal_basis": {"instrument": "decree-809", "clause": "15"},
    "open_flag": True,
    "open_condition": "注明来源",
    "tags": ["doc_35_2005"],
    "key_domain": "emergency_command",
}
GONE = Change(
    seq=6,
    kind="resource",
    id="gone-1",
    change=What.WITHDRAWN,
    at=NOON,
    title="旧目录",
    unit="drc",
    number="307001/3",
    catalogue=None,
    href="/catalog/resources/gone-1",
    supersedes=2,
)
ENTRIES = {"one": CONDITIONAL, "two": BASIC, "three": STUB, "four": ENTRY}


def everything() -> dict[str, str]:
    return written([a_version(name, said) for name, said in ENTRIES.items()], gone=[GONE])


@cache
def whole_sample() -> dict[str, str]:
    return written(sample())


@cache
def read(made: Callable[[], dict[str, str]]) -> Graph:
    """Return an export in Turtle as rdflib reads it: once, for that takes longest."""
    return parsed(made()["turtle"], "turtle")


def graph() -> Graph:
    return read(everything)


def entry(name: str) -> URIRef:
    return URIRef(f"urn:govshare:catalog:resources:{name}")


def failures(checked: Graph) -> str:
    conforms, _, report = validate(checked, shacl_graph=Graph().parse(SHAPES))
    return "" if conforms else str(report)


def test_an_entry_says_in_dcat_what_it_says_in_the_catalogue() -> None:
    one, said = entry("one"), graph()

    assert said.value(one, DCTERMS.title) == Literal("停车场空余泊位", lang="zh")
    assert said.value(one, DCTERMS.accrualPeriodicity) == EU["frequency/UPDATE_CONT"]
    assert said.value(one, DCTERMS.issued) == Literal("2026-11-23", datatype=XSD.date)
    rights = said.value(one, DCTERMS.accessRights)
    assert said.value(rights, SKOS.notation) == Literal("CONDITIONAL")
    themes = {str(said.value(theme, SKOS.notation)) for theme in said.objects(one, DCAT.theme)}
    assert themes >= {"emergency_command", "307"}
    column = said.value(said.value(one, CSVW.tableSchema), CSVW.column)
    assert said.value(column, CSVW.title) == Literal("空余泊位数", lang="zh")
    assert said.value(column, GS.length) == Literal(5)
    assert said.value(said.value(column, GS.sensitivity), SKOS.notation) == Literal("NONE")


def test_a_condition_is_a_policy_and_what_is_open_to_the_public_is_a_distribution_with_its_own() -> None:
    odrl = Namespace("http://www.w3.org/ns/odrl/2/")
    policy = graph().value(entry("one"), odrl.hasPolicy)
    public = URIRef(f"{entry('one')}#open")

    assert str(graph().value(policy, DCTERMS.description)) == CONDITIONAL["share_condition"]
    assert graph().value(public, DCTERMS.accessRights) == EU["access-right/PUBLIC"]
    assert str(graph().value(graph().value(public, odrl.hasPolicy), DCTERMS.description)) == "注明来源"
    assert (entry("four"), DCAT.distribution, URIRef(f"{entry('four')}#open")) not in graph()


def test_what_is_fetched_by_interface_is_a_service_of_the_catalogue() -> None:
    service = URIRef(f"{entry('one')}#service")

    assert (URIRef("urn:govshare:catalog"), DCAT.service, service) in graph()
    assert graph().value(service, DCAT.servesDataset) == entry("one")


def test_a_withdrawn_entry_is_a_tombstone_with_its_number() -> None:
    gone = entry("gone-1")

    assert graph().value(gone, Namespace("http://www.w3.org/ns/adms#").status) == EU["dataset-status/WITHDRAWN"]
    assert graph().value(gone, DCTERMS.identifier) == Literal("307001/3")
    assert (URIRef("urn:govshare:catalog"), DCAT.dataset, gone) in graph()


def test_a_legacy_entry_names_its_source() -> None:
    said, first = read(whole_sample), sample()[0]

    assert str(said.value(entry(first.id), DCTERMS.bibliographicCitation)) == CITATION
    assert said.value(entry(first.id), GS.legacy) == Literal(lexical_or_value=True)
    assert len(set(said.subjects(RDF.type, DCAT.Dataset))) == 1100


def test_names_of_things_are_addresses_where_the_base_is_one() -> None:
    said = parsed(written([a_version("one", ENTRY)], base="https://data.example.gov.cn/v1")["turtle"], "turtle")

    assert list(said.subjects(RDF.type, DCAT.Dataset)) == [
        URIRef("https://data.example.gov.cn/v1/catalog/resources/one")
    ]


@pytest.mark.parametrize("made", [everything, whole_sample], ids=["complete entries", "the whole sample"])
def test_both_formats_say_the_same_and_name_everything(made: Callable[[], dict[str, str]]) -> None:
    one, other = read(made), parsed(made()["json-ld"], "json-ld")

    assert isomorphic(one, other)
    assert not any(isinstance(part, BNode) for triple in one for part in triple)


@pytest.mark.parametrize("made", [everything, whole_sample], ids=["complete entries", "the whole sample"])
def test_the_export_is_valid_by_the_shapes(made: Callable[[], dict[str, str]]) -> None:
    assert failures(read(made)) == ""


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (f'<{entry("four")}> dcterms:identifier "x" .', "dcterms:identifier"),
        (f"<{entry('four')}> dcterms:accrualPeriodicity <urn:often> .", "dcterms:accrualPeriodicity"),
        ("<urn:x> a dcat:Dataset .", "dcterms:title"),
        (f"<{entry('four')}#item-1> gs:position 0 .", "gs:position"),
    ],
)
def test_the_shapes_notice_what_is_wrong(line: str, path: str) -> None:
    text = everything()["turtle"]
    assert path in failures(parsed(f"{text}\n{line}\n", "turtle"))


def test_a_second_export_is_the_same_bytes_in_whatever_order_entries_are_read() -> None:
    shuffled = sample()
    random.Random(7).shuffle(shuffled)  # noqa: S311 - any order will do

    assert written(shuffled) == whole_sample()


def test_no_text_breaks_out_of_its_quotes() -> None:
    hostile = 'a" . <urn:x> a <urn:y> .\n\\u0041 \\ \t\r \x7f <>\u2028'
    node = Node(Iri('urn:a> <b"{}'), (("rdf:type", Iri("skos:Concept")), ("skos:prefLabel", Said(hostile, "zh"))))
    for form, text in (("turtle", "".join(turtle([node]))), ("json-ld", "".join(jsonld([node])))):
        said = parsed(text, form)
        assert len(said) == 2
        assert [str(label) for label in said.objects(None, SKOS.prefLabel)] == [hostile]
        assert {str(name) for name in said.subjects()} == {"urn:a%3E%20%3Cb%22%7B%7D"}


def test_every_update_cycle_has_its_european_code_and_every_scheme_its_list() -> None:
    lists = vocabulary()

    assert mapped().frequencies.keys() == {term.code for term in lists.update_cycles.terms}
    assert mapped().scheme_titles.keys() - {"themes"} <= type(lists).model_fields.keys()
    known = {value for term in lists.formats.terms for value in term.values}
    assert mapped().file_types.keys() - known <= {"png", "zip"}  # formats that the real sample names beside the guide's
