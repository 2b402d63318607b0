"""Databases over HTTP: planned, filed, reviewed, registered, operated, changed and ended, and who sees what of it."""

from typing import Any

import pytest

from services.catalog.api import handler
from services.catalog.listen import handler as listener
from services.requests.api import handler as requests_handler
from services.requests.listen import handler as requests_listener
from tests import collecting
from tests.catalogue import ENTRY, published
from tests.databases import (
    ARCHIVES,
    BUILT,
    COMMENT,
    DECLINE,
    GROUP,
    HERE,
    OFFICE,
    OTHER,
    PROPOSAL,
    REASON,
    REPORT,
    SECRECY,
    STATISTICS,
    STRANGER,
    TAKEOVER,
    UNIT,
    act,
    another_collection,
    approved,
    case_of,
    certificate_for,
    contested,
    deregistered,
    description,
    disposal,
    done,
    filed,
    go,
    opened,
    operating,
    planned,
    post,
    put,
    read,
    registered,
    statement,
    through,
    under_review,
)
from tests.sharing import receipted
from tests.stack import Calls
from tests.support import Context, Pump, Reply, call, events_in, sqs_batch, token

PLAN = "cases/establishment"


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def listed(query: str, organisation: str | None = None) -> Reply:
    return call(handler, "GET", f"{HERE}{query}", token=organisation and token(organisation))


def ids(reply: Reply) -> list[str]:
    return [str(item["id"]) for item in done(reply).body["items"]]


def history(last: Reply, organisation: str) -> Reply:
    return call(handler, "GET", f"{HERE}/{last.body['id']}/history", token=token(organisation))


def types_in(last: Reply, organisation: str) -> list[str]:
    return [line["event"]["type"] for line in done(history(last, organisation)).body["items"]]


def last_event(table: str) -> Any:
    return max((event for event in events_in(table) if event.type.startswith("database.")), key=lambda event: event.id)


def test_a_plan_is_its_units_own_until_it_is_filed() -> None:
    plan = planned()
    seen = {who: read(plan.body["id"], who).status for who in (UNIT, OFFICE, STATISTICS, STRANGER, None)}
    assert seen == {UNIT: 200, OFFICE: 404, STATISTICS: 404, STRANGER: 404, None: 404}
    assert act(plan, f"{PLAN}/start_review", OFFICE).status == 404

    go(plan, (f"{PLAN}/file", UNIT))
    seen = {who: read(plan.body["id"], who).status for who in (UNIT, OFFICE, STATISTICS, STRANGER, None)}
    assert seen == {UNIT: 200, OFFICE: 200, STATISTICS: 200, STRANGER: 404, None: 404}


def test_a_filing_without_what_the_policy_asks_for_hears_it_all_at_once() -> None:
    bare = done(post(UNIT, {"description": {"name": "停车资源数据库", "items": [{"name": "车位总数"}]}}))
    refused = act(bare, f"{PLAN}/file", UNIT)
    assert refused.status == 422
    wanted = {"legal_basis", "duty", "plan_item", "maintenance_plan", "budget_source", "items/0/collection"}
    wanted |= {"items/0/originating_process"}
    assert {f"/description/{name}" for name in wanted} | {"/certificate"} <= set(refused.pointers)
    assert read(bare.body["id"], UNIT).body["cases"][0]["state"] == "DRAFT"


def test_an_expired_or_undecided_certificate_lets_nothing_be_filed() -> None:
    rival = operating()
    said = description(OTHER)
    subject = {"intent": "database", "name": said["name"], "items": [i["name"] for i in said["items"]]}
    check = call(handler, "POST", "/catalog/checks", token=token(OTHER), json=subject | {"areas": said["areas"]})
    assert rival.body["id"] in check.body["undecided"]
    plan = done(post(OTHER, {"description": said, "certificate": check.body["id"]}))
    refused = act(plan, f"{PLAN}/file", OTHER)
    assert (refused.status, set(refused.pointers)) == (422, {"/certificate"})


