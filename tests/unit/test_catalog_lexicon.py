"""The names that the product knows: its tables are in order, and a text is cut by the longest names in them."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.lexicon import REST, Role, lexicon, pieces
from services.catalog.wording import plain, terms

DATA = Path(__file__).parents[2] / "data"
TABLES = ("synonyms", "query_words", "body_spellings")
SAID = ("official", "spoken", "english")


@cache
def table(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def names_in(table_name: str) -> Iterator[tuple[str, str]]:
    """Yield every name of a table, with the group it stands in."""
    said = table(table_name)
    if table_name == "synonyms":
        for group in said["groups"]:
            yield from ((name, group["official"][0]) for kind in (*SAID, "narrower") for name in group.get(kind, ()))
    elif table_name == "query_words":
        yield from ((name, kind) for kind in ("framing", "generic", "english") for name in said[kind])
    else:
        yield from ((name, code) for code, names in said["bodies"].items() for name in names)


def cut(text: str) -> list[tuple[str, Role]]:
    return [(piece.text, piece.meaning.role) for piece in pieces(plain(text))]


def known(text: str) -> list[str]:
    """Return the names that a text is found to say."""
    return [piece.text for piece in pieces(plain(text)) if piece.meaning is not REST]


@pytest.mark.parametrize("name", TABLES)
def test_every_name_in_a_table_is_plain_already_and_has_a_term_to_look_for(name: str) -> None:
    assert [each for each, _ in names_in(name) if each != plain(each) or not terms(each)] == []


@pytest.mark.parametrize("name", TABLES)
def test_no_name_of_a_table_is_empty_or_has_space_around_it(name: str) -> None:
    assert [each for each, _ in names_in(name) if not each or each != each.strip()] == []


@pytest.mark.parametrize("name", TABLES)
def test_every_table_states_its_source(name: str) -> None:
    assert table(name)["source"].strip()


def test_every_group_of_synonyms_says_where_its_official_name_is_from() -> None:
    assert [group for group in table("synonyms")["groups"] if not (group["official"] and group["note"].strip())] == []


@pytest.mark.parametrize("name", ["query_words", "body_spellings"])
def test_no_name_stands_in_two_places_of_a_table(name: str) -> None:
    assert [each for each, count in Counter(each for each, _ in names_in(name)).items() if count > 1] == []


def test_no_name_is_in_two_groups_of_synonyms_or_twice_in_one() -> None:
    said = Counter(name for group in table("synonyms")["groups"] for kind in SAID for name in group.get(kind, ()))
    assert [name for name, count in said.items() if count > 1] == []


def test_no_word_that_frames_a_question_is_a_name_of_something() -> None:
    things = {name for each in ("synonyms", "body_spellings") for name, _ in names_in(each)}
    assert things & {name for name, _ in names_in("query_words")} == set()


def test_every_body_that_has_spoken_names_is_one_of_the_organisations() -> None:
    assert table("body_spellings")["bodies"].keys() <= {body["code"] for body in table("organisations")}


def test_every_name_that_stands_alone_is_found_whole() -> None:
    assert [name for name in lexicon() if known(name) != [name]] == []


def test_a_way_to_ask_for_a_thing_is_not_what_it_is_called() -> None:
    assert lexicon()["借书的地方"] is lexicon()["图书馆"]
    assert [name for meaning in lexicon().values() for name in meaning.same if name.endswith("的地方")] == []


def test_the_longest_name_wins_from_the_left() -> None:
    assert cut("临时居民身份证") == [("临时居民身份证", Role.SUBJECT)]
    assert cut("我想要") == [("我想", Role.FRAMING), ("要", Role.REST)]
    assert cut("机动车驾驶证名单") == [("机动车驾驶证", Role.SUBJECT), ("名单", Role.GENERIC)]
    assert cut("海淀区公证处在哪里") == [
        ("海淀区", Role.DISTRICT),
        ("公证处", Role.SUBJECT),
        ("在", Role.REST),
        ("哪里", Role.FRAMING),
    ]


@pytest.mark.parametrize("text", ["covidien", "subpm2.5", "pm2.55", "passporting", "android", "ofsted", "2covid"])
def test_a_name_inside_a_latin_word_is_no_name(text: str) -> None:
    assert cut(text) == [(text, Role.REST)]


@pytest.mark.parametrize("text", ["covid疫苗", "北京covid", "(covid)", "covid-x", "COVID", "ｃｏｖｉｄ"])
def test_a_name_beside_chinese_or_a_sign_is_one(text: str) -> None:
    assert "covid" in known(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("id card", "身份证"),
        ("ID cards", "居民身份证"),
        ("passports", "护照"),
        ("driver's license", "驾照"),
        ("libraries", "图书馆"),
        ("notaries", "公证处"),
        ("birth certificates", "出生证"),
    ],
)
def test_an_english_name_and_its_plural_mean_what_the_chinese_name_means(one: str, other: str) -> None:
    assert len(known(one)) == 1
    assert lexicon()[plain(one)] == lexicon()[other]


@pytest.mark.parametrize(
    "name", ["人社局", "市人社局", "劳动局", "北京市人事局", "市人力社保局", "北京市人力资源和社会保障局"]
)
def test_a_body_is_known_by_short_former_and_official_names_and_before_any_synonym(name: str) -> None:
    meaning = lexicon()[name]
    assert (meaning.role, meaning.code) == (Role.BODY, "personnel_bureau")
    assert name in meaning.same


@pytest.mark.parametrize("name", ["海淀", "海淀区", "北京市海淀区", "Haidian District"])
def test_a_district_is_known_by_short_official_and_english_names(name: str) -> None:
    assert lexicon()[plain(name)].code == "110108"
    assert cut(name) == [(plain(name), Role.DISTRICT)]


@given(st.lists(st.sampled_from(sorted(lexicon())) | st.text(max_size=5)).map("".join))
def test_the_pieces_of_a_text_are_the_whole_text_in_order(text: str) -> None:
    even = plain(text)
    assert "".join(piece.text for piece in pieces(even)) == even
    assert all(piece.text for piece in pieces(even))
