"""Bad input gets one clear problem answer that names every fault, and changes nothing."""

from typing import Any

import pytest

from services.catalog.api import handler
from tests.catalogue import BASIC, ENTRY, PROVIDER, STATISTICS, STUB, act, create, put, read, through
from tests.support import call, events_in, token

ADDRESS = "/catalog/resources"


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        (
            {"title": 5, "colour": "red", "items": [{"nom": "x"}]},
            ["/colour", "/items/0/name", "/items/0/nom", "/title"],
        ),
        ({"title": "甲" * 201, "abstract": "甲" * 4001}, ["/abstract", "/title"]),
        ({"title": "a\u0007b", "theme": "\ud800"}, ["/theme", "/title"]),
        ({"items": [{"name": "甲", "sensitivity": "STATE_SECRET"}]}, ["/items/0/sensitivity"]),
        ({"share_type": "unconditional", "formats": ["exe"]}, ["/formats/0", "/share_type"]),
        ({"abstract": "机密★20年", "steward": "绝密档案室", "tags": ["doc_36"]}, ["/abstract", "/steward", "/tags/0"]),
        (
            {"classification": {"cls": "3", "division": "99", "group": "1"}, "roles": {"producer": "nobody"}},
            ["/classification/division", "/classification/group", "/roles/producer"],
        ),
        (
            {"assessment": {"secrecy": "maybe", "signed_by": "", "on": "yesterday"}, "risk_bearer": "nobody"},
            [
                "/assessment/on",
                "/assessment/personal_information",
                "/assessment/secrecy",
                "/assessment/signed_by",
                "/risk_bearer",
            ],
        ),
        (
            {"stub": STUB["stub"], "abstract": "内容"},
            ["/abstract", "/formats", "/items", "/share_method", "/update_cycle"],
        ),
    ],
)
def test_every_fault_of_a_draft_is_named_at_once(changes: dict[str, Any], pointers: list[str], table: str) -> None:
    reply = create(ENTRY | changes)
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert reply.pointers == pointers
    assert events_in(table) == []


@pytest.mark.parametrize("raw", ["{", "[]", "null", '"text"', "", "[" * 2000])
def test_a_body_that_is_no_draft_is_422(raw: str, table: str) -> None:
    reply = call(handler, "POST", ADDRESS, token=token(PROVIDER), raw=raw)
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert events_in(table) == []


@pytest.mark.parametrize(
    ("action", "body", "pointers"),
    [
        ("return", None, ["/gaps"]),
        ("return", {"gaps": [{"pointer": "title", "detail": ""}]}, ["/gaps/0/detail", "/gaps/0/pointer"]),
        ("withdraw", {"because": "x"}, ["/because", "/reason"]),
        ("submit", {"force": True}, ["/force"]),
    ],
)
def test_an_actions_body_is_its_own(action: str, body: Any, pointers: list[str]) -> None:
    assert act(create(), action, PROVIDER, body).pointers == pointers


@pytest.mark.parametrize("etag", ['"7"', "*", 'W/"1"', "x"])
def test_a_stale_or_strange_if_match_is_412_and_changes_nothing(etag: str, table: str) -> None:
    draft = create()
    path = f"{ADDRESS}/{draft.body['id']}"
    for method, address, body in (("PUT", path, ENTRY), ("POST", f"{path}/submit", None)):
        assert (
            call(handler, method, address, token=token(PROVIDER), json=body, headers={"If-Match": etag}).status == 412
        )
    assert len(events_in(table)) == 1


@pytest.mark.parametrize("following", ["x", "e30", "eyJwayI6ImEifQ", "%F0%9F%98%80", "WzFd"])
def test_a_page_token_that_is_not_of_this_list_is_422(following: str) -> None:
    draft = create()
    history = f"{ADDRESS}/{draft.body['id']}/history"
    replies = [call(handler, "GET", f"{place}?next={following}", token=token(PROVIDER)) for place in (ADDRESS, history)]
    assert [(reply.status, reply.pointers) for reply in replies] == [(422, ["/query/next"])] * 2


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "provider=" + "x" * 81])
def test_a_query_out_of_bounds_is_422(query: str) -> None:
    assert call(handler, "GET", f"{ADDRESS}?{query}").status == 422


