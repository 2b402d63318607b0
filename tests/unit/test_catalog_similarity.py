"""How alike two things are: measured on pairs of real entries that people labelled, and explained to a clerk.

tests/data/duplicate_pairs.jsonl: 来源:北京市公共数据开放平台; `duplicate` says what a reader of both entries decided.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.catalog.likeness import DUPLICATES, Likeness, Thing, Verdict
from services.catalog.names import core_of
from services.catalog.partners import thing_of
from services.catalog.similarity import MOST, STRONG, WEAKEST, in_common, pair_score, ranked
from tools.govshare.evaluating import Row, findable, read

ROOT = Path(__file__).parents[2]
FIXED_ON = "tests/data/duplicate_pairs.jsonl"


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]


@cache
def entries() -> dict[str, Thing]:
    """Return the sample's entries by the ids that the pairs name."""
    return {row.id: thing_of(findable(row)) for row in read(ROOT / "data/beijing_catalogue.jsonl", Row)}


def judged(path: str) -> list[tuple[Likeness, bool]]:
    return [(pair_score(entries()[pair["a"]], entries()[pair["b"]]), bool(pair["duplicate"])) for pair in lines(path)]


def measured(judgements: Sequence[tuple[Likeness, bool]]) -> tuple[float, float]:
    """Return precision and recall."""
    found = [(likeness.strong, duplicate) for likeness, duplicate in judgements]
    hits = found.count((True, True))
    return hits / sum(strong for strong, _ in found), hits / sum(real for _, real in found)


def test_on_the_pairs_that_fixed_the_threshold_it_is_right_95_times_of_100_and_misses_none() -> None:
    judgements = judged(FIXED_ON)
    assert (len(judgements), sum(duplicate for _, duplicate in judgements)) == (63, 21)
    precision, recall = measured(judgements)
    assert precision >= 0.95
    assert recall == 1


def test_on_other_pairs_it_is_right_and_complete_nine_times_of_ten() -> None:
    precision, recall = measured(judged("tests/data/duplicate_pairs_more.jsonl"))
    assert precision >= 0.9
    assert recall >= 0.9


def test_the_threshold_stands_below_every_duplicate_and_above_all_others_but_one() -> None:
    scores = judged(FIXED_ON)
    assert min(likeness.score for likeness, duplicate in scores if duplicate) >= STRONG + 5
    others = sorted(likeness.score for likeness, duplicate in scores if not duplicate)
    assert others[-2] <= STRONG - 5  # the last are two tables of one body that their names do not tell apart


def test_every_entry_of_the_sample_finds_itself_first_or_something_just_as_like() -> None:
    candidates = list(entries().values())
    for place in range(0, len(candidates), 100):
        first = ranked(candidates[place], candidates)[0]
        assert first.likeness.strong, candidates[place]
        assert first.likeness.score >= pair_score(candidates[place], candidates[place]).score


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2023年北京市科协金桥工程种子资金支持项目名单", "科协金桥工程种子资金支持项目"),
        ("停车场信息", "停车场数据库"),
        ("密云区律师执业信息", "律师执业信息"),
        ("ＡＢＣ企业(名录)", "abc企业名录"),
    ],
)
def test_region_year_width_and_generic_words_make_no_difference(one: str, other: str) -> None:
    assert core_of(one).text == core_of(other).text


def test_a_name_that_is_nothing_but_generic_is_still_compared() -> None:
    assert core_of("数据库").text != ""
    assert core_of("北京市").text != ""
    assert pair_score(Thing("北京市"), Thing("北京市")).strong


def test_two_districts_have_two_of_a_kind_and_the_city_has_both() -> None:
    pinggu, miyun, city = (Thing(f"{where}排水许可证核发") for where in ("平谷区", "密云区", "北京市"))
    assert not pair_score(pinggu, miyun).strong
    assert "地区不同 / of another area" in pair_score(pinggu, miyun).reasons
    assert pair_score(pinggu, city).strong
    assert pair_score(city, miyun).strong


def test_areas_that_are_said_count_more_than_those_in_the_title() -> None:
    named = Thing("停车场", areas=("110107",))
    assert not pair_score(named, Thing("停车场", areas=("110108",))).strong
    assert pair_score(named, Thing("停车场", areas=("110000",))).strong
    assert not pair_score(named, Thing("停车场", provider="110108")).strong


def test_what_every_body_has_of_its_own_is_a_duplicate_at_the_same_body_alone() -> None:
    one, other = (Thing("一般公共预算支出表", provider=code) for code in ("drc", "finance_bureau"))
    assert not pair_score(one, other).strong
    assert pair_score(one, one).strong


