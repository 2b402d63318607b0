"""The catalogue on OpenSearch: a domain finds, counts and pages as the embedded index does, and is kept up to date.

The domain is played by a server on this machine that refuses whatever is not in the documented format, and each test
fails when it refused anything. tests/data/search_queries.jsonl and data/beijing_catalogue.jsonl: 来源:北京市公共数据
开放平台.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from services.catalog import feed_store, index_work
from services.catalog.asking import asked
from services.catalog.findable import Findable
from services.catalog.finding import BLOCK, Place, Question, find
from services.catalog.opensearch import AT_ONCE, INDEX, PIT_KEPT, OpenSearchIndex
from services.catalog.opensearch_store import named, opensearch, points, send
from services.catalog.ranking import weights_of
from services.catalog.retrieval import Engine, Facet, Filters, Plan
from services.catalog.tantivy_index import TantivyIndex, build
from services.shared.errors import Conflict, Unavailable
from tests.catalogue import ENTRY, PROVIDER, a_legacy_entry, act, published, put, through
from tests.opensearch import BrokenOff, OpenSearch, Refused, Request, seconds, serving
from tests.searching import index, look_again, number_changes, search, titles
from tests.support import Context, Reply
from tools.govshare.evaluating import Query, Row, findable, read

ROOT = Path(__file__).parents[2]
ROWS, TOGETHER = 300, BLOCK  # rows, and how many of them share a key domain: as many as are ranked together
JUDGED = read(ROOT / "tests/data/search_queries.jsonl", Query)
QUERIES = (*(query.query for query in JUDGED[::3]), "公", "的 和", "a 1")
SHELVES = ("basic_sharing_catalog", "application_sharing_catalog", None)
SHARING, CYCLES = ("UNCONDITIONAL", "CONDITIONAL", "NOT_SHARED", None), ("daily", "monthly", None)
WRITES, VERSION = f"POST /{INDEX}/_bulk", f"PUT /{INDEX}/_mapping"
REASON = {"reason": "业务取消"}
COMPLAINTS = [{"name": "投诉编号", "data_type": "C", "length": 18, "sensitivity": "NONE"}]
OTHER = ENTRY | {"title": "出租汽车投诉", "abstract": "乘客投诉及其处理", "items": COMPLAINTS}


class Both(NamedTuple):
    """The same rows in both engines."""

    embedded: TantivyIndex
    domain: OpenSearchIndex
    rows: Sequence[Findable]


@pytest.fixture(autouse=True)
def domain(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenSearch]:
    """A domain with nothing in it, where this deployment searches; it may have refused nothing."""
    points.cache_clear()
    with serving() as (domain, address):
        monkeypatch.setenv("SEARCH_ENGINE", "opensearch")
        monkeypatch.setenv("OPENSEARCH_ENDPOINT", address)
        yield domain
        assert domain.refused == []


@pytest.fixture(scope="module")
def sample(stack_in_memory: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Both]]:
    """Three hundred rows in both engines, and the address of the domain."""
    rows = [varied(place, findable(row)) for place, row in enumerate(read(ROOT / "data/beijing_catalogue.jsonl", Row))]
    rows, folder = rows[:ROWS], tmp_path_factory.mktemp("embedded")
    build(rows, folder, 1)
    with serving() as (domain, address), pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENSEARCH_ENDPOINT", address)
        a_domain_of(*rows)
        yield address, Both(TantivyIndex(folder), opensearch(), rows)
        assert domain.refused == []


@pytest.fixture
def both(sample: tuple[str, Both], monkeypatch: pytest.MonkeyPatch) -> Both:
    """Three hundred rows in both engines."""
    address, engines = sample
    monkeypatch.setenv("OPENSEARCH_ENDPOINT", address)
    return engines


def varied(place: int, row: Findable) -> Findable:
    """Return a row with values of those facets that rows of an older catalogue have none of."""
    return replace(
        row,
        kind=("resource", "resource", "database")[place % 3],
        catalogue=SHELVES[place % 3],
        share_type=SHARING[place % 4],
        update_cycle=CYCLES[place % 5 % 3],
        key_domain=f"domain-{place // TOGETHER}",
    )


def a_row(case: str, title: str = "停车场", **said: Any) -> Findable:
    return Findable(
        kind="resource", id=case, title=title, unit=PROVIDER, unit_name="交通委", updated="2026-11-23", **said
    )


def a_domain_of(*rows: Findable, version: int = 1) -> OpenSearchIndex:
    engine = opensearch()
    engine.create()
    engine.write({row.id: row for row in rows}, version)
    return engine


def found(engine: Engine, text: str, filters: Filters = (), **said: Any) -> list[str]:
    return [row.id for row in find(engine, Question(text, filters, **said)).things]


def paged(engine: Engine, text: str, most: int) -> Iterator[list[str]]:
    """Yield the ids of each page of a search."""
    start: Place | None = Place()
    while start is not None:
        page = find(engine, Question(text, start=start, loose=False, most=most))
        yield [row.id for row in page.things]
        start = page.next


def answers(status: int) -> Any:
    """Return what makes a domain answer so."""

    def refuse() -> None:
        raise Refused("as the test wants it", status)

    return refuse


def at_this_moment(engine: OpenSearchIndex) -> OpenSearchIndex:
    """Return an index that is there as it is now."""
    point = engine.pinned()
    assert point
    return point


def breaks_off() -> None:
    raise BrokenOff


def bring(**event: Any) -> int:
    """Run the indexer; return the version that it says."""
    version: int = index_work.handler(event, Context())["version"]
    look_again()
    return version


def withdraw(live: Reply) -> None:
    assert act(live, "withdraw", PROVIDER, REASON).status == 200


def is_signed(request: Request) -> bool:
    """Return whether a request is signed for the service `es` (AWS Signature Version 4), all of it as it was sent."""
    said = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=[^/]+/(?P<scope>[^,]+), SignedHeaders=(?P<names>[^,]+), Signature=(?P<told>\w+)",
        request.headers["authorization"],
    )
    own, credentials = boto3.Session(), boto3.Session().get_credentials()
    assert said
    assert credentials
    day = request.headers["x-amz-date"][:8]
    names = said["names"].split(";")
    assert {"host", "content-type", "x-amz-date"} <= set(names)
    again = AWSRequest(request.method, request.url, {name: request.headers[name] for name in names}, request.body)
    again.context["timestamp"] = request.headers["x-amz-date"]
    signer = SigV4Auth(credentials, "es", own.region_name)
    signature = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    return (said["scope"], said["told"]) == (f"{day}/{own.region_name}/es/aws4_request", signature)


# What goes over the line.


def test_an_index_is_made_once_and_starts_at_version_0(domain: OpenSearch) -> None:
    opensearch().create()
    opensearch().create()
    assert domain.lines() == [f"GET /{INDEX}/_mapping", f"PUT /{INDEX}", f"GET /{INDEX}/_mapping"]
    assert opensearch().version == 0


def test_every_request_is_signed_for_the_service_es_as_it_is_sent(domain: OpenSearch) -> None:
    engine = at_this_moment(a_domain_of(a_row("a"), a_row("b")))
    find(engine, Question("停车场", ((Facet.KIND, ("resource",)),), facets=tuple(Facet)))
    engine.by_id(["a"])
    assert engine.version == 1
    found(opensearch(), "停车场")
    lines = {request.line.partition("?")[0] for request in domain.requests}
    assert lines == {
        f"GET /{INDEX}/_mapping",
        f"PUT /{INDEX}",
        f"PUT /{INDEX}/_mapping",
        f"POST /{INDEX}/_bulk",
        f"POST /{INDEX}/_search",
        f"POST /{INDEX}/_search/point_in_time",
        "POST /_search",
    }
    assert all(is_signed(request) for request in domain.requests)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/{INDEX}/_search", '{"query": {"match": {"terms": "停车"}}}'),
        (f"/{INDEX}/_search", '{"query": {"term": {"terms": {"value": "停车", "weight": 2}}}}'),
        (f"/{INDEX}/_search", '{"query": {"term": {"line": "停车"}}}'),
        (f"/{INDEX}/_search", '{"query": {"term": {"title_": "停车"}}}'),
        (f"/{INDEX}/_search", '{"query": {"match_all": {}}, "limit": 10}'),
        (f"/{INDEX}/_search", '{"from": 11000, "size": 1}'),
        (f"/{INDEX}/_search", '{"aggs": {"each": {"terms": {"field": "line"}}}}'),
        (f"/{INDEX}/_search", '{"query": '),
        (f"/{INDEX}/_bulk", '{"delete": {"_id": "a", "version": 2, "version_type": "external_gte"}}'),
        (f"/{INDEX}/_bulk", '{"delete": {"_id": "a", "version": 2}}\n'),
        (f"/{INDEX}/_bulk", '{"create": {"_id": "a"}}\n{}\n'),
        (f"/{INDEX}/_msearch", "{}"),
    ],
)
def test_the_domain_of_these_tests_refuses_what_is_not_in_the_documented_format(
    domain: OpenSearch, path: str, body: str
) -> None:
    a_domain_of(a_row("a"))
    with pytest.raises(Unavailable):
        send("POST", path, body)
    assert len(domain.refused) == 1
    domain.refused.clear()


def test_the_domain_of_these_tests_refuses_a_document_with_a_field_that_the_mapping_has_not(domain: OpenSearch) -> None:
    a_domain_of()
    place = '{"index": {"_id": "a", "version": 1, "version_type": "external_gte"}}'
    assert send("POST", f"/{INDEX}/_bulk", f'{place}\n{{"colour": "red"}}\n')["items"][0]["index"]["status"] == 400
    assert domain.refused.pop().endswith("[colour] is not allowed")


# What is found: the same as in the embedded index.


@pytest.mark.parametrize("query", QUERIES)
def test_both_engines_count_the_same_by_every_facet_and_find_the_same_terms_rare(both: Both, query: str) -> None:
    for plan in (asked(query), asked(query)._replace(loose=True)):
        embedded, domain = both.embedded, both.domain
        assert domain.count(plan, ()) == embedded.count(plan, ())
        assert domain.count_by(plan, (), tuple(Facet)) == embedded.count_by(plan, (), tuple(Facet))
        terms = (*weights_of(plan), "没有这个词")
        assert domain.rarity(terms) == pytest.approx(embedded.rarity(terms))


@pytest.mark.parametrize("query", QUERIES)
def test_both_engines_find_the_same_where_all_that_shares_a_term_is_ranked_together(both: Both, query: str) -> None:
    # All of it: a page's last ones may score the same, and then each engine has an order of its own.
    for domain in range(0, ROWS // TOGETHER, 4):
        filters = ((Facet.DOMAIN, (f"domain-{domain}",)),)
        ids = found(both.domain, query, filters, most=TOGETHER)
        assert sorted(ids) == sorted(found(both.embedded, query, filters, most=TOGETHER))


def test_both_engines_find_nearly_the_same_first_page_among_all_rows(both: Both) -> None:
    # Candidates are ranked a block at a time, and which are a block's last ones hangs on how an engine rounds.
    pages = [({*found(both.domain, query, most=10)}, {*found(both.embedded, query, most=10)}) for query in QUERIES]
    assert [len(one) for one, _ in pages] == [len(other) for _, other in pages]
    assert fmean(len(one & other) / len(other) for one, other in pages if other) > 0.95


def test_without_words_everything_is_found_the_newest_id_first(both: Both) -> None:
    newest = sorted((row.id for row in both.rows), reverse=True)
    assert [case for page in paged(both.domain, "", 70) for case in page] == newest
    assert both.domain.count(Plan(()), ()) == ROWS


@pytest.mark.parametrize("facet", Facet)
def test_a_filter_leaves_what_has_any_of_its_values(both: Both, facet: Facet) -> None:
    nothing = Plan(())
    values = tuple(both.embedded.count_by(nothing, (), (facet,))[facet])[:2]
    for filters in (((facet, values[:1]),), ((facet, values),), ((facet, values), (Facet.KIND, ("database",)))):
        for plan in (nothing, asked("企业 许可 信息")):
            assert both.domain.count(plan, filters) == both.embedded.count(plan, filters)
            counts = both.domain.count_by(plan, filters, tuple(Facet))
            assert counts == both.embedded.count_by(plan, filters, tuple(Facet))
    assert found(both.domain, "", filters, most=ROWS) == found(both.embedded, "", filters, most=ROWS)
    assert both.domain.count(nothing, ((facet, ("no such value",)),)) == 0


def test_things_are_named_by_their_ids_and_unknown_ones_are_left_out(both: Both) -> None:
    some = {row.id: row for row in both.rows[:30]}
    assert both.domain.by_id([*some, "unknown"]) == some
    assert both.domain.by_id([]) == {}


def test_a_page_begins_where_the_last_one_ended(both: Both) -> None:
    everything = [case for page in paged(both.domain, "北京市 信息", 100) for case in page]
    in_pages = list(paged(both.domain, "北京市 信息", 7))
    assert [case for page in in_pages for case in page] == everything
    assert len(set(everything)) == len(everything) > 100


def test_a_question_full_of_names_that_are_said_in_many_ways_is_answered(domain: OpenSearch) -> None:
    engine = a_domain_of(a_row("a", "科学技术委员会"))
    names = (
        "科委 工商局 信息办 人事局 城管 建委 计委 国土局 教培 菜价 编办 医院 球场 金融办 古迹 景点 亦庄 文化执法 餐厅"
    )
    more = "雾霾 卫健委 民委 修车 猎头 公园 学校 养老院 停车场 药店 社保 公积金 户口 公交 地铁 体检 疫苗 幼儿园 图书馆"
    try:
        assert found(engine, f"{names} {more}", facets=tuple(Facet)) == ["a"]
    finally:
        domain.refused.clear()


# A search stays as it was.


def test_the_pages_of_a_pinned_search_stay_the_same_while_rows_come_and_go() -> None:
    engine = a_domain_of(*(a_row(f"{number:03}") for number in range(60)))
    before = list(paged(at_this_moment(engine), "停车场", 7))
    pages = paged(at_this_moment(engine), "停车场", 7)
    seen = [next(pages)]
    engine.write({"000": None, "030": None, "059": None, "031": a_row("031", "公园"), "999": a_row("999")}, 2)
    assert [*seen, *pages] == before
    assert sorted(case for page in paged(engine, "停车场", 100) for case in page) == sorted(
        {f"{number:03}" for number in range(60)} - {"000", "030", "059", "031"} | {"999"}
    )


def test_a_pinned_search_is_kept_for_as_long_after_each_page(domain: OpenSearch) -> None:
    engine = at_this_moment(a_domain_of(a_row("a")))
    for _ in range(3):
        domain.pass_time(seconds(PIT_KEPT) - 1)
        assert found(named(engine.name), "停车场") == ["a"]
    domain.pass_time(seconds(PIT_KEPT) + 1)
    with pytest.raises(Conflict, match="search again"):
        found(named(engine.name), "停车场")


def test_a_search_that_was_never_pinned_is_too_old() -> None:
    a_domain_of(a_row("a"))
    with pytest.raises(Conflict, match="search again"):
        found(named("1:cG9pbnQ="), "停车场")


@pytest.mark.parametrize("name", ["", "abc", "1:", ":cG9pbnQ=", "-1:cG9pbnQ=", "1:abc", f"{'9' * 16}:cG9pbnQ="])
def test_what_is_no_point_in_time_is_the_callers_fault(domain: OpenSearch, name: str) -> None:
    a_domain_of(a_row("a"))
    try:
        with pytest.raises(Conflict, match="search again"):
            found(named(name), "停车场")
    finally:
        domain.refused.clear()


def test_a_pinned_search_tells_the_version_that_it_was_made_of() -> None:
    engine = at_this_moment(a_domain_of(a_row("a")))
    a_domain_of(a_row("b"), version=2)
    assert (found(engine, "停车场"), engine.version) == (["a"], 1)


# A domain with faults.


def test_a_faulty_domain_is_unavailable(domain: OpenSearch) -> None:
    engine = a_domain_of(a_row("a"))
    for fault in (answers(500), answers(503), answers(429), answers(403), breaks_off):
        domain.before("POST", fault)
        with pytest.raises(Unavailable, match="try again"):
            found(engine, "停车场")
    assert found(engine, "停车场") == ["a"]


def test_a_domain_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as (_, address):
        pass
    monkeypatch.setenv("OPENSEARCH_ENDPOINT", address)
    with pytest.raises(Unavailable, match="try again"):
        found(opensearch(), "停车场")


# What is written.


def test_many_rows_are_written_in_parts_and_the_version_last(domain: OpenSearch) -> None:
    engine = opensearch()
    engine.create()
    domain.lines()
    engine.write({str(number): a_row(str(number)) for number in range(2 * AT_ONCE + 1)}, 7)
    assert domain.lines() == [f"{WRITES}?refresh=true"] * 3 + [f"GET /{INDEX}/_mapping", VERSION]
    assert (engine.count(Plan(()), ()), engine.version) == (2 * AT_ONCE + 1, 7)


def test_an_older_write_never_overwrites_a_later_one() -> None:
    engine = a_domain_of(a_row("kept", "后来"), version=7)
    engine.write({"gone": None}, 7)
    engine.write({"kept": a_row("kept", "先前"), "gone": a_row("gone", "先前"), "other": a_row("other")}, 5)
    engine.write({"kept": None}, 6)
    assert engine.by_id(["kept", "gone", "other"]) == {"kept": a_row("kept", "后来"), "other": a_row("other")}
    assert engine.version == 7


def test_a_deletion_is_remembered_for_as_long_as_a_slower_indexer_may_run(domain: OpenSearch) -> None:
    engine = a_domain_of(a_row("gone"), version=1)
    engine.write({"gone": None}, 7)
    domain.pass_time(300)  # CatalogIndex's timeout
    engine.write({"gone": a_row("gone")}, 5)
    assert engine.by_id(["gone"]) == {}


def test_the_same_write_again_changes_nothing_nor_does_deleting_what_is_not_there() -> None:
    engine = a_domain_of(a_row("a"), a_row("b"), version=3)
    for _ in range(2):
        engine.write({"a": a_row("a"), "b": None, "never": None}, 3)
    assert sorted(engine.by_id(["a", "b", "never"])) == ["a"]


def test_a_row_that_is_refused_fails_the_write_and_leaves_the_version_as_it_was(domain: OpenSearch) -> None:
    engine = a_domain_of(a_row("a"), version=3)
    domain.overloaded.add("c")
    with pytest.raises(RuntimeError, match=r"1 rows were refused, the first: .*rejected"):
        engine.write({"b": a_row("b"), "c": a_row("c")}, 4)
    assert engine.version == 3


def test_two_that_make_the_index_at_once_both_have_it(domain: OpenSearch) -> None:
    domain.before(f"PUT /{INDEX}", opensearch().create)
    try:
        opensearch().create()
    finally:
        domain.refused.clear()


# The indexer.


def test_what_is_published_can_be_found_and_what_is_withdrawn_no_more() -> None:
    live, other = published(), published(OTHER)
    assert index() == 2
    assert titles(search("停车场")) == [ENTRY["title"]]
    renamed = through(put(live, PROVIDER, ENTRY | {"title": "停车场剩余车位"}))
    assert index() == 3
    assert titles(search("停车场")) == ["停车场剩余车位"]
    withdraw(renamed)
    assert index() == 4
    assert titles(search("停车场")) == []
    assert sorted(opensearch().by_id([live.body["id"], other.body["id"]])) == [other.body["id"]]


def test_nothing_is_written_where_nothing_changed(domain: OpenSearch) -> None:
    published()
    index()
    domain.lines()
    assert index() == 1
    assert domain.lines() == [f"GET /{INDEX}/_mapping", f"GET /{INDEX}/_mapping"]


def test_an_indexer_that_was_overtaken_brings_nothing_back(domain: OpenSearch) -> None:
    live = published()
    number_changes()

    def meanwhile() -> None:
        withdraw(live)
        number_changes()
        assert bring() == 2

    domain.before(WRITES, meanwhile)
    assert bring() == 1
    assert opensearch().by_id([live.body["id"]]) == {}
    assert opensearch().version == 2


@pytest.mark.parametrize("fault", [answers(500), breaks_off])
@pytest.mark.parametrize("line", [f"PUT /{INDEX}", WRITES, VERSION])
def test_a_run_that_breaks_off_anywhere_is_made_good_by_the_next(domain: OpenSearch, line: str, fault: Any) -> None:
    live = published()
    number_changes()
    domain.before(line, fault)
    with pytest.raises(Unavailable):
        bring()
    assert opensearch().version == 0
    assert bring() == 1 == opensearch().version
    assert list(opensearch().by_id([live.body["id"]])) == [live.body["id"]]


def test_a_row_that_the_domain_refuses_fails_the_run_and_the_next_one_begins_where_it_began(domain: OpenSearch) -> None:
    published()
    index()
    late = published(OTHER)
    number_changes()
    domain.overloaded.add(late.body["id"])
    with pytest.raises(RuntimeError, match="1 rows were refused"):
        bring()
    assert opensearch().version == 1
    domain.overloaded.clear()
    assert bring() == 2
    assert titles(search("出租汽车")) == ["出租汽车投诉"]


def test_a_rebuild_gives_the_same_answers(domain: OpenSearch, data_stack: dict[str, str]) -> None:
    live = [published(), published(ENTRY | {"title": "停车场收费标准"}), published(ENTRY | {"title": "停车楼"})]
    withdraw(live[2])
    version = index()
    before = search("停车").body
    kept = opensearch().by_id([one.body["id"] for one in live])
    assert bring(rebuild=True) == version == feed_store.latest(data_stack["CatalogTable"])
    assert search("停车").body == before
    assert opensearch().by_id([one.body["id"] for one in live]) == kept
    assert len(kept) == 2


def test_a_rebuild_brings_back_what_a_domain_lost_and_takes_away_what_it_kept() -> None:
    live, gone = published(), published(ENTRY | {"title": "停车楼"})
    withdraw(gone)
    version = index()
    opensearch().write({live.body["id"]: None, gone.body["id"]: a_row(gone.body["id"], "停车楼")}, version)
    assert titles(search("停车")) == ["停车楼"]
    assert bring(rebuild=True) == version
    assert titles(search("停车")) == [ENTRY["title"]]


# The search of the catalogue, from end to end.


def test_a_search_goes_on_page_by_page_as_it_was_while_entries_come_and_go() -> None:
    live = published(ENTRY | {"title": "公园名录"})
    legacy = {a_legacy_entry() for _ in range(4)}
    assert index() == 5
    page = search("公园名录", limit=2)
    assert (page.status, page.body["total"], page.body["loose"]) == (200, 5, False)
    pages = [page.body]
    withdraw(live)
    a_legacy_entry()
    assert index() == 7
    while pages[-1]["next"]:
        pages.append(search("公园名录", limit=2, next=pages[-1]["next"]).body)
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {hit["id"] for page in pages for hit in page["items"]} == {*legacy, live.body["id"]}
    assert search("公园名录").body["total"] == 5


def test_a_search_is_narrowed_down_and_counted() -> None:
    published()
    a_legacy_entry()
    index()
    reply = search(share_type="UNCONDITIONAL")
    assert titles(reply) == [ENTRY["title"]]
    counts = {
        facet["facet"]: {each["value"]: each["count"] for each in facet["values"]} for facet in reply.body["facets"]
    }
    assert (counts["provider"], counts["kind"]) == ({PROVIDER: 1}, {"resource": 1})
    assert len(titles(search())) == 2


def test_a_page_of_a_search_that_is_over_is_answered_with_409(domain: OpenSearch) -> None:
    for _ in range(3):
        a_legacy_entry()
    index()
    following = search("公园", limit=2).body["next"]
    domain.pass_time(seconds(PIT_KEPT) + 1)
    assert search("公园", limit=2, next=following).status == 409


def test_a_search_of_a_faulty_domain_is_answered_with_503(domain: OpenSearch) -> None:
    published()
    index()
    domain.before("POST", answers(500))
    assert search("停车场").status == 503
    assert search("停车场").status == 200


def test_before_the_indexers_first_run_nothing_is_found() -> None:
    reply = search("停车场")
    assert (reply.status, reply.body["items"], reply.body["version"]) == (200, [], 0)


def test_there_can_be_more_longer_searches_in_a_quarter_of_an_hour_than_a_domain_keeps_points_in_time(
    domain: OpenSearch,
) -> None:
    a_domain_of(a_row("a"), a_row("b"))
    domain.most_points = 3
    assert {search("停车场", limit=1).status for _ in range(5)} == {200}


def test_searches_go_on_in_an_older_point_in_time_where_a_domain_keeps_no_more(domain: OpenSearch) -> None:
    published()
    index()
    domain.most_points = 1
    assert search("停车场").body["version"] == 1
    published(OTHER)
    index()
    assert (titles(search("出租汽车投诉")), search("停车场").body["version"]) == ([], 1)
    domain.most_points = 2
    look_again()
    assert (titles(search("出租汽车投诉")), search("停车场").body["version"]) == (["出租汽车投诉"], 2)


def test_a_point_in_time_that_a_domain_lost_is_asked_once_more_and_no_more(domain: OpenSearch) -> None:
    published()
    index()
    assert search("停车场").status == 200
    domain.pass_time(seconds(PIT_KEPT) + 1)
    assert [search("停车场").status for _ in range(2)] == [409, 200]
