"""The reports over HTTP: made from what is published, paged, public or for whom they concern."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.catalog.api import handler
from services.catalog.reports import ReportName
from tests import databases
from tests.catalogue import ENTRY, OFFICE, PROVIDER, STRANGER, act, create, published
from tests.stack import CALLS
from tests.standing import standing_stack
from tests.support import Reply, call, token


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[dict[str, str]]:
    """One stack with three published entries, a withdrawn one and a draft."""
    with standing_stack() as made:
        for title in ("停车场名单", "公交线路", "出租车企业"):
            published(ENTRY | {"title": title})
        create(ENTRY | {"title": "草稿"})
        yield made


def report(name: str, query: str = "", organisation: str | None = OFFICE) -> Reply:
    """Read a report as an organisation's officer, or as nobody."""
    bearer = token(organisation) if organisation else None
    return call(handler, "GET", f"/catalog/reports/{name}{query}", token=bearer)


def counted(reply: Reply, by: str) -> dict[str | None, int]:
    return {line["code"]: line["count"] for line in reply.body["items"] if line["by"] == by}


def test_everybody_reads_how_many_entries_each_unit_has_published() -> None:
    found = report("counts", organisation=None)
    assert counted(found, "unit") == {PROVIDER: 3}
    assert counted(found, "catalogue") == {"application_sharing_catalog": 3}
    assert counted(found, "share_type") == {"UNCONDITIONAL": 3}


def test_a_units_own_catalogue_is_counted_and_listed_by_its_code() -> None:
    assert counted(report("counts", f"?unit={PROVIDER}", None), "total") == {None: 3}
    assert report("counts", f"?unit={STRANGER}", None).body["items"] == []
    listed = call(handler, "GET", f"/catalog/resources?provider={PROVIDER}").body["items"]
    assert {entry["title"] for entry in listed} == {"停车场名单", "公交线路", "出租车企业"}


def test_the_office_reads_the_quality_of_every_unit_and_entry() -> None:
    lines = report("quality").body["items"]
    assert [line["id"] is None for line in lines] == [True, False, False, False]
    assert {line["unit"] for line in lines} == {PROVIDER}
    assert all(0 < line["score"] <= 100 for line in lines)


def test_a_unit_reads_its_own_lines_and_no_others() -> None:
    assert len(report("quality", organisation=PROVIDER).body["items"]) == 4
    assert report("quality", organisation=STRANGER).body["items"] == []
    assert report("quality", f"?unit={PROVIDER}", STRANGER).status == 403


def test_how_long_publication_took_is_public() -> None:
    everyone, unit = report("publication", organisation=None).body["items"]
    assert (everyone["unit"], unit["unit"], everyone["published"]) == (None, PROVIDER, 3)


def test_what_was_published_today_is_neither_stale_nor_unconfirmed() -> None:
    assert [report(name).body["items"] for name in ("staleness", "confirmation")] == [[], []]


def test_a_report_is_paged_and_the_pages_make_the_whole() -> None:
    whole, pages = report("counts").body["items"], []
    query: str | None = "?limit=2"
    while query:
        page = report("counts", query).body
        assert len(page["items"]) <= 2
        pages += page["items"]
        query = f"?limit=2&next={page['next']}" if page["next"] else None
    assert pages == whole


def test_a_page_token_of_another_report_or_none_of_ours_is_refused() -> None:
    other = report("counts", "?limit=2").body["next"]
    for query in (f"?next={other}", "?next=x", "?limit=0"):
        assert report("quality", query).status == 422


def test_there_is_no_other_report() -> None:
    assert report("budget").status == 422


@pytest.mark.parametrize("name", ReportName)
def test_every_report_says_what_it_is_and_when_it_was_made(name: str) -> None:
    body: dict[str, Any] = report(name).body
    assert body["name"] == name
    assert body["at"].endswith("Z")
    assert body["next"] is None


def test_a_report_reads_each_index_once() -> None:
    CALLS.clear()
    report("quality")
    assert CALLS.names == ["Query"]


def test_an_entry_that_is_withdrawn_is_in_no_report() -> None:
    entry = published(ENTRY | {"title": "撤回"})
    assert counted(report("counts"), "total") == {None: 4}
    act(entry, "withdraw", PROVIDER, {"reason": "不再更新"})
    assert counted(report("counts"), "total") == {None: 3}


def test_an_approved_entry_says_by_when_it_must_be_published_and_why() -> None:
    submitted = act(create(ENTRY | {"title": "地铁站"}), "submit", PROVIDER)
    assert (submitted.body["due_at"], submitted.body["due"]) == (None, None)
    approved = act(act(submitted, "start_review", OFFICE), "approve", OFFICE).body
    assert approved["due"]["clock"] == "catalog_publish"
    assert approved["due"]["working_days"] == 2
    assert approved["due_at"] == approved["due"]["due_at"] > approved["changed_at"]


def test_a_published_entry_says_when_it_must_be_confirmed_and_that_it_is_not_stale() -> None:
    entry = published(ENTRY | {"title": "站牌"}).body
    assert entry["due"]["clock"] == "confirm_yearly"
    assert entry["live"]["stale_since"] is None


def test_databases_and_duties_count_beside_entries_and_what_runs_is_fresh_once_registered() -> None:
    before = {line["kind"]: line["count"] for line in report("counts").body["items"] if line["by"] == "total"}
    databases.operating()
    after = {line["kind"]: line["count"] for line in report("counts").body["items"] if line["by"] == "total"}
    assert (before.get("database", 0) + 1, before.get("collection", 0) + 1) == (after["database"], after["collection"])
    assert {line["kind"] for line in report("publication").body["items"]} == {"resource", "collection"}
    assert report("staleness").body["items"] == []