def test_a_filing_is_one_with_the_office_and_gets_its_receipt(table: str) -> None:
    last = filed()
    (filing,) = last.body["filing"]
    assert (filing["kind"], filing["authority"], filing["state"]) == ("db_establishment", OFFICE, "pending")
    event = last_event(table)
    assert (event.type, event.id, event.filing.kind) == ("database.case_filed", filing["event_id"], "db_establishment")
    listener(sqs_batch([receipted(event.case, event.id, kind="db_establishment")]), Context())
    assert read(last.body["id"], UNIT).body["filing"][0]["state"] == "receipted"


def test_what_was_filed_is_sealed_and_read_by_its_readers_alone(table: str) -> None:
    last = filed()
    event = last_event(table)
    path = f"{HERE}/{last.body['id']}/payloads/{event.id}"
    said = {who: call(handler, "GET", path, token=token(who)) for who in (UNIT, OFFICE, STATISTICS, STRANGER)}
    assert {who: reply.status for who, reply in said.items()} == {
        UNIT: 200,
        OFFICE: 200,
        STATISTICS: 200,
        STRANGER: 404,
    }
    assert said[OFFICE].body["content"]["statement"]["description"]["maintenance_plan"] == "专人维护,每日核对"
    assert "专人维护" not in event.model_dump_json()
    assert event.payload_sha256 == said[OFFICE].body["sha256"]


def test_a_return_tells_every_gap_once_and_a_second_is_refused() -> None:
    last = under_review()
    gaps = {"gaps": [{"pointer": "/description/volume", "detail": "请说明测算依据"}]}
    last = go(last, (f"{PLAN}/return", OFFICE, gaps))
    assert case_of(last, "establishment")["gaps"] == gaps["gaps"]
    said = case_of(last, "establishment")["statement"]
    revised = {"description": said["description"] | {"volume": 5}, "certificate": said["certificate"]}
    last = go(done(put(last, UNIT, revised)), (f"{PLAN}/supplement", UNIT, {"comment": "已补充"}))
    assert (case_of(last, "establishment")["state"], case_of(last, "establishment")["gaps"]) == ("UNDER_REVIEW", [])
    assert act(last, f"{PLAN}/return", OFFICE, gaps).status == 422


def test_a_registration_gives_the_number_and_the_public_face() -> None:
    last = approved()
    assert (last.body["state"], last.body["number"], listed("").body["items"]) == ("APPROVED_TO_BUILD", None, [])
    last = through(last, "registration", {"built": BUILT})
    assert (last.body["state"], last.body["edition"]) == ("REGISTERED", 2)
    assert last.body["number"].startswith("D-")
    assert last.body["number"].endswith("-000001")

    (line,) = listed("").body["items"]
    assert (line["kind"], line["number"], line["title"]) == ("database", last.body["number"], "停车资源数据库")
    face = read(last.body["id"]).body
    hidden = ("system", "volume", "plan_item", "maintenance_plan", "budget_source", "operator", "duty")
    assert [face["description"][name] for name in hidden] == [None] * len(hidden)
    empty = ("cases", "former", "filing", "reports", "rivals", "awaiting", "actions", "openings")
    assert [face[name] for name in empty] == [[]] * len(empty)


def test_a_database_that_is_only_approved_stands_in_no_catalogue() -> None:
    waiting = approved()
    assert (read(waiting.body["id"]).status, listed("").body["items"]) == (404, [])
    assert ids(listed("?unit=mine", UNIT)) == [waiting.body["id"]]


def test_a_standing_database_and_its_collection_duties_list_each_other(table: str) -> None:
    duty = another_collection()
    last = registered(collection=duty)
    links = [(link["kind"], link["id"]) for link in last.body["related"]]
    assert links == [("collection", duty)]
    back = [(link["kind"], link["id"]) for link in collecting.read(duty).body["related"]]
    assert back == [("database", last.body["id"])]

    other = another_collection()
    items = [item | {"collection": other} for item in last.body["description"]["items"]]
    change = {"description": last.body["description"] | {"items": items}, "changes": "采集责任调整"}
    last = through(last, "change", change)
    assert [link["id"] for link in last.body["related"]] == [other]
    assert collecting.read(duty).body["related"] == []
    last = through(go(last, ("go_live", UNIT)), "deregistration", disposal())
    assert (last.body["related"], collecting.read(other).body["related"]) == ([], [])


