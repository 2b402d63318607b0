"""How alike two things are: measured on pairs of real entries that people labelled, and explained to a clerk.

tests/data/duplicate_pairs.jsonl: 来源:北京市公共数据开放平台; `duplicate` says what a reader of both entries decided.
"""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.names import core_of
from services.catalog.similarity import MOST, STRONG, WEAKEST, Likeness, Thing, in_common, pair_score, ranked
from services.shared.organisations import provider_of

ROOT = Path(__file__).parents[2]


class Row(NamedTuple):
    provider: str
    provider_in_summary: str
    archived: bool


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]


@cache
def entries() -> dict[str, Thing]:
    """Return the sample's entries by the ids that the pairs name."""
    return {row["id"]: thing_of(row) for row in lines("data/beijing_catalogue.jsonl")}


def thing_of(row: dict[str, Any]) -> Thing:
    owner = provider_of(Row(row["provider"], row["provider_in_summary"], row["archived"]))
    return Thing(row["title"], tuple(item["name"] for item in row["items"]), owner)


def judged() -> list[tuple[Likeness, bool]]:
    pairs = lines("tests/data/duplicate_pairs.jsonl")
    return [(pair_score(entries()[pair["a"]], entries()[pair["b"]]), bool(pair["duplicate"])) for pair in pairs]


def test_strong_finds_at_least_95_percent_of_the_duplicates_and_is_right_95_times_of_100() -> None:
    found = [(likeness.strong, duplicate) for likeness, duplicate in judged()]
    hits, strong, real = found.count((True, True)), sum(s for s, _ in found), sum(d for _, d in found)
    assert (len(found), real) == (63, 21)
    assert hits / strong >= 0.95
    assert hits / real >= 0.95


def test_the_threshold_stands_between_the_two_kinds_with_room_on_either_side() -> None:
    scores = judged()
    assert min(likeness.score for likeness, duplicate in scores if duplicate) >= STRONG
    assert max(likeness.score for likeness, duplicate in scores if not duplicate) <= STRONG - 3


def test_eleven_hundred_candidates_are_ranked_in_well_under_a_tenth_of_a_second() -> None:
    candidates = list(entries().values())
    assert len(candidates) == 1_100
    core_of.cache_clear()
    started = time.process_time()
    ranked(Thing("机动车停车场基本信息", ("车场名称", "总泊位数"), "transport_commission"), candidates)
    assert time.process_time() - started < 0.1


def test_every_entry_of_the_sample_finds_itself_first_or_something_just_as_like() -> None:
    candidates = list(entries().values())
    for place in range(0, len(candidates), 25):
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
        "名称相同(不计地区、年度和通用词) / the same name, but for region, year and generic words",
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


@given(one=things, other=things)
def test_a_score_is_a_percentage_the_same_both_ways_and_explains_itself(one: Thing, other: Thing) -> None:
    there, back = pair_score(one, other), pair_score(other, one)
    assert (there.score, there.strong) == (back.score, back.strong)
    assert 0 <= there.score <= 100
    assert there.strong == (there.score >= STRONG)
    assert all(" / " in reason for reason in there.reasons)
    assert there.reasons or not there.strong


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
