"""The quick way of judging entries says of any bytes what the slow one says, which asks `rfc8785` about each."""

import json
from collections.abc import Sequence

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from services.audit.verify import canonical
from services.audit.verify.canonical import parse_entries, parse_entry
from services.audit.verify.errors import Malformed
from tests.unit.log_makers import entries_of

LONGEST = 65_535
AWKWARD = ["true", "null and void", "\x7f", "\u2028", "\ufb33", "\U0001d518", "\\", '"', "\x1f", "空余泊位数", "😀", ""]
texts = st.text(max_size=6) | st.sampled_from(AWKWARD)
numbers = st.integers(-(2**54), 2**54) | st.integers(-9, 9)
anything = st.recursive(
    texts | numbers | st.none() | st.booleans() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, anything, max_size=4)
entries = st.dictionaries(texts, texts | st.integers(-9, 9) | st.lists(texts, max_size=2), max_size=4).map(
    rfc8785.dumps
)


def spelt(value: object, ascii_only: bool, in_order: bool, spaces: bool) -> bytes:
    separators = (", ", ": ") if spaces else (",", ":")
    written = json.dumps(value, ensure_ascii=ascii_only, sort_keys=in_order, separators=separators)
    return written.encode("utf-8", "surrogatepass")


spellings = st.builds(spelt, objects | anything, st.booleans(), st.booleans(), st.booleans())


def slowly(entry: bytes) -> object:
    """What the slow way says: the fields, or nothing for what is no entry."""
    try:
        return canonical._read(entry)
    except Malformed:
        return None


def quickly(entry: bytes) -> object:
    """What is said at once, if anything is: the fields."""
    plain = canonical._read_plainly([entry])
    return None if plain is None else plain[0]


@given(spellings | entries | st.binary(max_size=30))
def test_what_is_said_quickly_of_any_bytes_is_what_is_said_slowly(entry: bytes) -> None:
    assert quickly(entry) in (None, slowly(entry))
    try:
        assert parse_entry(entry) == slowly(entry)
    except Malformed:
        assert slowly(entry) is None


@given(entries)
@example(rfc8785.dumps({"\ue000": 1, "\uffff": 2}))
@example(rfc8785.dumps({"a": "true", "b": ["false", {"c": "null"}]}))
@example(rfc8785.dumps({"a": 2**53 - 1, "b": -(2**53) + 1}))
@example(rfc8785.dumps({"a": "\x00\x1f\x7f\x80\u2028"}))
def test_only_letters_beyond_the_first_plane_need_the_slow_way(entry: bytes) -> None:
    beyond = any(letter > "\uffff" for letter in entry.decode())
    assert quickly(entry) == (None if beyond else slowly(entry))


@given(st.lists(entries, min_size=1, max_size=5), st.lists(st.integers(1, 40), max_size=4))
def test_entries_cut_in_other_places_are_never_taken_for_whole_ones(whole: list[bytes], cuts: list[int]) -> None:
    joined = b",".join(whole)
    places = sorted({place for place in cuts if place < len(joined)})
    parts = [joined[start:end] for start, end in zip([0, *places], [*places, len(joined)], strict=True)]
    for each in (parts, [part.strip(b",") for part in parts]):
        expected = None if any(slowly(part) is None for part in each) else [slowly(part) for part in each]
        assert canonical._read_plainly(each) in (None, expected)


@pytest.mark.parametrize(
    "together",
    [
        [b'{"a":[{}', b'{"b":1}]}', b"{},{}"],
        [b'{"a":1},{"b":2}', b'{"c":3}'],
        [b'{"a":1}', b"", b"{}"],
        [b'{"a":"x"}', b'"}'],
        [b'{"a":"x', b'y"}', b'{},{"b":1}'],
        [b'{"a":1} ', b"{}"],
        [b' {"a":1}', b"{}"],
        [b"[]", b"{}"],
        [b"{}", b"\xff"],
    ],
)
def test_entries_that_only_make_sense_together_are_refused(together: Sequence[bytes]) -> None:
    assert canonical._read_plainly(together) is None
    with pytest.raises(Malformed, match=r"entry \d+: the entry is not"):
        parse_entries(together, first=0)


def test_a_refusal_names_the_entry_that_it_is_about() -> None:
    good = entries_of(5)
    with pytest.raises(Malformed, match="entry 1003: the entry holds true, false or null"):
        parse_entries([*good[:3], b'{"a":null}', *good[3:], b"{"], first=1000)


def test_entries_are_read_in_their_order() -> None:
    good = entries_of(300)
    assert parse_entries(good, first=0) == [json.loads(entry) for entry in good]
    assert parse_entries([], first=0) == []


@pytest.mark.parametrize("depth", [1, 299, 300])
def test_an_entry_is_read_quickly_down_to_its_three_hundredth_level(depth: int) -> None:
    entry = b'{"a":' * depth + b'""' + b"}" * depth
    assert quickly(entry) == slowly(entry) == parse_entry(entry)


@pytest.mark.parametrize("depth", [301, 30_000])
def test_an_entry_that_is_nested_deeper_is_judged_slowly(depth: int) -> None:
    assert quickly(b'{"a":' + b"[" * depth + b"]" * depth + b"}") is None


@pytest.mark.parametrize("length", [LONGEST, LONGEST + 1])
def test_an_entry_that_is_too_long_is_not_read_quickly_either(length: int) -> None:
    entry = b'{"a":"' + b"a" * (length - 8) + b'"}'
    assert (quickly(entry) is not None) == (length == LONGEST) == (slowly(entry) is not None)
