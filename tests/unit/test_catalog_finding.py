"""What a search finds on the real sample: how good it is, the same in any script, page by page, whatever is typed.

tests/data/search_queries.jsonl and search_queries_unseen.jsonl: 来源:北京市公共数据开放平台; a reader of the entries
said what is relevant to each query, and nothing was fitted to the unseen ones.
"""

import random
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from services.catalog.findable import Findable
from services.catalog.finding import FEW, Found, Place, Question, find
from services.catalog.indexed import facets_of
from services.catalog.retrieval import Facet, Filters
from services.catalog.tantivy_index import TantivyIndex, build
from tools.govshare.evaluating import Query, Row, evaluate_search, findable, read

ROOT = Path(__file__).parents[2]
SAMPLE, QUERIES = ROOT / "data" / "beijing_catalogue.jsonl", ROOT / "tests" / "data" / "search_queries.jsonl"
UNSEEN = QUERIES.with_name("search_queries_unseen.jsonl")
JUDGED = [query.query for file in (QUERIES, UNSEEN) for query in read(file, Query)]
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
SIGNS = [*'+-*?~^"()[]{}:\\/&|!\n\x00\u202e😀的', *[" AND ", " OR ", " NOT ", "公证", "停车场", "信息", "北京"]]
LONG_TEXTS = st.builds(lambda text, times: (text * times)[:10_000], st.text(max_size=60), st.integers(1, 400))
TYPED = LONG_TEXTS | st.lists(st.sampled_from(SIGNS)).map("".join)
ALL = 2_000  # more than the sample has entries


@cache
def rows() -> list[Findable]:
    return [findable(row) for row in read(SAMPLE, Row)]


def an_index(folder: Path, of: Sequence[Findable]) -> TantivyIndex:
    build(of, folder)
    return TantivyIndex(folder)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> TantivyIndex:
    """The index of the sample."""
    return an_index(tmp_path_factory.mktemp("index"), rows())


def found(engine: TantivyIndex, text: str, filters: Filters = (), most: int = 20) -> Found:
    return find(engine, Question(text, filters, most=most, facets=tuple(Facet)))


def ids(engine: TantivyIndex, text: str, filters: Filters = (), most: int = 20) -> list[str]:
    return [row.id for row in found(engine, text, filters, most).things]


def page_by_page(engine: TantivyIndex, text: str, most: int) -> list[str]:
    """Return what all pages of a search show, asking for each as the one before it says."""
    page = find(engine, Question(text, most=most))
    shown = [row.id for row in page.things]
    while page.next and len(shown) < ALL:
        page = find(engine, Question(text, start=page.next, loose=page.plan.loose, most=most))
        shown += [row.id for row in page.things]
    return shown


def test_judged_queries_find_what_answers_them_and_early() -> None:
    judged, unseen = evaluate_search(SAMPLE, QUERIES).overall, evaluate_search(SAMPLE, UNSEEN)
    assert (judged.queries, unseen.overall.queries) == (80, 80)
    assert judged.recall_at_10 >= 0.85
    assert judged.mrr >= 0.85
    assert unseen.overall.recall_at_10 >= 0.80
    assert unseen.overall.mrr >= 0.85
    assert unseen.overall.ndcg_at_10 >= 0.78
    assert unseen.by_type["synonym"].recall_at_10 >= 0.70


def test_a_need_in_a_sentence_finds_what_it_is_about_first(engine: TantivyIndex) -> None:
    first = found(engine, "我想建一个全市公证机构的库").things
    assert ["公证" in row.title for row in first[:4]] == [True] * 4


@pytest.mark.parametrize(
    ("spoken", "official"), [("身份证", "居民身份证"), ("户口本", "居民户口簿"), ("驾照", "机动车驾驶证")]
)
def test_spoken_and_official_names_find_the_same_first(engine: TantivyIndex, spoken: str, official: str) -> None:
    assert ids(engine, spoken)[:3] == ids(engine, official)[:3] != []


def test_the_short_name_of_a_body_finds_its_entries(engine: TantivyIndex) -> None:
    own = {row.id for row in rows() if row.unit == "personnel_bureau"}
    assert own
    assert own <= set(ids(engine, "市人社局", most=ALL))
    assert len(own.intersection(ids(engine, "市人社局", most=10))) >= 5


def test_traditional_full_width_and_capital_characters_find_exactly_the_same(engine: TantivyIndex) -> None:
    traditional = OpenCC("s2t")
    for text in JUDGED:
        plain = found(engine, text)
        assert found(engine, traditional.convert(text)) == plain
        assert found(engine, text.translate(FULL_WIDTH)) == found(engine, text.upper()) == plain