def test_a_change_is_a_new_edition_and_the_one_before_can_be_read() -> None:
    last = registered()
    said = last.body["description"] | {"contact": "数据中心值班岗"}
    last = opened(last, "change", {"description": said, "changes": "更换联系岗位"})
    assert last.body["description"]["contact"] == "信息中心数据管理岗"
    steps = (("cases/change/file", UNIT), ("cases/change/start_review", OFFICE), ("cases/change/approve", OFFICE))
    last = go(last, *steps)
    assert (last.body["edition"], last.body["description"]["contact"]) == (3, "数据中心值班岗")
    before = read(last.body["id"], query="?edition=2").body
    assert (before["edition"], before["description"]["contact"]) == (2, "信息中心数据管理岗")
    assert read(last.body["id"], query="?edition=9").status == 404


def test_operation_reports_reset_the_clock_and_are_filed_as_evidence(table: str) -> None:
    last = operating()
    assert (last.body["stale_since"], last.body["due_at"] is not None) == (None, True)
    last = go(last, ("report", UNIT, REPORT))
    (report,) = last.body["reports"]
    assert (report["record_count"], report["availability"]) == (118_300, 998)
    event = last_event(table)
    assert (event.body["record_count"], event.body["status"]) == (118_300, "normal")
    assert "停机" not in event.model_dump_json()
    wrong = REPORT | {"period_until": "2026-09-01", "updated_at": "2099-01-01T00:00:00Z"}
    refused = act(last, "report", UNIT, wrong)
    assert (refused.status, refused.pointers) == (422, ["/period_until", "/updated_at"])


def test_a_report_tells_its_incidents_in_a_thousand_characters(table: str) -> None:
    refused = act(operating(), "report", UNIT, REPORT | {"incidents": "停" * 1001})
    assert (refused.status, refused.pointers) == (422, ["/incidents"])


@pytest.mark.parametrize("who", [UNIT, OFFICE, SECRECY])
def test_who_suspends_a_database_or_the_office_lets_it_run_again(who: str) -> None:
    last = go(operating(), ("suspend", who, REASON))
    assert last.body["suspension"]["text"] == REASON["reason"]
    assert read(last.body["id"]).body["suspension"] is None
    others = {UNIT, SECRECY, STRANGER} - {who}
    assert {other: act(last, "resume", other).status for other in others} == dict.fromkeys(others, 403)
    assert go(last, ("resume", who)).body["state"] == "OPERATING"


def test_a_basic_class_takes_two_keys_with_a_comment_each() -> None:
    last = under_review(basic_class="geospatial_natural")
    assert act(last, f"{PLAN}/approve", OFFICE).pointers == ["/comment"]
    last = go(last, (f"{PLAN}/approve", OFFICE, COMMENT))
    assert (last.body["state"], [wait["party"] for wait in last.body["awaiting"]]) == ("PLANNED", [STATISTICS])
    assert act(last, f"{PLAN}/approve", OFFICE, COMMENT).status == 409
    last = go(last, (f"{PLAN}/approve", STATISTICS, COMMENT))
    assert last.body["state"] == "APPROVED_TO_BUILD"
    assert types_in(last, UNIT)[-2:] == ["database.case_key_given", "database.approved_to_build"]


def test_nobody_files_a_rival_of_the_central_database_of_a_basic_class() -> None:
    central = approved(basic_class="geospatial_natural")
    rival = planned(OTHER, name="全市空间要素库", items=("坐标", "图层", "比例尺"), basic_class="geospatial_natural")
    refused = act(rival, f"{PLAN}/file", OTHER)
    assert (refused.status, refused.pointers) == (422, ["/description/basic_class"])
    assert central.body["id"] in refused.body["errors"][0]["detail"]

    go(central, ("abandon", UNIT, REASON))
    assert go(rival, (f"{PLAN}/file", OTHER)).status == 200


