"""Searching over HTTP: what is published is found by anybody, each hit says where it is to be had, and pages hold."""

from typing import Any
from urllib.parse import quote

import pytest

from services.catalog.api import handler
from tests.catalogue import ENTRY, OFFICE, PROVIDER, STUB, a_legacy_entry, act, create, published, put, read
from tests.collecting import POLICE
from tests.collecting import published as collected
from tests.databases import registered
from tests.searching import index, search, titles
from tests.stack import Calls
from tests.support import Reply, call

REASON = {"reason": "来源系统已停用。"}


@pytest.fixture(autouse=True)
def stack(data_stack: dict[str, str]) -> dict[str, str]:
    """The data stack, empty."""
    return data_stack


def entry(title: str, **said: Any) -> Reply:
    """Publish an entry of the provider's under a title."""
    return published(ENTRY | {"title": title} | said)


def everything(query: str, limit: int) -> list[str]:
    """Return the ids on all pages of a search."""
    found: list[str] = []
    address: str | None = f"/catalog/search?q={query}&limit={limit}"
    while address:
        page = call(handler, "GET", address).body
        found += [hit["id"] for hit in page["items"]]
        address = page["next"] and f"/catalog/search?q={query}&limit={limit}&next={quote(page['next'])}"
    return found


def test_an_empty_catalogue_has_nothing_and_says_so() -> None:
    for query in ("", "停车场"):
        found = search(query)
        assert (found.status, found.body["items"], found.body["total"], found.body["next"]) == (200, [], 0, None)


def test_what_is_published_is_found_and_what_is_not_is_not() -> None:
    entry("公共停车场基本信息")
    create(ENTRY | {"title": "停车场收费草稿"})
    under_way = act(create(ENTRY | {"title": "停车场违章送审稿"}), "submit", PROVIDER)
    index()
    assert under_way.status == 200
    assert titles(search("停车场")) == ["公共停车场基本信息"]


def test_a_hit_says_which_unit_has_it_by_which_channel_and_what_to_do_next() -> None:
    made = entry("公共停车场基本信息").body["id"]
    index()
    hit = search("停车场").body["items"][0]
    assert (hit["kind"], hit["id"], hit["href"]) == ("resource", made, f"/catalog/resources/{made}")
    where = hit["location"]
    assert (where["unit"], where["unit_name"]) == (PROVIDER, "北京市交通委员会")
    assert where["channel"] == {"code": "api", "zh": "接口", "en": "platform API"}
    assert (where["database"], where["chain"]) == (None, f"/catalog/chain/resource/{made}")
    assert (where["next"]["method"], where["next"]["href"]) == ("POST", "/requests")
    assert call(handler, "GET", where["chain"]).status == 200
    assert hit["highlights"][0] == {"field": "title", "text": "公共停车场基本信息", "marks": [[2, 5]]}


def test_an_entry_that_rests_on_a_database_says_which_by_its_title() -> None:
    database = registered().body
    entry("停车场泊位", database=database["id"])
    index()
    found = {hit["kind"]: hit["location"] for hit in search("泊位").body["items"]}
    assert found["resource"]["database"]["id"] == database["id"]
    assert found["resource"]["database"]["title"] == database["description"]["name"]
    assert call(handler, "GET", found["resource"]["database"]["href"]).status == 200


def test_duties_and_databases_are_found_beside_entries_and_counted_by_kind() -> None:
    duty, database = collected(POLICE).body, registered().body
    index()
    assert search("常住人口").body["items"][0]["id"] == duty["id"]
    found = search(database["description"]["name"]).body
    assert database["id"] in {hit["id"] for hit in found["items"]}
    kinds = next(each for each in search().body["facets"] if each["facet"] == "kind")
    assert {value["value"]: value["count"] for value in kinds["values"]} == {"collection": 2, "database": 1}
    assert {value["zh"] for value in kinds["values"]} == {"采集责任", "数据库"}


def test_a_withdrawn_entry_is_found_no_more_and_a_revised_one_by_its_new_words_once_published() -> None:
    gone, kept = entry("停车场旧目录"), entry("停车场泊位清单")
    index()
    act(gone, "withdraw", PROVIDER, REASON)
    put(kept, PROVIDER, ENTRY | {"title": "充电桩点位清单"})
    index()
    assert titles(search("停车场")) == ["停车场泊位清单"]
    assert read(gone.body["id"]).body["live"]["state"] == "WITHDRAWN"


def test_of_a_stub_its_title_is_found_and_its_reader_is_told_that_it_is_not_shared() -> None:
    published(STUB)
    index()
    hit = search("应急备用泊位").body["items"][0]
    assert (hit["share_type"], hit["items"], hit["location"]["next"]["method"]) == ("NOT_SHARED", [], "GET")


