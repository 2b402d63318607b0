"""Where a found thing says what was asked for: places in its texts as they are shown, for a page to mark."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.asking import asked
from services.catalog.findable import Findable
from services.catalog.highlights import AROUND, LONGEST, MOST_ITEMS, Highlight, highlights_of
from services.catalog.wording import terms

PARTS = [*'<>"& …𠮷😀㎡㍿', *["公证", "公證處", "停车场", "停車場", "名单", "ＰＭ２．５", "pm2.5", "ID", "ﬁre", "<b>"]]
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=12).map("".join)
HOSTILE = [
    "<b>公证</b>",
    '"公证"\'',
    "<script>alert('公证')</script>",
    "&lt;公证&gt;",
    "[[公证]]{{1+1}}",
    "\x00公证\u202e",
]


def a_row(title: str = "", abstract: str = "", items: tuple[str, ...] = ()) -> Findable:
    return Findable("resource", "r-1", title, "drc", "北京市发展和改革委员会", "2026-11-23", abstract, items)


def shown(question: str, **said: str | tuple[str, ...]) -> list[Highlight]:
    return list(highlights_of(a_row(**said), asked(question)))  # type: ignore[arg-type]  # each as its field wants it


def marked(highlight: Highlight) -> list[str]:
    return [highlight.text[start:end] for start, end in highlight.marks]


def in_title(question: str, title: str) -> list[str]:
    return marked(shown(question, title=title)[0])


def test_the_title_is_always_shown_and_the_rest_where_it_says_something() -> None:
    title, item, abstract = shown("公证", title="名录", items=("序号", "公证处名称"), abstract="全市公证处")
    assert [each.field for each in (title, item, abstract)] == ["title", "items", "abstract"]
    assert (title.text, title.marks) == ("名录", ())
    assert (item.text, marked(item)) == ("公证处名称", ["公证处"])
    assert (abstract.text, marked(abstract)) == ("全市公证处", ["公证处"])
    assert [each.field for each in shown("博物馆", title="名录", items=("序号",), abstract="全市公证处")] == ["title"]


@pytest.mark.parametrize(
    ("question", "title", "expected"),
    [
        ("公证", "公证处名录", ["公证处"]),
        ("停车场 公证", "公证处的停车场", ["公证处", "停车场"]),
        ("身份证", "居民身份证受理网点", ["居民身份证"]),
        ("身份证", "居民消费水平", []),
        ("我想找公证机构", "我想找公证机构", ["公证机构"]),
        ("公证 名单", "公证处名单", ["公证处"]),
        ("名单", "公证处名单", ["名单"]),
        ("id", "公证 ID 12", ["ID"]),
    ],
)
def test_what_is_marked_says_what_was_asked_by_any_of_its_names(question: str, title: str, expected: list[str]) -> None:
    assert in_title(question, title) == expected


@pytest.mark.parametrize(
    ("question", "title", "expected"),
    [
        ("公证", "公證處", ["公證處"]),
        ("公證", "公证处", ["公证处"]),
        ("govshare", "ＧｏｖＳｈａｒｅ公证", ["ＧｏｖＳｈａｒｅ"]),
        ("公证", "ﬁ 公证处", ["公证处"]),
        ("fire", "公证 ﬁre", ["ﬁre"]),
        ("公证", "㍿㎡公证处㎡", ["公证处"]),
        ("公证", "𠮷😀公证处", ["公证处"]),
        ("m2", "面积 ㎡", ["㎡"]),
        ("公证", "ｶﾞ公证㎡", ["公证"]),
        ("公证", "e\u0301公证ﬁ", ["公证"]),
        ("乾隆", "ﬁ乾隆", ["乾隆"]),
    ],
)
def test_places_are_of_the_text_as_it_is_shown_whatever_its_script_and_width(
    question: str, title: str, expected: list[str]
) -> None:
    assert in_title(question, title) == expected


def test_of_the_items_the_first_five_that_say_something_are_shown() -> None:
    names = tuple(f"公证{number}" for number in range(9))
    found = shown("公证", items=("序号", *names))
    assert [each.text for each in found if each.field == "items"] == list(names[:MOST_ITEMS])


def test_a_long_abstract_is_cut_around_the_first_place() -> None:
    part = shown("公证", abstract="甲" * 200 + "公证" + "乙" * 200)[-1]
    assert part.text == "…" + "甲" * AROUND + "公证" + "乙" * (LONGEST - AROUND - 2) + "…"
    assert part.marks == ((AROUND + 1, AROUND + 3),)


def test_an_abstract_that_begins_or_ends_with_the_place_is_not_cut_there() -> None:
    assert shown("公证", abstract="公证" + "乙" * 20)[-1].text == "公证" + "乙" * 20
    assert shown("公证", abstract="公证" + "乙" * 200)[-1].text == "公证" + "乙" * (LONGEST - 2) + "…"
    assert shown("公证", abstract="甲" * 200 + "公证")[-1].text == "…" + "甲" * AROUND + "公证"


def test_a_place_over_the_end_of_the_cut_is_cut_with_it() -> None:
    part = shown("公证", abstract="公证" + "乙" * (LONGEST - 3) + "公证")[-1]
    assert marked(part) == ["公证", "公"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_returned_as_it_is_and_never_marked_up(text: str) -> None:
    title, item, abstract = shown("公证", title=text, items=(text,), abstract=text)
    assert title.text == item.text == abstract.text == text
    assert marked(title) == marked(item) == marked(abstract) == ["公证"]


@given(TEXTS, TEXTS, TEXTS)
def test_marks_lie_in_the_text_in_order_and_apart(question: str, title: str, abstract: str) -> None:
    for each in shown(question, title=title, items=(title,), abstract=abstract):
        assert all(0 <= start < end <= len(each.text) for start, end in each.marks)
        assert all(before[1] < after[0] for before, after in pairwise(each.marks))


@given(TEXTS, TEXTS)
def test_what_is_shown_of_a_text_is_the_text(title: str, abstract: str) -> None:
    found = shown("公证 停车场 名单", title=title, abstract=abstract)
    assert found[0].text == title
    for part in found[1:]:
        assert part.text.removeprefix("…").removesuffix("…") in abstract
        assert len(part.text) <= LONGEST + 2


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_every_mark_holds_a_term_that_was_asked_for(title: str) -> None:
    looked_for = {term for each in asked("公证 停车场").wanted for said in each.wordings for term in said.terms}
    for part in in_title("公证 停车场", title):
        assert looked_for.intersection(terms(part))