def test_two_units_that_file_the_same_find_each_other_and_neither_is_approved() -> None:
    one, other = planned(), planned(OTHER, name="停车资源 信息系统")
    one, other = go(one, (f"{PLAN}/file", UNIT)), go(other, (f"{PLAN}/file", OTHER))
    assert [rival["id"] for rival in case_of(other, "establishment")["rivals"]] == [one.body["id"]]
    for mine, yours in ((one, other), (other, one)):
        seen = read(mine.body["id"], OFFICE).body["rivals"]
        assert [(rival["id"], rival["unit"]) for rival in seen] == [(yours.body["id"], yours.body["unit"])]

    one, other = (go(last, (f"{PLAN}/start_review", OFFICE)) for last in (one, other))
    assert [act(last, f"{PLAN}/approve", OFFICE).status for last in (one, other)] == [422, 422]
    go(other, (f"{PLAN}/decline", OFFICE, DECLINE))
    assert go(one, (f"{PLAN}/approve", OFFICE)).body["state"] == "APPROVED_TO_BUILD"


def test_the_claim_of_a_filing_that_ended_is_gone() -> None:
    one = go(filed(), (f"{PLAN}/withdraw", UNIT))
    assert (one.body["state"], one.body["former"][0]["state"]) == ("ABANDONED", "WITHDRAWN")
    assert filed(OTHER).body["rivals"] == []


def test_reuse_ends_the_plan_and_makes_a_draft_of_a_sharing_request(data_stack: dict[str, str]) -> None:
    table = data_stack["CatalogTable"]
    entry = published().body
    unit = "education_commission"
    plan = filed(unit)
    pump = Pump(table, requests_listener, ("resource.published", "database.redirected"))
    pump.run()
    wish = {"resource": entry["id"], "duty": "compulsory_education", "purpose": "public_service"}
    last = go(plan, (f"{PLAN}/reuse", unit, wish))
    assert (last.body["state"], last.body["former"][0]["state"]) == ("ABANDONED", "REDIRECTED")
    (event,) = pump.run(replays=1)
    wanted: Any = event.body["wanted"]
    assert (event.type, wanted["resource"], wanted["unit"]) == ("database.redirected", entry["id"], unit)
    asked = call(requests_handler, "GET", f"/requests/{wanted['request']}", token=token(unit, "officer"))
    assert (asked.status, asked.body["state"], asked.body["resource"]) == (200, "DRAFT", entry["id"])


def test_only_what_another_unit_published_can_be_reused() -> None:
    plan = planned()
    wish = {"resource": published().body["id"], "duty": "household_registration", "purpose": "fun"}
    refused = act(plan, f"{PLAN}/reuse", UNIT, wish)
    assert (refused.status, refused.pointers) == (422, ["/duty", "/purpose", "/resource"])
    last = registered(OTHER)
    last = opened(last, "change", {"changes": "x"}, OTHER)
    assert act(last, "cases/change/reuse", OTHER, wish).status == 409


def test_a_contested_decline_is_mediated_and_settled_by_both_sides() -> None:
    last = contested(under_review())
    assert case_of(last, "establishment")["coordination"]["state"] == "OPEN"
    assert {wait["party"] for wait in case_of(last, "establishment")["awaiting"]} == {"unit", OFFICE}
    last = go(
        last,
        ("coordination/mediate", OFFICE, PROPOSAL),
        ("coordination/settle", UNIT, COMMENT),
    )
    assert case_of(last, "establishment")["state"] == "CONTESTED"
    last = go(last, ("coordination/settle", OFFICE))
    assert case_of(last, "establishment")["state"] == "UNDER_REVIEW"
    last = go(last, (f"{PLAN}/approve", OFFICE))
    assert last.body["state"] == "APPROVED_TO_BUILD"


def test_what_the_statistics_bureau_declined_is_settled_with_it() -> None:
    last = under_review(basic_class="geospatial_natural")
    last = go(last, (f"{PLAN}/decline", STATISTICS, DECLINE), (f"{PLAN}/contest", UNIT, REASON))
    assert act(last, "coordination/settle", OFFICE).status == 403
    last = go(last, ("coordination/settle", STATISTICS), ("coordination/settle", UNIT))
    assert case_of(last, "establishment")["state"] == "UNDER_REVIEW"


