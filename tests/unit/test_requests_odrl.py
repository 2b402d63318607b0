"""An agreement as an ODRL 2.2 policy: the same terms and hash as the text, in RDF that needs nothing from elsewhere."""

import json
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from services.requests.agreement_reading import read_back
from services.requests.agreement_text import text_of
from services.requests.odrl import odrl_of
from services.requests.odrl_model import document, json_schema, policy_in
from services.requests.odrl_reading import terms_from
from services.requests.terms import Terms, terms_hash
from tests.agreeing import CASE, HOSTILE, TERMS, an_agreement, some_terms
from tests.harvest import parsed

ODRL, GS = Namespace("http://www.w3.org/ns/odrl/2/"), Namespace("urn:govshare:terms:")
DCTERMS = Namespace("http://purl.org/dc/terms/")
POLICY = URIRef(f"urn:uuid:{CASE}")
RESOURCE = URIRef("urn:govshare:catalog:resources:0195d7a0-0000-7000-8000-00000000000a")
PROVIDER = URIRef("urn:govshare:identity:organisations:110107")
REQUESTER = URIRef("urn:govshare:identity:organisations:transport_commission")
OFFICE = URIRef("urn:govshare:identity:organisations:informatization_office")
VOCABULARY = "urn:govshare:catalog:vocabulary"


def a_document(terms: Terms | None = None, **changes: Any) -> dict[str, Any]:
    """Return an agreement's document as it is sent."""
    sent: dict[str, Any] = json.loads(json.dumps(document(odrl_of(an_agreement(terms, **changes)))))
    return sent


def a_graph(terms: Terms | None = None, **changes: Any) -> Graph:
    """Return an agreement's document as RDF."""
    return parsed(json.dumps(a_document(terms, **changes)), "json-ld")


def said(graph: Graph, subject: Node | None, predicate: URIRef) -> dict[tuple[Node | None, Node | None], Node | None]:
    """Return what the constraints under a predicate say: left operand and operator, to the right operand."""
    return {
        (graph.value(each, ODRL.leftOperand), graph.value(each, ODRL.operator)): graph.value(each, ODRL.rightOperand)
        for each in graph.objects(subject, predicate)
        if (each, RDF.type, ODRL.Constraint) in graph
    }


def day(text: str) -> Literal:
    return Literal(text, datatype=XSD.date)


@given(TERMS)
def test_the_terms_are_read_back_from_the_document_to_the_letter(terms: Terms) -> None:
    sent = a_document(terms)
    assert terms_from(policy_in(sent)) == terms
    assert sent["termsHash"] == terms_hash(terms)
    assert document(policy_in(sent)) == sent


@given(TERMS)
def test_text_and_policy_state_the_same_terms(terms: Terms) -> None:
    agreed = an_agreement(terms)
    assert terms_from(odrl_of(agreed)) == read_back(text_of(agreed))


@given(TERMS, TERMS)
def test_different_terms_have_different_policies(one: Terms, other: Terms) -> None:
    assume(one != other)
    assert a_document(one)["permission"] != a_document(other)["permission"]


def test_the_agreement_is_rdf_that_names_the_case_its_profile_and_the_terms() -> None:
    graph = a_graph(version=2, confidential=True, confidentiality_hash="ab" * 32, activated_on=date(2026, 12, 1))
    facts = {
        (POLICY, RDF.type, ODRL.Agreement),
        (POLICY, ODRL.profile, URIRef("urn:govshare:odrl:1")),
        (POLICY, GS.termsHash, Literal(terms_hash(some_terms()))),
        (POLICY, GS.agreementVersion, Literal(2)),
        (POLICY, GS.legalDuty, URIRef(f"{VOCABULARY}:duties:parking_management")),
        (POLICY, GS.responsible, PROVIDER),
        (POLICY, GS.riskBearer, REQUESTER),
        (POLICY, GS.confidential, Literal(True)),
        (POLICY, GS.confidentialityHash, Literal("ab" * 32)),
        (POLICY, GS.activatedOn, day("2026-12-01")),
    }
    assert facts - set(graph) == set()


