"""No byte of a log can change unseen: a bit flipped in any object that a checkpoint needs is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.verify.errors import NotVerified
from tests.unit.log_makers import Objects, a_log, a_small_log, entries_of, judged

LARGER = sorted(a_small_log())


def is_found(objects: Objects, path: str, damaged: bytes) -> bool:
    try:
        judged(objects | {path: damaged})
    except NotVerified:
        return True
    return False


def flipped(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 1 << at % 8]) + body[at + 1 :]


def test_a_flipped_bit_in_any_byte_of_a_tiny_log_is_found() -> None:
    objects = a_log(entries_of(6), [1, 3, 6])
    places = [(path, at) for path, body in objects.items() for at in range(len(body))]
    unseen = [place for place in places if not is_found(objects, place[0], flipped(objects[place[0]], place[1]))]
    assert (len(objects), unseen) == (10, [])


@given(st.sampled_from(LARGER), st.data())
def test_a_changed_byte_anywhere_in_a_larger_log_is_found(path: str, data: st.DataObject) -> None:
    body = a_small_log()[path]
    at = data.draw(st.integers(0, len(body) - 1))
    change = data.draw(st.integers(1, 255))
    assert is_found(a_small_log(), path, body[:at] + bytes([body[at] ^ change]) + body[at + 1 :])


@pytest.mark.parametrize("path", LARGER)
def test_the_first_and_the_last_byte_of_every_object_are_looked_at(path: str) -> None:
    body = a_small_log()[path]
    assert is_found(a_small_log(), path, flipped(body, 0))
    assert is_found(a_small_log(), path, flipped(body, len(body) - 1))


@given(st.sampled_from(LARGER), st.sampled_from(LARGER))
def test_two_objects_that_change_places_are_found(path: str, other: str) -> None:
    one, two = a_small_log()[path], a_small_log()[other]
    if one != two:
        with pytest.raises(NotVerified):
            judged(a_small_log() | {path: two, other: one})


@given(st.sampled_from(LARGER), st.data())
def test_an_object_cut_short_or_grown_is_found(path: str, data: st.DataObject) -> None:
    body = a_small_log()[path]
    shorter = body[: data.draw(st.integers(0, len(body) - 1))]
    assert is_found(a_small_log(), path, shorter)
    assert is_found(a_small_log(), path, body + data.draw(st.binary(min_size=1, max_size=40)))
