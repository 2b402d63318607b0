"""The slips of clerks (目录梳理常见问题) are found, each at its place; names that only look alike are left alone."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from services.catalog.clerical import plain, slips
from services.catalog.metadata import Metadata

SAMPLE = Path(__file__).parents[2] / "data" / "beijing_catalogue.jsonl"


def places(**said: Any) -> list[str]:
    return [problem.pointer for problem in slips(Metadata.model_validate(said))]


def named(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


@pytest.mark.parametrize("title", ["停车诱导系统", "政务服务平台", "首都之窗门户", "北京通APP", "停车诱导ＡＰＰ"])
def test_the_name_of_a_system_is_no_title(title: str) -> None:
    assert places(title=title) == ["/title"]


@pytest.mark.parametrize("title", ["系统管理员名录", "停车诱导系统故障记录", "平台企业名录"])
def test_a_title_may_speak_of_a_system(title: str) -> None:
    assert places(title=title) == []


def test_items_that_a_spreadsheet_counted_up_are_told_once_a_run() -> None:
    items = named("序号", "联系电话1", "联系电话2", "联系电话3", "地址7", "地址8", "地址9", "地址10")
    assert places(items=items) == ["/items/2/name", "/items/5/name"]


def test_items_that_were_meant_to_be_counted_say_so_each_by_itself() -> None:
    items = [{"name": f"资质证书编号{n}", "description": f"第{n}项资质的证书编号"} for n in (1, 2, 3)]
    assert places(items=items) == []
    alike = [item | {"description": "证书编号"} for item in items]
    assert places(items=alike) == ["/items/1/name"]


@pytest.mark.parametrize(
    "names", [("PM2.5", "PM10", "臭氧8"), ("2015", "2016", "2017"), ("电话1", "电话2"), ("一月", "二月")]
)
def test_digits_that_do_not_count_up_or_years_are_names(names: tuple[str, ...]) -> None:
    assert places(items=named(*names)) == []


@pytest.mark.parametrize("name", ["空余  泊位数", "空余　泊位数", "空余\n泊位数", "空余泊位数。", "空余泊位数、"])
def test_stray_spaces_and_punctuation_are_told(name: str) -> None:
    assert places(title=name, items=named(name)) == ["/title", "/items/0/name"]


@pytest.mark.parametrize("name", ["达标率%", "面积（平方米）", "PM2.5", "Area in m2", "A类/B类"])
def test_punctuation_that_belongs_to_a_name_is_none_of_our_business(name: str) -> None:
    assert places(items=named(name)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("企业名称", "企业 名称"), ("企业（法人）名称", "企业法人名称"), ("ＩＤ号", "id号"), ("产值、利润", "产值利润")],
)
def test_punctuation_space_and_width_make_no_other_name(one: str, other: str) -> None:
    assert plain(one) == plain(other)
    assert places(items=named(one, "别的", other)) == ["/items/2/name"]


@pytest.mark.parametrize(
    ("one", "other"), [("PM2.5", "PM25"), ("C++", "C"), ("1-2月", "12月"), ("甲", "乙"), ("+", "-")]
)
def test_what_tells_names_apart_is_kept(one: str, other: str) -> None:
    assert plain(one) != plain(other)


def test_what_is_listed_twice_is_told() -> None:
    twice = {"tags": ["doc_35_2005"] * 2, "formats": ["xml", "doc", "xml"], "related_codes": ["307001/1"] * 3}
    assert places(**twice) == ["/tags/1", "/formats/2", "/related_codes/1", "/related_codes/2"]
    extensions = [{"name": name, "value": "甲"} for name in ("网格编号", "网格 编号")]
    assert places(extensions=extensions) == ["/extensions/1/name"]


@pytest.mark.parametrize("text", ["不详填0", "未知的填写为“0”", "数据缺失时用0代替"])
def test_zero_for_unknown_is_told(text: str) -> None:
    assert places(abstract=text, items=[{"name": "甲", "description": text}]) == ["/abstract", "/items/0/description"]


@pytest.mark.parametrize("text", ["不详留空", "共100家", "0表示没有，1表示有"])
def test_a_zero_that_counts_is_a_number(text: str) -> None:
    assert places(abstract=text) == []


def sample() -> Iterable[dict[str, Any]]:
    return map(json.loads, SAMPLE.read_text(encoding="utf-8").splitlines())


def test_in_the_sample_slips_are_rare_so_that_they_are_read() -> None:
    found = [
        row for row in sample() if places(title=row["title"], items=named(*(item["name"] for item in row["items"])))
    ]
    assert 0 < len(found) < 110, [row["title"] for row in found]
