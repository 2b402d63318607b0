"""Rows of an older catalogue become legacy entries, each once, however often and by however many they are sent."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.catalog.api import handler
from services.catalog.legacy import Row, legacy_entry
from services.catalog.store import catalog_store
from services.shared.callers import Caller, Claim
from services.shared.errors import Stale
from tests.catalogue import ENTRY, PROVIDER, act, put, read
from tests.stack import Calls
from tests.support import Reply, call, events_in, token

SAMPLE = Path(__file__).parents[2] / "data" / "beijing_catalogue.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in SAMPLE.read_text().splitlines()]
OFFICER = Caller(organisation="informatization_office", officer="o-1", claims=frozenset({Claim.OFFICER}))


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def load(rows: list[dict[str, Any]], organisation: str = "informatization_office") -> Reply:
    return call(handler, "POST", "/catalog/imports", token=token(organisation), json={"rows": rows})


def listed(query: str) -> Iterator[dict[str, Any]]:
    following = ""
    while following is not None:
        page = call(handler, "GET", f"/catalog/resources?{query}{following and '&next=' + following}").body
        yield from page["items"]
        following = page["next"]


def statuses(reply: Reply) -> list[str]:
    return [item["status"] for item in reply.body["items"]]


def test_rows_are_published_once_each_with_one_filed_event(table: str) -> None:
    first, second = load(ROWS[:3]), load(ROWS[:5])
    assert (statuses(first), statuses(second)) == (["imported"] * 3, ["unchanged"] * 3 + ["imported"] * 2)
    assert [item["source_id"] for item in second.body["items"]] == [row["id"] for row in ROWS[:5]]
    events = events_in(table)
    assert [event.type for event in events] == ["resource.imported"] * 5
    assert all(event.filing and event.filing.authority == "informatization_office" for event in events)


def test_a_legacy_entry_says_where_it_comes_from_and_what_it_lacks() -> None:
    row = next(row for row in ROWS if row["title"] == "空余泊位发送记录")
    body = read(load([row]).body["items"][0]["id"]).body
    assert (body["state"], body["provider"], body["live"]["legacy"]) == ("LIVE", "110107", True)
    assert body["live"]["source"]["citation"] == "来源:北京市公共数据开放平台"
    assert body["live"]["metadata"]["share_type"] is None
    assert {item["data_type"] for item in body["live"]["metadata"]["items"]} == {None}
    assert {"resource_code", "items", "share", "update_cycle"} <= set(body["live"]["quality"]["missing"])
    assert 0 < body["live"]["quality"]["score"] < 100


def test_a_search_finds_an_entry_by_title_item_and_provider() -> None:
    parking = [row for row in ROWS if "泊位" in json.dumps(row, ensure_ascii=False)]
    load(parking + [row for row in ROWS[:20] if row not in parking])
    by_title = {item["title"] for item in listed("q=泊位")}
    assert {"空余泊位发送记录", "停车场泊位缺口数", "停车场设施信息"} <= by_title
    assert "空余泊位发送记录" in {item["title"] for item in listed("q=车场名称 石景山")}
    assert {item["provider"] for item in listed("q=泊位&provider=110107")} == {"110107"}
    assert list(listed("q=这里没有的词")) == []


@pytest.mark.parametrize("query", ["limit=1", "limit=2", "limit=5", "limit=6", "limit=100"])
def test_pages_of_any_size_show_every_match_once(query: str) -> None:
    load(ROWS[:6])
    shown = [item["id"] for item in listed(query)]
    matching = [item["id"] for item in listed(f"{query}&q={ROWS[0]['provider']}")]
    wanted = sum(row["provider"] == ROWS[0]["provider"] for row in ROWS[:6])
    assert (len(shown), len(set(shown))) == (6, 6)
    assert (len(matching), len(set(matching))) == (wanted, wanted)


def test_a_search_ignores_width_and_case_and_wants_every_word() -> None:
    load([ROWS[0] | {"id": "a", "title": "ＰＭ２．５ 监测"}, ROWS[0] | {"id": "b", "title": "监测"}])
    assert [item["title"] for item in listed("q=pm2.5 监测")] == ["ＰＭ２．５ 监测"]


def test_one_bad_row_refuses_the_whole_call_with_every_problem(table: str) -> None:
    bad = ROWS[1] | {"title": "", "items": [{"name": "a\u0007", "type": None}], "source_url": "javascript:x", "more": 1}
    reply = load([ROWS[0], bad, {key: value for key, value in ROWS[2].items() if key != "id"}])
    assert reply.status == 422
    assert reply.pointers == [
        "/rows/1/items/0/name",
        "/rows/1/more",
        "/rows/1/source_url",
        "/rows/1/title",
        "/rows/2/id",
    ]
    assert events_in(table) == []


def test_a_row_sent_twice_in_one_call_is_a_problem() -> None:
    assert load([ROWS[0], ROWS[1], ROWS[0]]).pointers == ["/rows/2/id"]


@pytest.mark.parametrize("count", [0, 101])
def test_a_call_takes_one_to_a_hundred_rows(count: int) -> None:
    assert load(ROWS[:count]).pointers == ["/rows"]


@pytest.mark.parametrize(("who", "status"), [("drc", 403), ("110107", 403)])
def test_only_the_office_imports(who: str, status: int) -> None:
    assert load(ROWS[:1], who).status == status


def test_of_two_racing_imports_of_a_row_one_wins_and_nothing_is_there_twice(table: str) -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    row = Row.model_validate(ROWS[0])
    catalog_store().save_imports({row.id: legacy_entry(row, OFFICER, at)})
    with pytest.raises(Stale):
        catalog_store().save_imports({row.id: legacy_entry(row, OFFICER, at)})
    assert len(events_in(table)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_an_import_that_died_at_any_write_is_completed_by_sending_it_again(
    when: str, nth: int, table: str, aws_calls: Calls
) -> None:
    with aws_calls.crash(when, nth):
        load(ROWS[:34])
    assert aws_calls.crashed
    assert load(ROWS[:34]).status == 200
    assert sorted(str(event.body["source_id"]) for event in events_in(table)) == sorted(row["id"] for row in ROWS[:34])


def test_a_row_more_than_a_transaction_holds_takes_a_second_one(aws_calls: Calls) -> None:
    load(ROWS[:34])
    assert aws_calls.names == ["BatchGetItem", "TransactWriteItems", "TransactWriteItems"]


def test_a_legacy_entry_is_revised_only_into_a_complete_one() -> None:
    row = next(row for row in ROWS if row["title"] == "空余泊位发送记录")
    path = f"/catalog/resources/{load([row]).body['items'][0]['id']}"
    live = call(handler, "GET", path, token=token("110107"))
    draft = put(live, "110107", {"title": row["title"]})
    assert act(draft, "submit", "110107").status == 422
    assert act(put(draft, "110107", ENTRY), "submit", "110107").body["state"] == "SUBMITTED"
    assert put(live, PROVIDER, ENTRY).status == 412
