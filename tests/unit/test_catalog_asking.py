"""What a typed text asks for: things by all their names, and nothing by the words and signs around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.asking import LONGEST, MOST_WANTED, asked, terms_of
from services.catalog.retrieval import Plan, Wanted
from services.catalog.wording import plain

OPERATORS = [*'+-*?~^"()[]{}:\\/!', "&&", "||", "AND", "OR"]
LONG_TEXTS = st.builds(lambda text, times: (text * times)[:10_000], st.text(max_size=60), st.integers(1, 400))


def ways(wanted: Wanted) -> set[str]:
    """Return every way in which a thing is looked for, as its terms."""
    return {" ".join(wording.terms) for wording in wanted.wordings}


def things(text: str) -> list[set[str]]:
    return [ways(wanted) for wanted in asked(text).wanted]


def ways_of(*names: str) -> set[str]:
    return {" ".join(terms_of(name)) for name in names}


@pytest.mark.parametrize(
    ("spoken", "official"),
    [
        ("身份证", "居民身份证"),
        ("户口本", "居民户口簿"),
        ("驾照", "机动车驾驶证"),
        ("人社局", "北京市人力资源和社会保障局"),
    ],
)
def test_a_spoken_name_asks_for_all_that_the_official_name_asks_for(spoken: str, official: str) -> None:
    assert things(spoken) == things(official)
    assert things(spoken)[0] >= ways_of(spoken, official)


def test_the_kinds_of_a_thing_are_asked_for_too_and_weigh_less() -> None:
    (school,) = asked("学校").wanted
    worth = {" ".join(wording.terms): wording.in_title for wording in school.wordings}
    assert worth["学校"] > worth["幼儿 儿园"] > 0


@pytest.mark.parametrize(
    "text", ["我想建一个全市公证机构", "请问哪里有公证机构吗", "where can I find 公证机构", "公证机构的"]
)
def test_words_that_frame_a_question_are_not_asked_for(text: str) -> None:
    assert things("公证机构")[0] in things(text)
    assert {"我想", "请问", "where", "find", "的", "全市"}.isdisjoint(set().union(*things(text)))


@pytest.mark.parametrize(
    ("text", "terms"), [("我想了解", "我想 想了 了解"), ("AND", "and"), ("的", "的"), ("哪里?", "哪里")]
)
def test_words_that_frame_a_question_are_the_question_when_they_are_all_there_is(text: str, terms: str) -> None:
    assert things(text) == [{terms}]


@pytest.mark.parametrize("word", ["信息", "数据", "名单", "目录", "登记"])
def test_a_generic_word_is_incidental_and_the_question_when_it_is_all_there_is(word: str) -> None:
    beside = asked(f"公证 {word}")
    assert [wanted.incidental for wanted in beside.wanted] == [False, True]
    assert beside.decisive == beside.wanted[:1]
    assert asked(word).decisive == asked(word).wanted != ()


def test_what_no_name_covers_counts_by_its_pairs_most_of_which_say_it() -> None:
    (unknown,) = asked("量子纠缠态").wanted
    (wording,) = unknown.wordings
    assert (wording.terms, wording.enough) == (("量子", "子纠", "纠缠", "缠态"), 3)
    assert wording.in_title > wording.in_rest > 0


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_between_words_is_no_syntax(operator: str) -> None:
    assert asked(f"公证机构 {operator} 停车场") == asked("公证机构 停车场")
    assert asked(f"{operator} 公证机构 {operator}") == asked("公证机构")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("公证机构 NOT 停车场", "公证机构 not 停车场"),
        ("title:公证机构", "title 公证机构"),
        ("+公证机构 -停车场", "公证机构 停车场"),
        ('"公证机构"~2 OR (停车场)^5', "公证机构 2 停车场 5"),
        ("公证机构* 停车场?", "公证机构 停车场"),
        ("[a1 TO z9]", "a1 z9"),
        ("公证机构\\", "公证机构"),
        ("/公证机构/", "公证机构"),
    ],
)
def test_what_is_syntax_elsewhere_is_words_here(text: str, words: str) -> None:
    assert asked(text) == asked(words)


@pytest.mark.parametrize("text", ["", "   ", "\u3000", "+-*?", "\x00\x1f", "😀", "。、"])
def test_signs_alone_ask_for_nothing(text: str) -> None:
    assert asked(text) == Plan(())


def test_at_most_48_things_are_asked_for_and_those_are_the_first() -> None:
    many = asked(" ".join(f"w{number}" for number in range(100)))
    assert [ways(wanted) for wanted in many.wanted] == [{f"w{number}"} for number in range(MOST_WANTED)]
    assert MOST_WANTED == 48


def test_of_10_000_characters_the_first_500_count() -> None:
    beginning = ("公证机构 " * LONGEST)[:LONGEST]
    assert asked(beginning + "停车场" * 3_000) == asked(beginning)
    assert LONGEST == 500


def test_what_is_said_twice_is_asked_for_once() -> None:
    assert asked("公证机构 公证机构 公证机构") == asked("公证机构")


@given(LONG_TEXTS)
def test_whatever_is_typed_every_wording_can_be_said_and_weighs_something(text: str) -> None:
    plan = asked(text)
    assert len(plan.wanted) <= MOST_WANTED
    assert not plan.loose
    for wording in (wording for wanted in plan.wanted for wording in wanted.wordings):
        assert 1 <= wording.least <= wording.enough <= len(wording.terms) == len(set(wording.terms))
        assert min(wording.in_title, wording.in_rest) > 0


@given(st.text(max_size=400).filter(lambda text: plain(plain(text)) == plain(text)))
def test_a_text_asks_for_what_its_plain_form_asks_for(text: str) -> None:
    if len(plain(text)) <= LONGEST:
        assert asked(text) == asked(plain(text))
