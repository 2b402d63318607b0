"""The guide's table comes in: what is refused, what a row is faulted for, and what is committed, once, whatever breaks.

Column files in tests/data: 来源:北京市公共数据开放平台.
"""

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from services.catalog.api import handler
from services.catalog.columns import HEADERS, rows_of
from services.catalog.entry import Entry
from services.catalog.import_commit_work import CHANGED
from services.catalog.job_store import Job
from services.catalog.sheets import write_csv, write_xlsx
from services.shared.dynamo import plain
from tests.catalogue import ENTRY, PROVIDER, act, published, put
from tests.catalogue import read as read_entry
from tests.stack import Calls
from tests.support import Reply, call, events_in, token
from tests.transfers import OFFICE, announced, checked, committed, deliver, lose, problems, read, table, work
from tests.transfers import act as take

OLDER = {
    "信息资源名称": "空余泊位发送记录",
    "信息资源摘要": "石景山区的空余泊位",
    "信息资源格式类型": "csv；png",
    "信息项名称": "空余泊位数",
    "来源标识": "bj-1",
    "来源引用": "来源:北京市公共数据开放平台",
    "来源地址": "https://data.beijing.gov.cn/1",
    "来源更新日期": "2024-01-01",
    "来源提供方": "石景山区",
}
OWN = {
    "信息资源名称": "停车场空余泊位",
    "信息资源提供方": "北京市交通委员会",
    "信息资源摘要": "全市公共停车场的空余泊位数",
    "信息项名称": "空余泊位数",
    "数据类型": "数值型",
    "数据长度": "5",
}


@pytest.fixture(autouse=True)
def stack(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def older(number: int, **more: str) -> dict[str, str]:
    return OLDER | {"信息资源名称": f"第{number}号记录", "来源标识": f"bj-{number}"} | more


def entries(stack: str) -> list[Entry]:
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=stack)
    found = [plain(item) for page in pages for item in page["Items"]]
    return [Entry.model_validate_json(item["record"]) for item in found if item["sk"] == "STATE#entry"]


def counts(reply: Reply) -> dict[str, int]:
    return {name: number for name, number in reply.body["counts"].items() if number and name != "problems"}


def told(reply: Reply, organisation: str = OFFICE, weight: str = "error") -> set[tuple[int, str]]:
    found = problems(reply, organisation)
    assert all(" / " in problem["detail"] for problem in found)
    return {(problem["row"], problem["column"]) for problem in found if problem["weight"] == weight}


def drafted(*rows: Mapping[str, str], format: str = "xlsx") -> Reply:
    return checked(table(*rows, format=format), "draft", PROVIDER, format=format)


# ---- the way of a file ----