def test_an_idempotency_key_of_a_strange_form_is_422() -> None:
    assert create(key="a b").status == 422


def test_what_is_not_there_is_404_for_everybody() -> None:
    assert [read("nothing", who).status for who in (PROVIDER, None)] == [404, 404]


def test_metadata_are_replaced_whole() -> None:
    draft = put(create(), PROVIDER, {"title": "只有标题"})
    assert draft.body["open"]["metadata"]["abstract"] is None


def test_the_vocabulary_names_what_a_draft_may_say() -> None:
    words = call(handler, "GET", "/catalog/vocabulary").body
    assert ENTRY["update_cycle"] in [term["code"] for term in words["update_cycles"]["terms"]]
    assert {"legal_instruments", "duties", "formats", "share_types"} <= words.keys()
    assert {"classes", "classification", "tags", "stub_secrets"} <= words.keys()


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"share_type": "CONDITIONAL", "share_condition": "敏感"}, ["/legal_basis", "/share_condition"]),
        (
            {"share_condition": "一事一议，费用另计", "open_condition": "x"},
            ["/open_condition", *["/share_condition"] * 2],
        ),
        ({"share_type": "NOT_SHARED", "share_condition": "涉密"}, ["/legal_basis", "/share_condition"]),
        (
            {"title": "停车诱导系统", "steward": "王小明", "roles": {"sharer": PROVIDER}},
            [
                "/roles/builder",
                "/roles/operator",
                "/roles/producer",
                "/steward",
                "/title",
            ],
        ),
    ],
)
def test_a_submission_is_told_every_contradiction_in_both_languages(
    changes: dict[str, Any], pointers: list[str], table: str
) -> None:
    refused = act(create(ENTRY | changes), "submit", PROVIDER)
    assert (refused.status, refused.pointers) == (422, pointers)
    assert all(" / " in error["detail"] for error in refused.body["errors"])
    assert len(events_in(table)) == 1


def test_what_an_entry_says_is_read_back_as_it_was_said() -> None:
    said = ENTRY | {
        "classification": ENTRY["classification"] | {"subgroup": "02a"},
        "tags": ["doc_35_2005"],
        "department": "运行监测处",
        "related_codes": ["307001/0001"],
        "extensions": [{"name": "网格编号", "value": "7"}],
        "key_domain": "work_safety",
        "legal_basis": {"instrument": "decree-809", "clause": "16"},
    }
    published = through(create(said))
    assert published.status == 200, published.body
    shown = read(published.body["id"]).body["live"]["metadata"]
    assert {name: shown[name] for name in said if name not in {"items", "roles"}} == {
        name: value for name, value in said.items() if name not in {"items", "roles"}
    }
    assert (shown["items"][0] | {"description": None}, shown["roles"]) == (
        said["items"][0] | {"description": None},
        said["roles"],
    )


def test_a_stub_says_that_something_exists_and_is_handled_elsewhere_and_no_more(table: str) -> None:
    published = through(create(STUB))
    shown = read(published.body["id"]).body["live"]["metadata"]
    assert (published.status, shown["stub"], shown["share_type"]) == (200, STUB["stub"], "NOT_SHARED")
    assert (shown["abstract"], shown["items"], shown["formats"]) == (None, [], [])
    facts = [event.body for event in events_in(table) if event.type == "resource.published"]
    assert [fact["items"] for fact in facts] == [[]]