def test_the_requester_may_use_the_target_for_the_purpose_by_the_method_in_time() -> None:
    graph = a_graph()
    permission = graph.value(POLICY, ODRL.permission)
    assert graph.value(permission, ODRL.action) == ODRL.use
    assert graph.value(permission, ODRL.assigner) == PROVIDER
    assert graph.value(permission, ODRL.assignee) == REQUESTER
    use = said(graph, permission, ODRL.constraint)
    recipients = use.pop((GS.recipientUnit, ODRL.isAnyOf))
    assert recipients is not None
    assert list(Collection(graph, recipients)) == [Literal("停车管理处")]
    assert use == {
        (ODRL.purpose, ODRL.eq): URIRef(f"{VOCABULARY}:purposes:city_operation"),
        (GS.purposeText, ODRL.eq): Literal("停车诱导与路侧停车管理"),
        (GS.channel, ODRL.eq): URIRef(f"{VOCABULARY}:share_methods:api"),
        (GS.frequency, ODRL.eq): URIRef(f"{VOCABULARY}:update_cycles:daily"),
        (GS["format"], ODRL.eq): URIRef(f"{VOCABULARY}:formats:xml"),
        (ODRL.dateTime, ODRL.gteq): day("2027-01-01"),
        (ODRL.dateTime, ODRL.lteq): day("2027-12-31"),
    }


def test_the_target_is_the_agreed_part_of_the_resource() -> None:
    graph = a_graph(some_terms(scope={"areas": ["110108", "110107"], "period_until": "2026-06-30"}))
    target = graph.value(graph.value(POLICY, ODRL.permission), ODRL.target)
    assert graph.value(target, ODRL.source) == RESOURCE
    assert graph.value(target, DCTERMS.title) == Literal("空余泊位发送记录")
    part = said(graph, target, ODRL.refinement)
    items, areas = part.pop((GS.item, ODRL.isAnyOf)), part.pop((ODRL.spatial, ODRL.isAnyOf))
    assert items is not None
    assert areas is not None
    assert list(Collection(graph, items)) == [Literal("空余泊位数"), Literal("车场名称")]
    assert list(Collection(graph, areas)) == [URIRef(f"{VOCABULARY}:areas:{code}") for code in ("110108", "110107")]
    assert part == {
        (GS.rows, ODRL.eq): Literal("路侧与公共停车场"),
        (ODRL.dateTime, ODRL.lteq): day("2026-06-30"),
    }


def test_hostile_words_are_one_literal_in_the_graph() -> None:
    text = "".join(HOSTILE).strip()
    graph = a_graph(some_terms(purpose={"text": text}))
    use = said(graph, graph.value(POLICY, ODRL.permission), ODRL.constraint)
    assert use[GS.purposeText, ODRL.eq] == Literal(text)
    assert len(graph) == len(a_graph())


def test_nothing_goes_to_anybody_else() -> None:
    graph = a_graph()
    forbidden = list(graph.objects(POLICY, ODRL.prohibition))
    assert {graph.value(each, ODRL.action) for each in forbidden} == {ODRL.distribute, ODRL.transfer}
    assert {graph.value(each, ODRL.assignee) for each in forbidden} == {REQUESTER}
    assert {graph.value(each, ODRL.target) for each in forbidden} == {RESOURCE}


def test_each_side_has_its_duties() -> None:
    graph = a_graph()
    duties = {
        tuple(graph.value(each, part) for part in (ODRL.assignee, ODRL.action, GS.about, ODRL.informedParty))
        for each in graph.objects(POLICY, ODRL.obligation)
    }
    assert duties == {
        (PROVIDER, GS.provide, None, None),
        (PROVIDER, ODRL.inform, GS.provisionFiling, OFFICE),
        (REQUESTER, GS.keepInCustody, None, None),
        (REQUESTER, ODRL.inform, GS.usageFiling, OFFICE),
        (REQUESTER, ODRL.inform, GS.effectFeedback, PROVIDER),
        (REQUESTER, ODRL.delete, GS.disposalCertificate, None),
    }
    disposal = graph.value(predicate=ODRL.action, object=ODRL.delete)
    assert said(graph, disposal, ODRL.constraint) == {(ODRL.dateTime, ODRL.gt): day("2027-12-31")}