def test_a_file_is_sent_to_one_place_in_exactly_the_size_that_was_announced() -> None:
    made = announced(b"x" * 10, "draft", PROVIDER)
    form = made.body["upload"]["fields"]
    policy = json.loads(base64.b64decode(form["policy"]))
    assert {"key": f"imports/{made.body['id']}/file.xlsx"} in policy["conditions"]
    assert ["content-length-range", 10, 10] in policy["conditions"]
    assert form["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert made.headers["location"] == f"/catalog/imports/{made.body['id']}"
    assert (made.body["state"], made.body["actions"]) == ("AWAITING_FILE", ["check", "discard"])


def test_a_file_that_was_not_sent_cannot_be_checked() -> None:
    wanted = {"format": "xlsx", "as": "draft", "size": 10}
    made = call(handler, "POST", "/catalog/imports", token=token(PROVIDER), json=wanted)
    assert take(made, "check", PROVIDER).status == 422


@pytest.mark.parametrize(
    ("wrong", "pointer"), [({"size": 20_000_001}, "/size"), ({"size": 0}, "/size"), ({"format": "xls"}, "/format")]
)
def test_what_is_too_large_or_of_another_kind_is_not_announced(wrong: dict[str, Any], pointer: str) -> None:
    wanted = {"format": "xlsx", "as": "draft", "size": 10} | wrong
    assert call(handler, "POST", "/catalog/imports", token=token(PROVIDER), json=wanted).pointers == [pointer]


def test_only_the_office_imports_older_catalogues() -> None:
    wanted = {"format": "xlsx", "as": "legacy", "size": 10}
    assert call(handler, "POST", "/catalog/imports", token=token(PROVIDER), json=wanted).status == 403


def test_the_same_key_makes_one_import() -> None:
    wanted, headers = {"format": "csv", "as": "draft", "size": 10}, {"Idempotency-Key": "import-0001"}
    made = [
        call(handler, "POST", "/catalog/imports", token=token(PROVIDER), json=wanted, headers=headers) for _ in "ab"
    ]
    assert made[0].body["id"] == made[1].body["id"]
    listed = call(handler, "GET", "/catalog/imports", token=token(PROVIDER)).body["items"]
    assert [(line["id"], line["as"]) for line in listed] == [(made[0].body["id"], "draft")]


def test_the_template_is_a_table_that_can_be_sent_back_empty() -> None:
    answer = call(handler, "GET", "/catalog/imports/template")
    key = answer.headers["location"].partition("?")[0].partition(".com/")[2]
    body = boto3.client("s3").get_object(Bucket=os.environ["FILES_BUCKET"], Key=key)["Body"].read()
    assert answer.status == 303
    assert checked(body, "draft", PROVIDER).body["refusals"] == ["表中没有内容 / the table is empty"]


# ---- an older catalogue ----


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_rows_of_an_older_catalogue_are_published_once_each_with_one_filed_event(stack: str, format: str) -> None:
    rows = [older(1), {"信息项名称": "车场名称"}, older(2), OLDER | {"来源标识": "bj-3", "来源提供方": "往年开放数据"}]
    done = committed(table(*rows, format=format), "legacy", format=format)
    assert (done.body["state"], done.body["results"]) == ("DONE", {"new": 3, "revised": 0, "left": 0})
    assert [(e.type, e.filing and e.filing.authority) for e in events_in(stack)] == [("resource.imported", OFFICE)] * 3
    first, _, third = sorted(entries(stack), key=lambda entry: entry.live.source.source_id)  # type: ignore[union-attr]
    assert first.live is not None
    assert [item.name for item in first.live.metadata.items] == ["空余泊位数", "车场名称"]
    assert (first.provider, third.provider) == ("110107", OFFICE)  # what names nobody is the office's


def test_a_second_import_of_the_same_rows_changes_nothing(stack: str) -> None:
    data = table(older(1), older(2))
    committed(data, "legacy")
    again = checked(data, "legacy")
    assert (counts(again), problems(again)) == ({"unchanged": 2}, [])
    assert take(again, "commit").status == 422
    assert len(events_in(stack)) == 2


def test_a_row_that_says_something_else_than_its_entry_is_not_taken_until_its_provider_has_revised_it() -> None:
    committed(table(older(1)), "legacy")
    other = checked(table(older(1, 信息资源摘要="另一个摘要")), "legacy")
    assert (counts(other), told(other)) == ({"bad": 1}, {(2, "信息资源名称")})


def test_a_code_that_came_with_a_row_is_its_entrys_for_good() -> None:
    coded = older(1, 信息资源代码="307001/0007")
    committed(table(coded), "legacy")
    taken = checked(table(older(2, 信息资源代码="307001/0007")), "legacy")
    assert (counts(taken), told(taken)) == ({"bad": 1}, {(2, "信息资源名称")})
    assert counts(checked(table(coded), "legacy")) == {"unchanged": 1}


# ---- a unit's own ----


def test_rows_become_drafts_of_the_unit_and_the_same_file_again_changes_nothing(stack: str) -> None:
    done = committed(table(OWN), "draft", PROVIDER)
    assert done.body["results"] == {"new": 1, "revised": 0, "left": 0}
    assert [event.type for event in events_in(stack)] == ["resource.created"]
    assert counts(drafted(OWN)) == {"unchanged": 1}
    other = committed(table(OWN | {"信息资源摘要": "另一个摘要"}), "draft", PROVIDER)
    assert other.body["results"] == {"new": 0, "revised": 1, "left": 0}
    (entry,) = entries(stack)
    assert entry.open is not None
    assert entry.open.metadata.abstract == "另一个摘要"


def test_a_published_entry_comes_back_unchanged_and_is_revised_by_its_code(stack: str) -> None:
    live = published()
    (entry,) = entries(stack)
    assert entry.live is not None
    rows = list(rows_of(entry.live))
    assert counts(checked(write_xlsx(HEADERS, rows), "draft", PROVIDER)) == {"unchanged": 1}
    assert counts(checked(write_csv(HEADERS, rows), "draft", PROVIDER, format="csv")) == {"unchanged": 1}
    rows[0] |= {"信息资源摘要": "新的摘要"}
    committed(write_xlsx(HEADERS, rows), "draft", PROVIDER)
    shown = read_entry(live.body["id"], PROVIDER).body
    assert shown["live"]["metadata"]["abstract"] == ENTRY["abstract"]
    assert shown["open"]["metadata"]["abstract"] == "新的摘要"


def test_a_version_under_review_and_another_units_entry_are_not_revised() -> None:
    code = published().body["live"]["resource_code"]
    row = OWN | {"信息资源代码": code}
    others = checked(table(row | {"信息资源提供方": "北京市发展和改革委员会"}), "draft", "drc")
    assert told(others, "drc") == {(2, "信息资源代码")}
    live = read_entry(
        call(handler, "GET", f"/catalog/resources?q={OWN['信息资源名称']}").body["items"][0]["id"], PROVIDER
    )
    act(put(live, PROVIDER, ENTRY | {"abstract": "审核中的摘要"}), "submit", PROVIDER)
    assert told(drafted(row), PROVIDER) == {(2, "信息资源名称")}


def test_a_code_that_nobody_has_is_a_fault() -> None:
    assert told(drafted(OWN | {"信息资源代码": "307001/9999"}), PROVIDER) == {(2, "信息资源代码")}


def test_the_good_rows_are_committed_and_the_bad_ones_stay_out(stack: str) -> None:
    done = committed(table(OWN, OWN | {"信息资源名称": "坏行", "数据类型": "文本"}), "draft", PROVIDER)
    assert (counts(done), done.body["results"]["new"]) == ({"good": 1, "bad": 1, "new": 1}, 1)
    assert len(entries(stack)) == 1


# ---- what clerks get wrong (目录梳理常见问题) ----


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"信息资源名称": "停车管理系统"}, "信息资源名称"),
        ({"信息资源名称": "停车场  空余泊位"}, "信息资源名称"),
        ({"信息资源名称": "停车场空余泊位。"}, "信息资源名称"),
        ({"信息资源名称": ""}, "信息资源名称"),
        ({"信息资源提供方": ""}, "信息资源提供方"),
        ({"信息资源提供方": "没有的单位"}, "信息资源提供方"),
        ({"信息资源提供方": "北京市统计局"}, "信息资源提供方"),
        ({"信息资源代码": "30700/1"}, "信息资源代码"),
        ({"信息资源代码": "307001/1", "类": "部门"}, "信息资源代码"),
        ({"信息资源格式分类": "电子表格", "信息资源格式类型": "oracle"}, "信息资源格式类型"),
        ({"信息资源格式类型": "xlsx", "共享方式": "库表"}, "信息资源格式类型"),
        ({"信息资源格式类型": "png"}, "信息资源格式类型"),
        ({"数据长度": "5位"}, "数据长度"),
        ({"数据长度": "0"}, "数据长度"),
        ({"信息项说明": "未知填0"}, "信息项说明"),
        ({"数据类型": "文本"}, "数据类型"),
        ({"敏感级别": "国家秘密"}, "敏感级别"),
        ({"共享类型": "有条件"}, "共享类型"),
        ({"发布日期": "去年"}, "发布日期"),
    ],
)
def test_each_of_the_clerks_errors_is_told_at_its_row_and_column(wrong: dict[str, str], column: str) -> None:
    good = OWN | {"信息资源名称": "另一资源"}
    said = {header: text for header, text in (OWN | wrong).items() if header in HEADERS}
    found = drafted(good, said)
    assert (3, column) in told(found, PROVIDER)
    assert counts(found)["bad"] == 1