def test_a_district_is_refused_a_local_element_that_conflicts_with_the_citys_and_told_the_clause() -> None:
    district = "110107"
    said = ENTRY | {"extensions": [{"name": "街道代码", "value": "1"}, {"name": "使用条件", "value": "任意"}]}
    draft = call(handler, "POST", ADDRESS, token=token(district), json=said)
    refused = act(draft, "submit", district)
    assert (refused.status, refused.pointers) == (422, ["/extensions/1/name"])
    assert "五(一)" in refused.body["errors"][0]["detail"]
    kept = put(draft, district, said | {"extensions": said["extensions"][:1]})
    assert act(kept, "submit", district).status == 200


def test_the_largest_metadata_that_are_taken_are_published_and_revised_beside_each_other(table: str) -> None:
    item = {"data_type": "C", "length": 9, "sensitivity": "NONE", "description": "述" * 58}
    items = [item | {"name": f"信息项{chr(0x4E00 + n)}{'长' * 22}"} for n in range(330)]
    assert create(ENTRY | {"items": items, "abstract": "述" * 4000}).pointers == [""]
    large = ENTRY | {"items": items, "abstract": "述" * 3000}
    published = through(create(large))
    assert published.status == 200, published.body
    revised = put(published, PROVIDER, large | {"abstract": "再" * 3000})
    assert (revised.status, revised.body["open"]["number"]) == (200, 2)
    assert max(len(event.model_dump_json().encode()) for event in events_in(table)) < 60_000


@pytest.mark.parametrize(
    ("basic_class", "division"),
    [("population", "01"), ("legal_entity", "02"), ("geospatial_natural", "03"), ("macro_social", "99")],
)
def test_basic_information_of_each_of_the_four_classes_is_listed_item_by_item(basic_class: str, division: str) -> None:
    place = {"cls": "1", "division": division, "group": "001"}
    draft = create(BASIC | {"basic_class": basic_class, "classification": place})
    submitted = act(draft, "submit", PROVIDER)
    assert submitted.status == 200, submitted.body
    shown = read(draft.body["id"], STATISTICS).body["open"]["metadata"]
    assert (shown["basic_class"], [item["name"] for item in shown["items"]]) == (
        basic_class,
        [BASIC["items"][0]["name"]],
    )
    other = create(BASIC | {"basic_class": basic_class, "classification": place | {"division": "04"}})
    assert act(other, "submit", PROVIDER).pointers == ["/classification/division"]


def test_an_application_entry_does_not_repeat_what_its_provider_published_as_basic_information() -> None:
    basic = through(create(BASIC | {"title": "停车场登记"}))
    assert (basic.status, basic.body["live"]["state"]) == (200, "LIVE")
    said = ENTRY | {"items": [*ENTRY["items"], BASIC["items"][0]]}
    draft = create(said)
    refused = act(draft, "submit", PROVIDER)
    assert (refused.status, refused.pointers) == (422, ["/items/1/name"])
    assert "停车场登记" in refused.body["errors"][0]["detail"]
    referring = put(draft, PROVIDER, said | {"related_codes": [basic.body["resource_code"]]})
    assert act(referring, "submit", PROVIDER).status == 200


def test_another_departments_basic_information_is_no_reason_to_refuse() -> None:
    through(create(BASIC))
    elsewhere = call(handler, "POST", ADDRESS, token=token("drc"), json=ENTRY | {"items": BASIC["items"]})
    assert act(elsewhere, "submit", "drc").status == 200


def test_a_published_entry_is_not_classified_otherwise_than_its_code_says() -> None:
    published = through(create())
    elsewhere = ENTRY["classification"] | {"group": "002"}
    draft = put(published, PROVIDER, ENTRY | {"classification": elsewhere})
    refused = act(draft, "submit", PROVIDER)
    assert (refused.status, refused.pointers) == (422, ["/classification"])
    assert published.body["resource_code"] in refused.body["errors"][0]["detail"]
    same = put(draft, PROVIDER, ENTRY | {"abstract": "全市停车场的空余泊位"})
    assert act(same, "submit", PROVIDER).status == 200