@pytest.mark.parametrize(
    ("ruling", "state", "case"), [("rule_for", "PLANNED", "UNDER_REVIEW"), ("rule_against", "ABANDONED", "REJECTED")]
)
def test_what_the_leading_group_rules_moves_the_case(ruling: str, state: str, case: str) -> None:
    last = contested(under_review())
    assert read(last.body["id"], GROUP).status == 404
    last = go(last, ("coordination/escalate", OFFICE, {"docket": "涉及三个部门。"}))
    assert ids(listed("?state=ESCALATED", GROUP)) == [last.body["id"]]
    last = go(last, (f"coordination/{ruling}", GROUP, {"meeting": "第4次会议", "reason": "统筹建设"}))
    seen = read(last.body["id"], GROUP).body
    assert seen["state"] == state
    stands = [one["state"] for one in (*seen["cases"], *seen["former"])]
    assert stands == [case]


def test_an_upheld_decline_ends_the_plan(table: str) -> None:
    last = contested(under_review())
    basis = {"instrument": "policy-2005", "clause": "三(二)", "reason": "应当使用统建库。"}
    last = go(last, ("coordination/uphold", OFFICE, basis))
    assert (last.body["state"], last.body["former"][0]["state"]) == ("ABANDONED", "REJECTED")
    event = last_event(table)
    assert (event.type, event.body["coordination"]) == ("database.coordination_upheld", "UPHELD")
    assert "统建库" not in event.model_dump_json()


def test_a_database_that_others_depend_on_is_not_deregistered(table: str) -> None:
    last = operating()
    entry = published(ENTRY | {"database": last.body["id"]}).body
    last = read(last.body["id"], UNIT)
    assert entry["id"] in {link["id"] for link in last.body["related"]}
    last = opened(last, "deregistration", disposal())
    assert [face["id"] for face in case_of(last, "deregistration")["impact"]] == [entry["id"]]
    refused = act(last, "cases/deregistration/file", UNIT)
    assert (refused.status, refused.pointers) == (422, ["/impact_seen"])
    last = done(put(last, UNIT, disposal(impact_seen=[entry["id"]])))
    last = go(last, ("cases/deregistration/file", UNIT), ("cases/deregistration/start_review", OFFICE))
    refused = act(last, "cases/deregistration/approve", OFFICE)
    assert (refused.status, entry["id"] in refused.body["errors"][0]["detail"]) == (422, True)
    go(read(last.body["id"], UNIT), ("suspend", UNIT, REASON))
    event = last_event(table)
    assert (event.body["dependants"], event.body["dependant_count"]) == ([entry["id"]], 1)


def test_a_tombstone_stays_readable_out_of_the_list_until_the_archives_take_over() -> None:
    last = deregistered()
    assert (last.body["state"], listed("").body["items"]) == ("DEREGISTERED", [])
    assert [filing["kind"] for filing in last.body["filing"]][-2:] == ["db_deregistration"] * 2
    assert (read(last.body["id"]).status, read(last.body["id"]).body["disposal"]) == (200, None)
    assert ids(listed("?state=DEREGISTERED", ARCHIVES)) == [last.body["id"]]
    assert read(last.body["id"], ARCHIVES).body["disposal"]["custodian"] == ARCHIVES
    last = go(last, ("transfer_archive", ARCHIVES, TAKEOVER))
    assert (last.body["state"], last.body["archived"]["receipt_number"]) == ("ARCHIVED", TAKEOVER["receipt_number"])


def test_the_end_of_a_database_ends_its_open_cases() -> None:
    last = opened(operating(), "change", {"changes": "x"})
    last = through(last, "deregistration", disposal())
    seen = read(last.body["id"], UNIT).body
    assert (seen["state"], seen["cases"]) == ("DEREGISTERED", [])
    assert {(one["kind"], one["state"]) for one in seen["former"]} >= {("change", "WITHDRAWN")}


def test_at_most_one_case_of_a_kind_is_open_and_it_fits_the_state() -> None:
    last = approved()
    wrong = {kind: act(last, f"cases/{kind}/open", UNIT, {}).status for kind in ("establishment", "change")}
    assert wrong == {"establishment": 409, "change": 409}
    last = opened(last, "registration", {})
    assert act(last, "cases/registration/open", UNIT, {}).status == 409
    last = go(last, ("cases/registration/withdraw", UNIT))
    assert case_of(opened(last, "registration", {}), "registration")["number"] == 2