def test_reasons_name_what_is_common_in_both_languages() -> None:
    one = Thing("停车场信息", ("车场名称", "总泊位数", "地址"), basic_class="legal_entity")
    other = Thing("停车场名录", ("总泊位数", "车场 名称"), basic_class="legal_entity")
    assert pair_score(one, other).reasons == (
        "名称相同(不计地区、时间和通用词) / the same name, but for place, time and generic words",
        "共有数据项(2/3, 2/2):车场名称、总泊位数 / data items in common (2/3, 2/2)",
        "同一类基础信息 / of the same class of basic information",
    )


def test_another_class_of_basic_information_is_another_thing() -> None:
    one, other = (Thing("登记信息", basic_class=code) for code in ("legal_entity", "population"))
    assert not pair_score(one, other).strong


def test_in_common_looks_through_spaces_signs_and_widths() -> None:
    assert in_common(("车场 ID", "名称"), ("车场ＩＤ", "地址")) == ["车场 ID"]


titles = st.text(alphabet="停车场泊位信息名单市区北京密云2023年(）、 A", max_size=12)
things = st.builds(Thing, titles, st.lists(titles, max_size=4).map(tuple), st.sampled_from(["", "drc", "110107"]))


@example(one=Thing("", ("0", "2")), other=Thing("", ("0", "00")))  # as many items each, alike one way more than back
@given(one=things, other=things)
def test_a_score_is_a_percentage_the_same_both_ways_and_explains_itself(one: Thing, other: Thing) -> None:
    there, back = pair_score(one, other), pair_score(other, one)
    assert (there.score, there.strong) == (back.score, back.strong)
    assert 0 <= there.score <= 100
    assert there.strong == (there.score >= STRONG) == (there.verdict in DUPLICATES)
    assert there.reasons
    assert all(" / " in reason for reason in there.reasons)


@given(subject=things, candidates=st.lists(things, max_size=30))
def test_a_ranking_is_what_is_like_enough_best_first(subject: Thing, candidates: list[Thing]) -> None:
    found = ranked(subject, candidates)
    scores = [match.likeness.score for match in found]
    assert scores == sorted(scores, reverse=True)
    assert len(found) <= MOST
    assert all(score >= WEAKEST for score in scores)
    assert [pair_score(subject, candidates[match.place]) for match in found] == [match.likeness for match in found]
    strong = sum(pair_score(subject, one).strong for one in candidates)
    assert sum(match.likeness.strong for match in found) == min(strong, MOST)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ("停车场信息", "停车场名录", Verdict.SAME),
        ("药品零售企业许可证信息", "药品零售企业证件信息", Verdict.SAME),
        ("城管执法局行政处罚职权清单", "城市管理综合行政执法局行政处罚职权清单", Verdict.SAME),
        ("北京市律师执业信息", "密云区律师执业信息", Verdict.CONTAINS),
        ("2022年度文化设施名单", "2023年度文化设施名单", Verdict.OTHER_PERIOD),
        ("公办幼儿园信息", "民办幼儿园信息", Verdict.RELATED),
        ("平谷区城市排水许可证核发", "密云区城市排水许可证核发", Verdict.RELATED),
        ("民政局行政许可", "财政局行政许可", Verdict.RELATED),
        ("房地产经纪机构信息", "房地产经纪人员信息", Verdict.RELATED),
        ("公证处", "能源消费总量", Verdict.DIFFERENT),
    ],
)
def test_a_verdict_says_what_two_things_are_to_each_other(one: str, other: str, verdict: Verdict) -> None:
    items = ("名称", "地址", "电话")
    assert pair_score(Thing(one, items, "drc"), Thing(other, items, "drc")).verdict is verdict


def test_what_the_city_itself_keeps_holds_no_districts_own() -> None:
    items = ("单位名称", "单位地址")
    kept, own = (
        Thing("市级体育类民办非企业统计表", items, "sports_bureau"),
        Thing("体育类民办非企业统计表", items, "110117"),
    )
    assert pair_score(kept, own).verdict is Verdict.RELATED
    assert pair_score(kept._replace(title="体育类民办非企业统计表"), own).verdict is Verdict.CONTAINS


def test_what_nobody_is_known_to_have_is_compared_by_what_its_name_says() -> None:
    named = Thing("怀柔区园林绿化局行政处罚结果公示", (), "110116")
    assert pair_score(named, Thing("怀柔区园林绿化局行政处罚结果公示")).strong
    assert not pair_score(Thing("行政处罚结果公示", (), "110116"), Thing("行政处罚结果公示")).strong


def test_items_that_only_say_that_there_is_a_file_say_nothing() -> None:
    one = Thing("街道文化设施名单", ("名称", "地址"), "drc")
    assert pair_score(one, Thing("文化设施名单", ("1个文本",), "drc")) == pair_score(
        one, Thing("文化设施名单", (), "drc")
    )