def test_there_is_no_word_for_a_payment() -> None:
    said_in_full = json.dumps([a_document(), json_schema()]).lower()
    assert [word for word in ("pay", "compensate", "price", 'fee"', "unitofcount") if word in said_in_full] == []


def test_the_context_stands_in_the_document_and_nothing_is_fetched() -> None:
    context = a_document()["@context"]
    assert isinstance(context, dict)
    assert "@import" not in context
    assert all(name.startswith(("odrl:", "gs:", "dcterms:")) for name in _expanded(context))


def _expanded(context: dict[str, Any]) -> list[str]:
    return [term["@id"] for term in context.values() if isinstance(term, dict)]


def test_every_word_of_the_document_is_in_its_context() -> None:
    sent = a_document(confidential=True, confidentiality_hash="ab" * 32, activated_on=date(2026, 12, 1))
    assert {name for name in _keys(sent) if not name.startswith("@")} == set(sent["@context"]) - {
        *("odrl", "gs", "dcterms", "xsd")
    }


def _keys(value: object) -> set[str]:
    if isinstance(value, list):
        return {name for each in value for name in _keys(each)}
    if not isinstance(value, dict):
        return set()
    return {name for key, each in value.items() if key != "@context" for name in {key} | _keys(each)}


def permission_of(sent: dict[str, Any]) -> dict[str, Any]:
    permission: dict[str, Any] = sent["permission"][0]
    return permission


EXTRA = {
    "@type": "odrl:Constraint",
    "leftOperand": "gs:rows",
    "operator": "odrl:eq",
    "rightOperand": {"@value": "仅本月"},
}


@pytest.mark.parametrize("place", ["target", "use"])
def test_a_policy_that_says_more_than_terms_do_is_refused(place: str) -> None:
    sent = a_document()
    permission = permission_of(sent)
    (permission["target"]["refinement"] if place == "target" else permission["constraint"]).append(EXTRA)
    with pytest.raises(ValueError, match=r"no term|other terms"):
        terms_from(policy_in(sent))


@pytest.mark.parametrize("missing", range(8))
def test_a_policy_that_says_less_than_terms_do_is_refused(missing: int) -> None:
    sent = a_document()
    del permission_of(sent)["constraint"][missing]
    with pytest.raises(ValueError, match="validation error"):
        terms_from(policy_in(sent))


def test_a_policy_that_names_the_hash_of_other_terms_is_refused() -> None:
    with pytest.raises(ValueError, match="other terms"):
        terms_from(policy_in(a_document() | {"termsHash": "00" * 32}))


def test_a_name_of_another_list_is_no_code_of_ours() -> None:
    sent = a_document()
    permission_of(sent)["constraint"][1]["rightOperand"]["@id"] = "urn:example:purposes:city_operation"
    with pytest.raises(ValueError, match="no term"):
        terms_from(policy_in(sent))


@pytest.mark.parametrize(
    "change",
    [
        {"@context": "http://www.w3.org/ns/odrl.jsonld"},
        {"@context": {"uid": "@id"}},
        {"@type": "odrl:Offer"},
        {"uid": "urn:uuid:x"},
        {"price": 1},
        {"permission": []},
    ],
)
def test_a_document_of_another_kind_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"validation error|not a document"):
        policy_in(a_document() | change)


def test_a_part_without_its_type_is_refused() -> None:
    sent = deepcopy(a_document())
    del permission_of(sent)["@type"]
    with pytest.raises(ValueError, match="not a document"):
        policy_in(sent)


def test_the_schema_is_closed_in_every_part() -> None:
    schema = json_schema()
    parts = [schema, *(part for part in schema["$defs"].values() if part["type"] == "object")]
    assert all(part["additionalProperties"] is False for part in parts)
    assert {"@context", "uid", "termsHash", "permission", "prohibition", "obligation"} <= set(schema["required"])