def test_an_entry_that_nobody_claims_says_so_and_is_not_found_by_the_offices_name() -> None:
    made = a_legacy_entry()
    index()
    assert search("公园名录").body["items"][0]["nobodys"] is True
    assert made not in {hit["id"] for hit in search("市信息办").body["items"]}


def test_filters_narrow_and_may_be_given_again() -> None:
    entry("停车场甲", theme="交通服务", update_cycle="daily")
    entry("停车场乙", theme="生活服务", update_cycle="monthly")
    index()
    assert titles(search("停车场", theme="生活服务")) == ["停车场乙"]
    assert titles(search("停车场", update_cycle="daily")) == ["停车场甲"]
    either = call(handler, "GET", "/catalog/search?q=停车场&update_cycle=daily&update_cycle=monthly")
    assert sorted(titles(either)) == ["停车场乙", "停车场甲"]
    assert titles(search("停车场", provider="drc")) == []


def test_every_filter_that_is_no_value_is_named_at_once() -> None:
    address = (
        "/catalog/search?district=999999&share_type=FREE&kind=x&provider=nobody&domain=x&catalogue=x&update_cycle=x"
    )
    refused = call(handler, "GET", address)
    assert refused.status == 422
    fields = ("catalogue", "district", "domain", "kind", "provider", "share_type", "update_cycle")
    assert refused.pointers == [f"/query/{field}" for field in fields]


def test_pages_join_to_one_list_however_long_they_are() -> None:
    for number in range(7):
        entry(f"停车场{number}号")
    index()
    whole = everything("停车场", 100)
    assert len(whole) == len(set(whole)) == 7
    assert everything("停车场", 2) == everything("停车场", 3) == whole


def test_pages_stay_what_they_were_while_the_index_changes() -> None:
    first = [entry(f"停车场{number}号") for number in range(4)]
    index()
    page = search("停车场", limit=2).body
    act(first[0], "withdraw", PROVIDER, REASON)
    entry("停车场新号")
    index()
    following = search("停车场", limit=2, next=quote(page["next"])).body
    seen = [hit["title"] for hit in (*page["items"], *following["items"])]
    assert sorted(seen) == [f"停车场{number}号" for number in range(4)]
    assert (following["version"], search("停车场").body["version"]) == (4, 6)


@pytest.mark.parametrize("token", ["x", "e30", "eyJhIjoiYiJ9"])
def test_a_token_of_another_search_is_no_page_of_this_one(token: str) -> None:
    for number in range(3):
        entry(f"停车场{number}号")
    index()
    other = search("停车场", limit=1).body["next"]
    for wrong in (token, other):
        refused = search("泊位", limit=1, next=quote(wrong))
        assert (refused.status, refused.pointers) == (422, ["/query/next"])


@pytest.mark.parametrize(
    "query", ["%20", "😀", "%00%01", "AND%20OR", "%22%28%5B*", "%EF%BB%BF", "-%2B%7E%5E", "a" * 1000, "，。！？"]
)
def test_whatever_is_typed_gets_one_clear_answer(query: str) -> None:
    entry("停车场")
    index()
    found = search(query)
    assert (found.status, type(found.body["items"])) == (200, list)


def test_a_question_that_is_too_long_is_refused_and_names_its_parameter() -> None:
    refused = search("停" * 1001)
    assert (refused.status, refused.pointers) == (422, ["/query/q"])
    assert search("停" * 1000).status == 200


def test_a_search_reads_a_pointer_once_in_a_while_and_nothing_else(aws_calls: Calls) -> None:
    entry("停车场")
    index()
    search("停车场")
    aws_calls.clear()
    search("停车场")
    assert aws_calls.names == []


def test_without_counts_nothing_is_counted() -> None:
    entry("停车场")
    index()
    page = search("停车场", facets="false").body
    assert (page["total"], page["facets"], len(page["items"])) == (None, [], 1)


def test_an_address_without_q_shows_the_newest_first() -> None:
    for number in range(3):
        entry(f"停车场{number}号")
    index()
    assert titles(search()) == ["停车场2号", "停车场1号", "停车场0号"]
    assert search().body["total"] == 3


def test_the_old_parameter_is_gone_and_the_office_lists_as_before() -> None:
    entry("停车场")
    listed = call(handler, "GET", "/catalog/resources?provider=transport_commission")
    assert [line["title"] for line in listed.body["items"]] == ["停车场"]
    assert OFFICE not in {line["provider"] for line in listed.body["items"]}
