"""Text people write: trimmed, bounded, and free of what only machines mean; a code is a code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.shared.texts import Code, Line, Text, printable

LINE, TEXT, CODE = TypeAdapter(Line), TypeAdapter(Text), TypeAdapter(Code)
READABLE = ["空余泊位", "𠮷野家", "naïve", "one\ttab", "two\nlines", "👍", "a\u200bb", "ﾊﾝｶｸ", "١٢٣", "שלום"]


@pytest.mark.parametrize("text", READABLE)
def test_what_people_write_in_any_script_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\r", "\x7f", "\x85", "\ud800", "\ue000", "\uffff"])
def test_controls_surrogates_and_unassigned_characters_are_refused_by_name(character: str) -> None:
    with pytest.raises(ValueError, match=f"U\\+{ord(character):04X} is not allowed"):
        printable(f"a{character}b")


@pytest.mark.parametrize("character", list("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
def test_a_change_of_direction_is_refused_because_it_can_show_what_is_not_signed(character: str) -> None:
    with pytest.raises(ValueError, match="not allowed"):
        printable(f"份额{character}5%")


def test_space_around_text_is_taken_off() -> None:
    assert LINE.validate_python("  石景山区\n") == "石景山区"


@pytest.mark.parametrize("kind", [LINE, TEXT])
@pytest.mark.parametrize("empty", ["", " ", "\n\t ", "\u3000"])
def test_a_text_of_nothing_but_space_is_no_text(kind: TypeAdapter[str], empty: str) -> None:
    with pytest.raises(ValidationError):
        kind.validate_python(empty)


@pytest.mark.parametrize(("kind", "most"), [(LINE, 200), (TEXT, 4000)])
def test_a_text_holds_so_many_characters_and_not_one_more(kind: TypeAdapter[str], most: int) -> None:
    assert kind.validate_python("泊" * most) == "泊" * most
    with pytest.raises(ValidationError, match=f"at most {most} characters"):
        kind.validate_python("泊" * (most + 1))


@pytest.mark.parametrize("other", [7, 7.0, True, None, ["a"], {"a": "b"}])
def test_what_is_not_text_is_not_turned_into_text(other: object) -> None:
    with pytest.raises(ValidationError):
        LINE.validate_python(other)


@pytest.mark.parametrize("code", ["110107", "city_operation", "a", "A.b-c_9", "x" * 80])
def test_a_code_is_letters_digits_and_three_signs(code: str) -> None:
    assert CODE.validate_python(code) == code


@pytest.mark.parametrize("code", ["", " a", "a ", "a\n", "-a", "_a", "a b", "泊位", "a/b", "a#b", "x" * 81, "١"])
def test_anything_else_is_no_code(code: str) -> None:
    with pytest.raises(ValidationError):
        CODE.validate_python(code)


@given(st.text(max_size=50))
def test_what_is_accepted_can_be_stored_as_utf8_and_is_accepted_again(text: str) -> None:
    try:
        kept = TEXT.validate_python(text)
    except ValidationError:
        return
    assert TEXT.validate_python(kept.encode().decode()) == kept


def test_a_line_still_fits_a_key_when_its_ligatures_are_written_out() -> None:
    assert LINE.validate_python("𠮷" * 200) == "𠮷" * 200
    with pytest.raises(ValidationError, match="ligatures"):
        LINE.validate_python("\ufdfa" * 200)
