"""How well a thing answers what is asked: by title, by rare terms, by how much of the question it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.ranking import TOGETHER, Ranking, weights_of
from services.catalog.retrieval import Candidate, Plan, Wanted, Wording
from services.catalog.wording import LONGEST, terms

RARITY = {"公证": 6.0, "停车": 5.0, "泊位": 4.0, "车场": 3.0, "信息": 0.5}
TERMS = st.sampled_from(sorted(RARITY))
TEXTS = st.lists(TERMS | st.just(" "), max_size=6).map("".join)


def wording(*terms: str, least: int = 1, enough: int = 1, in_title: float = 2.5, in_rest: float = 1.0) -> Wording:
    return Wording(terms, least, enough, in_title, in_rest)


def wanted(*terms: str, incidental: bool = False) -> Wanted:
    return Wanted((wording(*terms),), incidental)


def score(plan: Plan, title: str = "", rest: str = "") -> float | None:
    return Ranking(plan, RARITY).score(title, rest)


def order(plan: Plan, *titles: str) -> list[int]:
    return Ranking(plan, RARITY).order([Candidate(title, "", b"") for title in titles])


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans as the product makes them: of each wording, from one to all of its terms say it."""
    weight = st.floats(0, 10)

    def a_wording() -> Wording:
        terms = draw(st.lists(TERMS, min_size=1, max_size=4, unique=True))
        least = draw(st.integers(1, len(terms)))
        return Wording(tuple(terms), least, draw(st.integers(least, len(terms))), draw(weight), draw(weight))

    def a_thing() -> Wanted:
        return Wanted(tuple(a_wording() for _ in range(draw(st.integers(1, 3)))), draw(st.booleans()))

    return Plan(tuple(a_thing() for _ in range(draw(st.integers(0, 4)))), draw(st.booleans()))


def test_a_title_counts_more_than_all_else_and_both_more_than_one() -> None:
    plan = Plan((wanted("公证"),))
    assert [score(plan, "公证处"), score(plan, "名录", "公证处"), score(plan, "公证处", "公证员")] == [15.0, 6.0, 21.0]


def test_a_rarer_term_counts_more_than_a_commoner_one() -> None:
    plan = Plan((wanted("公证", "信息"),))
    assert order(plan, "信息", "公证", "公证信息") == [2, 1, 0]


def test_saying_both_things_goes_before_saying_one_however_well() -> None:
    plan = Plan((wanted("公证"), wanted("泊位")))
    both, one = score(plan, "", "公证\n泊位"), score(plan, "公证", "公证")
    assert both == 6.0 + 4.0 + TOGETHER
    assert one == 21.0


def test_of_many_names_of_one_thing_the_best_counts_and_not_their_number() -> None:
    names = Wanted((wording("公证"), wording("停车"), wording("泊位")))
    assert score(Plan((names,)), "公证停车泊位") == score(Plan((wanted("公证"),)), "公证停车泊位")


def test_a_wording_counts_in_a_title_that_has_the_least_of_its_terms() -> None:
    plan = Plan((Wanted((wording("停车", "车场", "泊位", least=2),)),))
    assert score(plan, "停车") == 0
    assert score(plan, "停车场") == 2.5 * (5.0 + 3.0)


def test_what_says_too_little_of_a_thing_is_not_found_unless_any_term_is_enough() -> None:
    thing = Wanted((wording("停车", "车场", "泊位", enough=2),))
    assert score(Plan((thing,)), "停车") is None
    assert score(Plan((thing,)), "停车", "泊位") is not None
    assert score(Plan((thing,), loose=True), "停车") is not None


@pytest.mark.parametrize("title", ["", "博物馆", "公 证"])
def test_what_says_nothing_of_the_question_is_not_found(title: str) -> None:
    assert score(Plan((wanted("公证"), wanted("停车"))), title, "历史") is None


def test_an_incidental_word_finds_nothing_beside_another_and_counts_where_something_is_found() -> None:
    plan = Plan((wanted("公证"), wanted("信息", incidental=True)))
    assert order(plan, "信息", "公证", "公证信息") == [2, 1]


def test_an_incidental_word_finds_something_when_it_is_all_that_is_asked() -> None:
    assert order(Plan((wanted("信息", incidental=True),)), "公证", "信息") == [1]


@pytest.mark.parametrize(
    ("term", "title", "says_it"),
    [
        ("id", "video", False),
        ("id", "id 证", True),
        ("id", "证id证", True),
        ("涨", "物价上涨", False),
        ("涨", "物价 涨", True),
        ("物价", "上物价涨", True),
        ("a" * LONGEST, "a" * 60, True),
    ],
)
def test_a_text_says_the_terms_that_an_index_has_of_it_and_no_part_of_one(term: str, title: str, says_it: bool) -> None:
    assert (term in terms(title)) == says_it
    ranking = Ranking(Plan((wanted(term),)), {term: 1.0})
    assert [ranking.score(*texts) is not None for texts in ((title, ""), ("", title))] == [says_it] * 2


def test_what_is_as_good_stays_as_it_came() -> None:
    assert order(Plan((wanted("公证"),)), "公证一", "别的", "公证二", "公证", "另外") == [0, 2, 3]


def test_a_term_that_nothing_has_counts_for_nothing() -> None:
    assert score(Plan((wanted("公证", "未见"),)), "公证未见") == 15.0
    assert score(Plan((wanted("未见"),)), "未见") is None


def test_each_term_is_looked_up_by_the_greatest_weight_that_a_wording_gives_it() -> None:
    low, high = wording("公证", "泊位", in_rest=0.3), wording("公证", in_rest=0.9)
    assert weights_of(Plan((Wanted((low,)), Wanted((high,))))) == {"公证": 0.9, "泊位": 0.3}


def test_where_nothing_is_wanted_nothing_is_looked_up_or_found() -> None:
    assert weights_of(Plan(())) == {}
    assert score(Plan(()), "公证") is None


@given(plans(), TEXTS, TEXTS)
def test_no_score_is_negative(plan: Plan, title: str, rest: str) -> None:
    worth = score(plan, title, rest)
    assert worth is None or worth >= 0


@given(plans(), TEXTS, TEXTS)
def test_who_says_more_in_the_text_never_scores_less(plan: Plan, title: str, rest: str) -> None:
    less, more = score(plan, title, ""), score(plan, title, rest)
    assert less is None or (more is not None and more >= less)


@given(plans(), st.lists(TEXTS, max_size=12))
def test_an_order_names_each_thing_that_is_found_once_the_best_first(plan: Plan, titles: list[str]) -> None:
    scores = [score(plan, title) for title in titles]
    found = [place for place, worth in enumerate(scores) if worth is not None]
    assert order(plan, *titles) == sorted(found, key=lambda place: -(scores[place] or 0))
