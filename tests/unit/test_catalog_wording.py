"""How a text becomes terms: pairs of Chinese characters, Latin and digit runs whole; width, case and script alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.wording import LONGEST, plain, plain_terms, terms

# OpenCC's table simplifies this one twice: 薴 to 苧, and 苧 to 苎. Nothing else in Unicode is so.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="薴"))
NOTHING = st.text(st.characters(categories=["Cc", "Cf"]) | st.characters(min_codepoint=0x1F300, max_codepoint=0x1FAFF))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("公证", ["公证"]),
        ("公证机构", ["公证", "证机", "机构"]),
        ("公证公证", ["公证", "证公", "公证"]),
        ("停车场 泊位", ["停车", "车场", "泊位"]),
        ("停车场、泊位", ["停车", "车场", "泊位"]),
    ],
)
def test_chinese_characters_count_in_pairs_and_no_pair_goes_over_what_stands_between(
    text: str, expected: list[str]
) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GovShare 2021", ["govshare", "2021"]),
        ("A4纸5月", ["a4", "纸", "5", "月"]),
        ("24小时数据", ["24", "小时", "时数", "数据"]),
        ("PM2.5", ["pm2", "5"]),
        ("file_name", ["file", "name"]),
        ("Größe", ["grösse"]),
        ("данные", ["данные"]),
    ],
)
def test_letters_and_digits_count_by_whole_runs(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("水", ["水"]), ("水 电", ["水", "电"]), ("〇", ["〇"]), ("a水", ["a", "水"])]
)
def test_a_character_that_stands_alone_is_a_term(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("GOVSHARE", "govshare"),
        ("學校圖書館", "学校图书馆"),
        ("檔案館 ＩＤ", "档案馆 id"),
        ("㎡", "m2"),
        ("ﬁle", "file"),
        ("ﾃﾞｰﾀ", "データ"),
        ("豈", "岂"),
        ("乾隆", "乾隆"),
    ],
)
def test_width_case_and_traditional_characters_make_no_other_terms(one: str, other: str) -> None:
    assert plain(one) == other
    assert terms(one) == terms(other) != []


@pytest.mark.parametrize("text", ["𠮷野家", "㐀㐁䶵", "𪚥𪚥𪚥", "\U00030000\U00030001\U00030002"])
def test_characters_of_the_rare_planes_count_in_pairs_as_all_others(text: str) -> None:
    assert terms(text) == [text[0:2], text[1:3]]


@pytest.mark.parametrize(
    "text", ["", " \t\n", "\x00\x1b\x7f", "\u200b\u202e\ufeff", "😀👩‍👩‍👧🏽", "、。!?", "<>\"'&;", "___"]
)
def test_signs_say_nothing(text: str) -> None:
    assert terms(text) == []


@given(NOTHING)
def test_control_characters_and_pictures_give_nothing(text: str) -> None:
    assert terms(text) == []


def test_a_long_run_of_letters_is_cut_and_a_long_run_of_chinese_is_not() -> None:
    assert terms("x" * 10_000) == ["x" * LONGEST]
    assert terms("1" * LONGEST) == ["1" * LONGEST]
    assert len(terms("政务" * 5_000)) == 9_999


@given(TEXTS)
def test_a_text_has_the_terms_of_its_plain_form(text: str) -> None:
    assert terms(text) == terms(plain(text)) == list(plain_terms(plain(text)))


@given(TEXTS)
def test_no_term_is_empty_or_long_or_has_a_sign_in_it(text: str) -> None:
    for term in terms(text):
        assert 0 < len(term) <= LONGEST
        assert list(plain_terms(term)) == [term]


@given(st.text(), st.text())
def test_over_a_space_no_term_comes_about(one: str, other: str) -> None:
    assert terms(f"{one} {other}") == terms(one) + terms(other)