def test_an_empty_abstract_is_told_and_can_wait() -> None:
    found = drafted(OWN | {"信息资源摘要": ""})
    assert (2, "信息资源摘要") in told(found, PROVIDER, "warning")
    assert counts(found) == {"good": 1, "new": 1}


def test_repeats_in_the_table_are_told_whatever_their_punctuation() -> None:
    again = OWN | {"信息资源名称": "停车场，空余泊位", "信息资源摘要": "重复的"}
    assert told(drafted(OWN, OWN | {"信息资源名称": "另一资源"}, again), PROVIDER) == {(4, "信息资源名称")}


def test_what_the_unit_has_published_under_that_name_is_no_new_entry() -> None:
    published()
    assert told(drafted(OWN), PROVIDER) == {(2, "信息资源名称")}


def test_titles_that_the_spreadsheet_counted_up_are_told() -> None:
    rows = [OWN | {"信息资源名称": f"泊位信息{number}"} for number in (1, 2, 3)]
    assert told(drafted(*rows), PROVIDER) == {(3, "信息资源名称"), (4, "信息资源名称")}


def test_codes_of_odd_length_are_told() -> None:
    rows = [older(n, 信息资源代码=f"307001/{code}") for n, code in enumerate(("0001", "0002", "03"), start=1)]
    assert told(checked(table(*rows), "legacy"), weight="warning") == {
        (4, "信息资源代码"),
        *((n, "信息资源提供方") for n in (2, 3, 4)),
    }


def test_rows_of_one_entry_may_repeat_it_but_not_say_otherwise() -> None:
    same = OWN | {"信息项名称": "车场名称", "数据类型": "字符型"}
    assert counts(drafted(OWN, same)) == {"good": 1, "new": 1}
    assert told(drafted(OWN, same | {"信息资源摘要": "另一个"}), PROVIDER) == {(3, "信息资源摘要")}