@pytest.mark.parametrize("text", ["", "公证", "图书馆", "市人社局", "户口本", "学校 海淀区", "信息", "zzzz"])
@pytest.mark.parametrize("most", [1, 7, 24, 100])
def test_all_pages_together_are_the_whole_search_and_show_nothing_twice(
    engine: TantivyIndex, text: str, most: int
) -> None:
    whole = ids(engine, text, most=ALL)
    assert len(whole) == len(set(whole))
    assert page_by_page(engine, text, most) == whole


@pytest.mark.parametrize("text", ["", "公证", "停车场", "身份证", "养老机构", "电梯"])
def test_counts_are_those_of_all_that_is_found(engine: TantivyIndex, text: str) -> None:
    whole = found(engine, text, most=ALL)
    assert whole.total == len(whole.things) > 0
    for facet, counted in whole.counts.items():
        by_hand = Counter(value for row in whole.things for value in facets_of(row).get(facet, ()))
        assert sorted(counted.values()) == sorted(n for _, n in by_hand.most_common(50))
        assert counted.items() <= by_hand.items()


@pytest.mark.parametrize("facet", [Facet.KIND, Facet.PROVIDER, Facet.DISTRICT, Facet.THEME, Facet.FORMAT])
def test_a_filter_leaves_what_has_the_value_and_as_much_as_was_counted(engine: TantivyIndex, facet: Facet) -> None:
    for value, count in list(found(engine, "停车场").counts[facet].items())[:5]:
        narrowed = find(engine, Question("停车场", ((facet, (value,)),), loose=False))
        assert all(value in facets_of(row)[facet] for row in narrowed.things)
        assert len(narrowed.things) == count


def test_two_values_of_a_facet_are_either_and_two_facets_are_both(engine: TantivyIndex) -> None:
    districts = (Facet.DISTRICT, ("110108", "110105"))
    either = found(engine, "", (districts,), most=ALL)
    assert {district for row in either.things for district in row.districts} >= {"110108", "110105"}
    both = found(engine, "", (districts, (Facet.FORMAT, ("csv",))), most=ALL)
    assert {row.id for row in both.things} == {row.id for row in either.things if "csv" in row.formats}
    assert found(engine, "公证", ((Facet.THEME, ("\x00",)), districts)).things == []


def test_a_search_is_loose_when_next_to_nothing_says_what_was_asked_and_only_then(engine: TantivyIndex) -> None:
    strict = {text: find(engine, Question(text, loose=False, most=FEW)) for text in JUDGED}
    scarce = [text for text, page in strict.items() if len(page.things) < FEW]
    assert [text for text in strict if found(engine, text).plan.loose] == scarce
    assert 0 < len(scarce) < len(JUDGED)


def test_where_nothing_is_asked_everything_is_found_and_nothing_where_only_signs_are(engine: TantivyIndex) -> None:
    assert ids(engine, " \u3000", most=ALL) == sorted((row.id for row in rows()), reverse=True)
    assert (found(engine, "+-*?").things, found(engine, "+-*?").total) == ((), 0)


@pytest.mark.parametrize("text", ["", "公证", "+", "zzzz"])
def test_an_empty_catalogue_finds_nothing(tmp_path: Path, text: str) -> None:
    nothing = found(an_index(tmp_path, []), text)
    assert (list(nothing.things), nothing.next, nothing.total) == ([], None, 0)
    assert nothing.counts == {facet: {} for facet in Facet}


@given(TYPED, st.integers(0, 30_000), st.integers(0, 30))
def test_whatever_is_typed_is_answered(engine: TantivyIndex, text: str, candidate: int, place: int) -> None:
    page = found(engine, text)
    assert len({row.id for row in page.things}) == len(page.things) <= 20
    assert len(find(engine, Question(text, start=Place(candidate, place), loose=page.plan.loose)).things) <= 20
    assert found(engine, "公证", ((Facet.THEME, (text,)),)).total is not None


def test_the_same_rows_in_any_order_give_the_same_answers(
    engine: TantivyIndex, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shuffled = random.Random(7).sample(rows(), len(rows()))  # noqa: S311 - any order will do
    others = [an_index(tmp_path_factory.mktemp("other"), of) for of in (rows(), shuffled)]
    for text in JUDGED:
        assert found(others[0], text) == found(others[1], text) == found(engine, text)


def test_the_whole_sample_lies_in_one_segment(tmp_path: Path) -> None:
    assert build(rows(), tmp_path, version=7) == len(rows()) == 1_100
    assert tantivy.Index.open(str(tmp_path)).searcher().num_segments == 1
    assert TantivyIndex(tmp_path).version == 7
    assert [row.id for row in TantivyIndex(tmp_path).rows()] == sorted((row.id for row in rows()), reverse=True)
