"""Collection responsibility over HTTP: applied for, reviewed by two keys, registered, published, revised, ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.catalog import listen, sweep
from services.catalog.api import handler
from services.catalog.collection_store import collection_store
from services.shared.canonical import digest
from services.shared.errors import Conflict
from services.shared.working_days import day_in_beijing
from tests.collecting import (
    COMMENT,
    DECLINE,
    GROUP,
    HERE,
    OFFICE,
    POLICE,
    REVOCATION,
    STATISTICS,
    STRANGER,
    TAX,
    act,
    act_now,
    applied,
    approved,
    certificate_for,
    create,
    designated,
    done,
    payload,
    post,
    published,
    put,
    read,
    statement,
    under_review,
)
from tests.sharing import receipted
from tests.stack import Calls
from tests.support import Context, Reply, call, events_in, sqs_batch, token

EVERYBODY = (POLICE, OFFICE, STATISTICS, GROUP, STRANGER, None)


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def listed(query: str = "", organisation: str | None = None) -> list[dict[str, Any]]:
    reply = call(handler, "GET", f"{HERE}{query}", token=organisation and token(organisation))
    items: list[dict[str, Any]] = done(reply).body["items"]
    return items


def history(last: Reply, organisation: str) -> list[dict[str, Any]]:
    path = f"{HERE}/{last.body['id']}/history"
    lines: list[dict[str, Any]] = done(call(handler, "GET", path, token=token(organisation))).body["items"]
    return lines


def test_a_duty_goes_from_draft_to_the_public_register_and_everybody_reads_it() -> None:
    duty = published()
    seen = read(duty.body["id"])
    number = f"C-{day_in_beijing(datetime.now(UTC)).year}-000001"
    assert (seen.status, seen.body["state"], seen.body["number"]) == (200, "PUBLISHED", number)
    assert (seen.body["title"], seen.body["unit"], seen.body["data_form"]) == ("常住人口登记信息", POLICE, "database")
    assert (seen.body["standard"], seen.body["areas"]) == ({"id": "gb-11643", "version": "1999"}, ["110000"])
    assert [line["id"] for line in listed()] == [duty.body["id"]]


def test_the_register_has_two_faces_and_the_public_one_hides_the_case() -> None:
    case = published().body["id"]
    faces = {who: read(case, who).body["case"] for who in EVERYBODY}
    assert [who for who, face in faces.items() if face] == [POLICE, OFFICE, STATISTICS]
    assert [approval["comment"] for approval in faces[POLICE]["reviews"]] == [COMMENT["comment"]] * 2


def test_each_step_is_one_event_and_the_registration_is_filed_with_the_office(table: str) -> None:
    duty = published()
    events = [event for event in events_in(table) if event.case == duty.body["id"]]
    steps = ["created", "applied", "review_started", "approved", "approved", "registered", "published"]
    assert [event.type for event in events] == [f"collection.{step}" for step in steps]
    assert [event.case_seq for event in events] == list(range(1, 8))
    assert [bool(event.filing) for event in events] == [step == "registered" for step in steps]
    assert events[-1].body["statement_hash"] == digest(duty.body["case"]["statement"])


def test_no_event_holds_what_people_wrote_and_its_readers_open_it(table: str) -> None:
    duty = published()
    lines = [line for line in history(duty, OFFICE) if line["event"]["type"] == "collection.approved"]
    assert all("统一规划" not in event.model_dump_json() for event in events_in(table))
    first = lines[0]["event"]["id"]
    opened = payload(duty, first, POLICE)
    assert (opened.body["content"], lines[0]["payload"]) == (COMMENT, f"{HERE}/{duty.body['id']}/payloads/{first}")
    assert [payload(duty, first, who).status for who in (STATISTICS, STRANGER)] == [200, 404]


def test_the_wait_for_publication_is_measured(table: str) -> None:
    body = published().body
    waited = datetime.fromisoformat(body["published_at"]) - datetime.fromisoformat(body["case"]["designated_at"])
    assert body["lag_seconds"] == int(waited.total_seconds())


def test_a_registered_duty_is_not_public_and_its_publication_is_due() -> None:
    registered = done(act(designated(), "register", OFFICE))
    assert [read(registered.body["id"], who).status for who in EVERYBODY] == [200, 200, 200, 404, 404, 404]
    assert (listed(), registered.body["due_at"] is not None) == ([], True)


def test_a_draft_is_its_units_alone_and_both_reviewers_see_it_once_it_is_applied_for() -> None:
    draft = create()
    before = [read(draft.body["id"], who).status for who in EVERYBODY]
    done(act(draft, "apply", POLICE))
    after = [read(draft.body["id"], who).status for who in EVERYBODY]
    assert (before, after) == ([200, 404, 404, 404, 404, 404], [200, 200, 200, 404, 404, 404])


def test_an_application_is_told_everything_it_lacks_at_once_and_changes_nothing(table: str) -> None:
    refused = act(done(post(POLICE, {"item": "常住人口登记信息"})), "apply", POLICE)
    assert refused.status == 422
    required = ["areas", "basic_class", "certificate", "data_form", "duty", "items", "legal_basis", "standard"]
    assert refused.pointers == sorted(f"/{name}" for name in (*required, "update_cycle"))
    assert len(events_in(table)) == 1


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"duty": "tax_collection"}, ["/duty"]),
        ({"legal_basis": {"instrument": "household-registration-law", "clause": "999"}}, ["/legal_basis"]),
        ({"standard": {"id": "gb-11643", "version": "2099"}}, ["/standard"]),
        ({"standard": {"id": "gb-32100", "version": "2015"}}, ["/standard"]),
        ({"basic_class": "geospatial_natural", "standard": {"id": "gb-t-2260", "version": "2002"}}, ["/standard"]),
        ({"items": ["姓名", "姓 名"]}, ["/items/1"]),
        ({"valid_until": "2020-01-01"}, ["/valid_until"]),
        ({"valid_from": "2099-01-01", "valid_until": "2098-01-01"}, ["/valid_until"]),
        ({"succeeds": "no-such-case"}, ["/succeeds"]),
    ],
)
def test_an_application_rests_on_own_duty_law_and_a_standard_in_force(
    changes: dict[str, Any], pointers: list[str]
) -> None:
    assert act(done(create(**changes)), "apply", POLICE).pointers == pointers


@pytest.mark.parametrize("other", [{"item": "暂住人口"}, {"items": ["姓名", "血型"]}, {"basic_class": "legal_entity"}])
def test_a_certificate_for_something_else_is_no_certificate(other: dict[str, Any]) -> None:
    searched = certificate_for(statement(), POLICE)
    said = statement(certificate=searched) | other
    assert "/certificate" in act(done(post(POLICE, said)), "apply", POLICE).pointers


def test_another_units_certificate_is_no_certificate() -> None:
    foreign = certificate_for(statement(), TAX)
    assert act(done(create(certificate=foreign)), "apply", POLICE).pointers == ["/certificate"]


def test_one_unit_claims_an_item_once() -> None:
    first = applied()
    second = act(done(create(areas=["110101"])), "apply", POLICE)
    assert (second.status, second.pointers) == (422, ["/item"])
    assert first.body["id"] in second.body["errors"][0]["detail"]


def test_neither_key_alone_designates_and_each_is_given_once() -> None:
    half = done(act(under_review(), "approve", STATISTICS, COMMENT))
    again = act(half, "approve", STATISTICS, COMMENT)
    whole = act(half, "approve", OFFICE, {"comment": "同意。"})
    assert (half.body["state"], half.body["awaiting"]) == (
        "JOINT_REVIEW",
        [{"party": OFFICE, "organisation": OFFICE}],
    )
    assert (again.status, whole.body["state"]) == (409, "DESIGNATED")
    assert [given["comment"] for given in whole.body["case"]["reviews"]] == [COMMENT["comment"], "同意。"]


def test_a_return_names_every_gap_voids_the_key_and_lets_the_unit_apply_again() -> None:
    half = done(act(under_review(), "approve", OFFICE, COMMENT))
    gaps = [{"pointer": "/description", "detail": "说明采集频次"}]
    returned = done(act(half, "return", STATISTICS, {"gaps": gaps}))
    assert (returned.body["case"]["gaps"], returned.body["case"]["reviews"]) == (gaps, [])
    said = returned.body["case"]["statement"] | {"description": "每日采集"}
    again = done(act(done(put(read(returned.body["id"], POLICE), POLICE, said)), "apply", POLICE))
    assert (again.body["state"], again.body["case"]["gaps"]) == ("APPLIED", [])


def test_a_declined_unit_reads_why_and_may_accept() -> None:
    declined = done(act(under_review(), "decline", STATISTICS, DECLINE))
    seen = read(declined.body["id"], POLICE).body
    assert {name: seen["case"]["declined"][name] for name in DECLINE} == DECLINE
    assert seen["actions"] == ["contest", "accept", "withdraw"]
    assert done(act(declined, "accept", POLICE)).body["state"] == "REJECTED"


def test_a_published_duty_stands_untouched_until_both_keys_are_in_for_what_it_is_to_say() -> None:
    duty = published()
    said = duty.body["case"]["statement"] | {"update_cycle": "weekly", "items": ["姓名", "住址"]}
    revised = done(put(duty, POLICE, said))
    half = done(act(revised, "approve", OFFICE, COMMENT))
    seen = read(duty.body["id"]).body
    assert (seen["update_cycle"], seen["edition"], half.body["state"]) == ("daily", 1, "PUBLISHED")
    whole = done(act(half, "approve", STATISTICS, COMMENT))
    after = read(duty.body["id"]).body
    assert (after["update_cycle"], after["edition"], after["number"]) == ("weekly", 2, duty.body["number"])
    assert (whole.body["case"]["pending"], listed()[0]["update_cycle"]) == (None, "weekly")


def test_what_a_published_duty_is_to_say_is_seen_by_those_at_work_on_it_and_waits_for_both_keys() -> None:
    duty = published()
    done(put(duty, POLICE, duty.body["case"]["statement"] | {"update_cycle": "weekly"}))
    office = read(duty.body["id"], OFFICE).body
    assert office["case"]["pending"]["statement"]["update_cycle"] == "weekly"
    assert [waiting["organisation"] for waiting in office["awaiting"]] == [OFFICE, STATISTICS]
    assert {"return", "approve", "decline"} < set(office["actions"])
    assert "revise" not in read(duty.body["id"], POLICE).body["actions"]
    assert read(duty.body["id"]).body["awaiting"] == []


def test_a_pending_statement_that_is_returned_or_declined_leaves_the_published_one_and_can_be_sent_again() -> None:
    duty = published()
    said = duty.body["case"]["statement"] | {"update_cycle": "weekly"}
    for action, body in (("return", {"gaps": [{"pointer": "/items", "detail": "缺少"}]}), ("decline", DECLINE)):
        back = done(act(done(put(duty, POLICE, said)), action, STATISTICS, body))
        assert (back.body["state"], back.body["edition"]) == ("PUBLISHED", 1)
        assert back.body["case"]["pending"]["state"] in {"RETURNED", "DECLINED"}
        duty = back
    assert done(put(duty, POLICE, said)).body["case"]["pending"]["state"] == "JOINT_REVIEW"


def test_while_a_statement_is_under_review_no_other_can_be_sent() -> None:
    duty = published()
    revised = done(put(duty, POLICE, duty.body["case"]["statement"] | {"update_cycle": "weekly"}))
    assert put(revised, POLICE, duty.body["case"]["statement"]).status == 409


def test_a_revision_that_adds_items_or_ground_needs_a_certificate_for_it_and_cannot_change_the_item() -> None:
    duty = published(areas=["110101"])
    said = duty.body["case"]["statement"]
    wider = put(duty, POLICE, said | {"areas": ["110101", "110102"]})
    more = put(duty, POLICE, said | {"items": [*said["items"], "血型"]})
    other = put(duty, POLICE, said | {"item": "流动人口"})
    assert [reply.pointers for reply in (wider, more, other)] == [["/certificate"], ["/certificate"], ["/item"]]
    searched = statement(areas=["110101", "110102"])
    certified = said | {"areas": ["110101", "110102"], "certificate": certificate_for(searched, POLICE)}
    assert approved(done(put(duty, POLICE, certified))).body["areas"] == ["110101", "110102"]


def test_a_revision_frees_the_ground_it_gives_up_and_holds_what_it_adds() -> None:
    duty = published(areas=["110101", "110102"])
    narrower = duty.body["case"]["statement"] | {"areas": ["110101"]}
    approved(done(put(duty, POLICE, narrower)))
    book = collection_store().book(collection_store().get(duty.body["id"]).record)
    assert book.held == {"110101": duty.body["id"]}
    assert designated(TAX, areas=["110102"]).body["state"] == "DESIGNATED"


def test_a_duty_is_revoked_on_a_clause_and_leaves_a_tombstone_and_free_ground() -> None:
    duty = published()
    unknown = act(duty, "revoke", OFFICE, REVOCATION | {"basis": {"instrument": "policy-2005", "clause": "九"}})
    done(act(duty, "revoke", OFFICE, REVOCATION))
    tombstone = read(duty.body["id"]).body
    assert unknown.pointers == ["/basis"]
    assert (tombstone["state"], tombstone["basis"], listed()) == ("REVOKED", REVOCATION["basis"], [])
    assert published(TAX).body["number"].endswith("000002")


def test_a_duty_goes_over_to_its_designated_successor_with_both_keys(table: str) -> None:
    duty = published()
    heir = designated(TAX, succeeds=duty.body["id"])
    too_early = act(heir, "register", OFFICE)
    half = done(act(duty, "transfer", OFFICE, {"successor": heir.body["id"]}))
    assert (too_early.status, half.body["state"]) == (422, "PUBLISHED")
    gone = done(act(half, "transfer", STATISTICS, {"successor": heir.body["id"]}))
    assert (gone.body["state"], read(duty.body["id"]).body["successor"]) == ("TRANSFERRED", heir.body["id"])
    assert done(act_now(heir.body["id"], "register", OFFICE)).body["number"].endswith("000002")
    assert [e.type for e in events_in(table) if "transfer" in e.type] == [
        "collection.transfer_agreed",
        "collection.transferred",
    ]
    assert [link["id"] for link in read(duty.body["id"]).body["related"]] == [heir.body["id"]]
    assert [link["id"] for link in read(heir.body["id"], TAX).body["related"]] == [duty.body["id"]]


def test_a_duty_goes_to_nobody_but_its_designated_successor() -> None:
    duty = published()
    other = applied(TAX, succeeds=duty.body["id"])
    refused = act(duty, "transfer", OFFICE, {"successor": other.body["id"]})
    assert (refused.status, refused.pointers) == (422, ["/successor"])


def test_a_successor_covers_the_ground_of_the_duty_it_succeeds() -> None:
    duty = published(areas=["110101", "110102"])
    narrow = act(done(create(TAX, areas=["110101"], succeeds=duty.body["id"])), "apply", TAX)
    assert narrow.pointers == ["/areas"]


def test_one_duty_has_one_designated_successor() -> None:
    duty = published(areas=["110101"])
    designated(TAX, areas=["110101"], succeeds=duty.body["id"])
    second = under_review("education_commission", areas=["110101"], succeeds=duty.body["id"])
    refused = act(done(act(second, "approve", OFFICE, COMMENT)), "approve", STATISTICS, COMMENT)
    assert (refused.status, TAX in refused.body["detail"]) == (409, True)


def test_when_a_duty_ends_otherwise_its_designated_successor_holds_the_ground() -> None:
    duty = published()
    heir = designated(TAX, succeeds=duty.body["id"])
    done(act(read(duty.body["id"], OFFICE), "revoke", OFFICE, REVOCATION))
    assert done(act_now(heir.body["id"], "register", OFFICE)).body["state"] == "REGISTERED"


def test_ground_that_is_held_is_not_designated_again_and_the_refusal_names_the_holder() -> None:
    duty = published(areas=["110101"])
    second = under_review(TAX, areas=["110000"])
    refused = act(done(act(second, "approve", OFFICE, COMMENT)), "approve", STATISTICS, COMMENT)
    assert refused.status == 409
    assert POLICE in refused.body["detail"]
    assert duty.body["id"] in refused.body["detail"]


def test_units_find_who_collects_what_by_words_class_and_unit() -> None:
    published(areas=["110101"])
    published(TAX, item="纳税人登记信息", basic_class="legal_entity", standard={"id": "gb-32100", "version": "2015"})
    found = {query: [line["unit"] for line in listed(query)] for query in QUERIES}
    assert found == QUERIES


QUERIES: dict[str, list[str]] = {
    "?q=常住": [POLICE],
    "?q=公安": [POLICE],
    "?q=住址": [TAX, POLICE],  # newest first
    "?basic_class=legal_entity": [TAX],
    f"?unit={POLICE}": [POLICE],
    f"?unit={STRANGER}": [],
}


def test_the_reviewers_list_what_waits_and_a_unit_its_own() -> None:
    first, second = applied(), applied(TAX, item="纳税人")
    waiting = [{line["id"] for line in listed("?state=APPLIED", who)} for who in (OFFICE, STATISTICS)]
    assert waiting == [{first.body["id"], second.body["id"]}] * 2
    assert [line["id"] for line in listed("?unit=mine", TAX)] == [second.body["id"]]
    path = f"{HERE}?state=APPLIED"
    assert [call(handler, "GET", path, token=bearer).status for bearer in (token(POLICE), token(GROUP), None)] == [
        403,
        403,
        401,
    ]
    assert listed("?state=ESCALATED", GROUP) == []


def test_a_list_comes_in_pages() -> None:
    for area in ("110101", "110102", "110105"):
        published(areas=[area], item=f"信息{area}")
    first = done(call(handler, "GET", f"{HERE}?limit=2")).body
    rest = done(call(handler, "GET", f"{HERE}?limit=2&next={first['next']}")).body
    assert ([len(first["items"]), len(rest["items"])], rest["next"]) == ([2, 1], None)


def test_numbers_have_no_gap_when_a_registration_is_refused() -> None:
    first = designated(areas=["110101"])
    done(act(first, "register", OFFICE))
    assert act(first, "register", OFFICE).status == 412
    assert act_now(first.body["id"], "register", OFFICE).status == 409
    second = designated(TAX, areas=["110102"])
    assert done(act(second, "register", OFFICE)).body["number"].endswith("000002")


def test_an_idempotency_key_makes_one_case_and_refuses_another_body(table: str) -> None:
    said = statement()
    first, second = (post(POLICE, said, key="key-0001") for _ in range(2))
    other = post(POLICE, said | {"item": "另一项"}, key="key-0001")
    assert (first.body["id"], second.status) == (second.body["id"], 201)
    assert (other.status, len(events_in(table))) == (422, 1)


def test_reading_a_published_duty_costs_one_aws_call(aws_calls: Calls) -> None:
    case = published().body["id"]
    aws_calls.clear()
    read(case)
    assert aws_calls.names == ["Query"]


def test_a_duty_expires_on_the_day_after_its_last_and_its_ground_is_free(table: str) -> None:
    today = day_in_beijing(datetime.now(UTC))
    lasting, ending = published(areas=["110101"]), published(TAX, areas=["110102"], valid_until=today.isoformat())
    assert ending.body["due_at"] is not None
    assert sweep.handler({}, Context()) == {"collection.expire": 0}
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert sweep.sweep(tomorrow) == {"collection.expire": 1}
    assert [read(case.body["id"]).body["state"] for case in (lasting, ending)] == ["PUBLISHED", "EXPIRED"]
    assert sweep.sweep(tomorrow) == {"collection.expire": 0}
    assert [e.actor for e in events_in(table) if e.type == "collection.expired"] == ["system"]
    assert designated("education_commission", areas=["110102"]).body["state"] == "DESIGNATED"


def test_a_registration_shows_its_receipt_once_the_ledger_gave_it() -> None:
    duty = published()
    filing = duty.body["filing"]
    answer = listen.handler(sqs_batch([receipted(duty.body["id"], filing["event_id"], kind="collection")]), Context())
    seen = read(duty.body["id"]).body["filing"]
    assert (answer["batchItemFailures"], filing["state"]) == ([], "pending")
    assert (seen["kind"], seen["authority"], seen["state"], seen["index"]) == ("collection", OFFICE, "receipted", 7)


def test_the_register_names_data_unit_and_form_and_none_of_them_may_be_missing() -> None:
    published()
    (line,) = listed()
    assert (line["title"], line["unit_name"], line["data_form"]) == ("常住人口登记信息", "北京市公安局", "database")
    bare = {name: value for name, value in statement().items() if name not in {"item", "data_form"}}
    assert {"/item", "/data_form"} <= set(act(done(post(POLICE, bare)), "apply", POLICE).pointers)
    assert post(POLICE, {"data_form": "clay_tablet"}).pointers == ["/data_form"]


def test_the_standards_that_can_be_cited_are_everybodys_to_read() -> None:
    words = call(handler, "GET", "/catalog/vocabulary").body
    cited = {(standard["id"], standard["version"]) for standard in words["collection_standards"]}
    assert ("gb-11643", "1999") in cited
    assert {standard["basic_class"] for standard in words["collection_standards"]} == {
        term["code"] for term in words["basic_classes"]["terms"]
    }


def test_a_revision_cannot_add_ground_that_another_holds() -> None:
    designated(TAX, areas=["110102"])
    duty = published(areas=["110101"])
    both = statement(areas=["110101", "110102"])
    said = duty.body["case"]["statement"] | {"areas": both["areas"], "certificate": certificate_for(both, POLICE)}
    half = done(act(done(put(duty, POLICE, said)), "approve", OFFICE, COMMENT))
    refused = act(half, "approve", STATISTICS, COMMENT)
    assert (refused.status, TAX in refused.body["detail"]) == (409, True)
    assert read(duty.body["id"]).body["areas"] == ["110101"]


def test_more_data_items_than_a_case_can_hold_are_refused_with_the_limit() -> None:
    refused = post(POLICE, statement(items=[f"{number:03}{'项' * 150}" for number in range(100)]))
    assert (refused.status, refused.pointers) == (422, ["/items"])


def test_the_largest_statement_there_can_be_is_published_and_revised() -> None:
    largest: dict[str, Any] = {
        "items": [f"{number:04}{'项' * 25}" for number in range(500)],
        "description": "述" * 4000,
        "item": "名" * 200,
    }
    comment = {"comment": "同" * 4000}
    review = under_review(**largest)
    keyed = done(act(done(act(review, "approve", OFFICE, comment)), "approve", STATISTICS, comment))
    duty = done(act(done(act(keyed, "register", OFFICE)), "publish", OFFICE))
    revised = done(put(duty, POLICE, duty.body["case"]["statement"] | {"update_cycle": "weekly"}))
    assert revised.body["case"]["pending"]["state"] == "JOINT_REVIEW"


def test_a_duty_that_grew_does_not_go_to_a_successor_that_no_longer_covers_it() -> None:
    duty = published(areas=["110101"])
    heir = designated(TAX, areas=["110101"], succeeds=duty.body["id"])
    wider = statement(areas=["110101", "110102"])
    said = duty.body["case"]["statement"] | {"areas": wider["areas"], "certificate": certificate_for(wider, POLICE)}
    grown = approved(done(put(duty, POLICE, said)))
    refused = act(grown, "transfer", OFFICE, {"successor": heir.body["id"]})
    assert (refused.status, refused.pointers) == (422, ["/successor"])


def test_whom_a_published_duty_succeeded_cannot_be_changed() -> None:
    duty = published(areas=["110101"])
    said = duty.body["case"]["statement"] | {"succeeds": duty.body["id"]}
    assert put(duty, POLICE, said).pointers == ["/succeeds"]


def test_a_duty_whose_day_has_not_come_is_left_alone() -> None:
    duty = published(valid_until=day_in_beijing(datetime.now(UTC)).isoformat())
    with pytest.raises(Conflict, match="its day has not come"):
        sweep.expire(duty.body["id"], datetime.now(UTC))
    assert read(duty.body["id"]).body["state"] == "PUBLISHED"