# ---- progress, resuming, races, crashes ----


def test_progress_is_read_while_it_runs_and_what_broke_off_goes_on(stack: str) -> None:
    seen = checked(table(*(older(number) for number in range(1, 451))), "legacy")
    take(seen, "commit")
    lose()
    job = seen.body["id"]
    assert deliver(Job(name="import_commit", about=job, part=0).model_dump_json()) == []
    lose()
    half = read(seen)
    assert (half.body["state"], half.body["progress"]["committed"]) == ("COMMITTING", 200)
    take(half, "commit")
    assert work() == []
    done = read(seen)
    assert (done.body["state"], done.body["results"]["new"], len(entries(stack))) == ("DONE", 450, 450)


def test_a_check_whose_message_was_lost_is_asked_for_again() -> None:
    made = announced(table(OWN), "draft", PROVIDER)
    take(made, "check", PROVIDER)
    lose()
    take(read(made, PROVIDER), "check", PROVIDER)
    work()
    assert read(made, PROVIDER).body["state"] == "CHECKED"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_commit_that_died_at_any_write_is_completed_by_its_message(
    when: str, nth: int, stack: str, aws_calls: Calls
) -> None:
    seen = checked(table(*(older(number) for number in range(1, 31))), "legacy")
    take(seen, "commit")
    message = Job(name="import_commit", about=seen.body["id"], part=0).model_dump_json()
    with aws_calls.crash(when, nth):
        deliver(message)
    assert aws_calls.crashed
    assert deliver(message, message) == []
    done = read(seen)
    assert (done.body["state"], done.body["results"]) == ("DONE", {"new": 30, "revised": 0, "left": 0})
    assert len(events_in(stack)) == len(entries(stack)) == 30


def test_a_check_that_died_is_completed_by_its_message(aws_calls: Calls) -> None:
    made = announced(table(OWN), "draft", PROVIDER)
    take(made, "check", PROVIDER)
    for nth in (1, 2, 3):
        with aws_calls.crash("before", nth):
            deliver(Job(name="import_check", about=made.body["id"]).model_dump_json())
        assert aws_calls.crashed
    work()
    assert counts(read(made, PROVIDER)) == {"good": 1, "new": 1}


def test_what_changed_since_the_check_is_left_and_told() -> None:
    row = older(1)
    first, second = checked(table(row), "legacy"), checked(table(row, older(2)), "legacy")
    take(first, "commit")
    work()
    take(second, "commit")
    work()
    done = read(second)
    assert done.body["results"] == {"new": 1, "revised": 0, "left": 1}
    assert [(problem["row"], problem["detail"]) for problem in problems(done)][-1] == (2, CHANGED)


def test_a_discarded_import_is_committed_by_no_message(stack: str) -> None:
    seen = checked(table(OWN), "draft", PROVIDER)
    assert take(seen, "discard", PROVIDER).body["reason"] == "表格有误"
    deliver(Job(name="import_commit", about=seen.body["id"]).model_dump_json())
    assert entries(stack) == []
    assert take(read(seen, PROVIDER), "commit", PROVIDER).status == 409


def test_a_message_that_is_no_job_is_reported_and_comes_again_soon() -> None:
    boto3.client("sqs").send_message(QueueUrl=os.environ["JOBS_QUEUE_URL"], MessageBody="{}")
    assert work() == ["{}"]


def test_problems_are_read_page_by_page(stack: str) -> None:
    seen = drafted(*(OWN | {"信息资源名称": f"资源{'甲' * number}", "数据类型": "文本"} for number in range(1, 8)))
    assert problems(seen, PROVIDER, limit=3) == problems(seen, PROVIDER)
    bad = call(handler, "GET", f"/catalog/imports/{seen.body['id']}/problems?next=e30", token=token(PROVIDER))
    assert bad.pointers == ["/query/next"]


def test_a_file_is_refused_with_every_reason() -> None:
    refused = checked(b"PK\x03\x04nothing", "draft", PROVIDER)
    assert refused.body["state"] == "REFUSED"
    assert "损坏" in refused.body["refusals"][0]
    assert "信息资源名称" in checked(write_xlsx(["别的列"], []), "draft", PROVIDER).body["refusals"][0]


def test_only_an_officer_is_told_how_to_send_the_file() -> None:
    made = announced(table(OWN), "draft", PROVIDER)
    shown = {
        role: call(handler, "GET", f"/catalog/imports/{made.body['id']}", token=token(PROVIDER, role)).body["upload"]
        for role in ("officer", "approver", "auditor", "administrator")
    }
    assert [role for role, form in shown.items() if form] == ["officer"]