def test_the_office_opens_a_deregistration_and_only_it_takes_it_back() -> None:
    last = go(operating(), ("cases/deregistration/open", OFFICE, {}))
    assert act(last, "cases/deregistration/withdraw", UNIT).status == 403
    assert act(last, "cases/change/open", OFFICE, {}).status == 403
    assert go(last, ("cases/deregistration/withdraw", OFFICE)).body["cases"] == []


def test_two_open_cases_are_told_apart_by_their_kind() -> None:
    last = opened(opened(operating(), "change", {}), "deregistration", disposal())
    assert put(last, UNIT, {"changes": "x"}).status == 409
    last = done(put(last, UNIT, {"changes": "x", "kind": "change"}))
    assert case_of(last, "change")["statement"]["changes"] == "x"
    assert put(last, UNIT, {"built": BUILT, "kind": "change"}).pointers == ["/built"]


def test_lists_show_what_stands_where_to_those_who_act_on_it() -> None:
    known, draft = filed(), planned(name="停车收费数据库")
    assert set(ids(listed("?unit=mine", UNIT))) == {known.body["id"], draft.body["id"]}
    assert ids(listed("?state=FILED", OFFICE)) == ids(listed("?state=PLANNED", STATISTICS)) == [known.body["id"]]
    assert [item["kind"] for item in listed("?state=FILED", OFFICE).body["items"]] == ["establishment"]
    refused = {who: listed("?state=FILED", who).status for who in (UNIT, SECRECY, ARCHIVES, GROUP)}
    assert refused == dict.fromkeys((UNIT, SECRECY, ARCHIVES, GROUP), 403)
    assert (listed("?state=FILED").status, listed("?unit=mine").status, listed("?state=NONE").status) == (401, 401, 422)


def test_the_public_list_is_searched_by_words_unit_and_class_and_paged() -> None:
    one, two = registered(), registered(OTHER, name="户籍人口数据库", items=("姓名", "住址", "出生日期"))
    assert ids(listed("?q=户籍")) == ids(listed(f"?unit={OTHER}")) == [two.body["id"]]
    assert ids(listed("?basic_class=population")) == []
    first = listed("?limit=1")
    second = listed(f"?limit=1&next={first.body['next']}")
    assert {*ids(first), *ids(second)} == {one.body["id"], two.body["id"]}


def test_the_same_key_plans_one_database() -> None:
    said = statement()
    one, two = post(UNIT, said, "key-00000001"), post(UNIT, said, "key-00000001")
    assert (one.status, two.status, one.body["id"]) == (201, 201, two.body["id"])
    assert ids(listed("?unit=mine", UNIT)) == [one.body["id"]]


def test_history_shows_each_reader_what_it_may_read() -> None:
    last = go(planned(), (f"{PLAN}/file", UNIT))
    assert types_in(last, UNIT) == ["database.planned", "database.case_filed"]
    assert types_in(last, OFFICE) == ["database.case_filed"]
    assert history(last, STRANGER).status == 404
    last = registered(OTHER, name="户籍人口数据库", items=("姓名", "住址", "出生日期"))
    assert (history(last, STRANGER).status, history(last, ARCHIVES).status) == (404, 404)


def test_what_everybody_reads_costs_one_call_and_a_step_a_handful(aws_calls: Calls) -> None:
    last = registered()
    counts: dict[str, int] = {}

    def counted(name: str, reply: Reply) -> Reply:
        counts[name] = len(aws_calls.names)
        aws_calls.clear()
        return done(reply)

    aws_calls.clear()
    counted("read", read(last.body["id"]))
    counted("list", listed(""))
    last = counted("go_live", act(last, "go_live", UNIT))
    counted("report", act(last, "report", UNIT, REPORT))
    # What its unit gets back says which others would be the same: one call for each of its claims.
    assert counts == {"read": 1, "list": 1, "go_live": 4, "report": 5}


def test_a_unit_that_asks_for_another_name_after_its_search_must_search_again() -> None:
    last = approved()
    said = last.body["description"] | {"name": "静态交通数据库"}
    last = opened(last, "registration", {"description": said, "built": BUILT})
    refused = act(last, "cases/registration/file", UNIT)
    assert (refused.status, refused.pointers) == (422, ["/certificate"])
    found = {"description": said, "built": BUILT, "certificate": certificate_for(said)}
    assert go(done(put(last, UNIT, found)), ("cases/registration/file", UNIT)).status == 200
