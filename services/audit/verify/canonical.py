"""Canonical JSON of strings and integers (RFC 8785): the only bytes that an entry may have. Knows no field of it.

Entries are judged many at once by the standard library, which writes most of them as the RFC does and several times as
fast; what it does not write back in the same bytes is judged by `rfc8785`, one entry at a time.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeGuard

import rfc8785

from services.audit.verify.errors import Malformed, about
from services.audit.verify.layout import LONGEST_ENTRY

Field = str | int | list["Field"] | dict[str, "Field"]
Fields = Mapping[str, Field]

_LARGEST = 2**53 - 1  # RFC 8785 §3.2.2.3: numbers are IEEE 754 doubles
_DEEPEST = 300  # beyond it the two ways might run out of stack at different depths
_WORDS = ("true", "false", "null")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")  # where keys in UTF-16 have another order than in Unicode


def parse_entry(entry: bytes) -> Fields:
    """Return the entry's fields; raises Malformed unless its bytes are the canonical JSON of them (RFC 8785).

    An entry is one object of at most 65,535 bytes that holds objects, lists, strings and integers only.
    """
    plain = _read_plainly([entry])
    return _read(entry) if plain is None else plain[0]


def parse_entries(entries: Sequence[bytes], *, first: int) -> Sequence[Fields]:
    """Return what `parse_entry` does of each; a refusal names the entry, counted from `first`."""
    plain = _read_plainly(entries)
    return _read_each(entries, first) if plain is None else plain


def _read_plainly(entries: Sequence[bytes]) -> Sequence[Fields] | None:
    """Return the fields of entries that are all in plain canonical form, None when that cannot be said.

    Each is read by itself, so that it is one whole object; then all are written at once: an object ends where its
    first brace closes, so the two texts are the same only if they are the same entry by entry.
    """
    if not all(map(_is_shallow, entries)):
        return None
    try:
        texts = [str(entry, "utf-8") for entry in entries]
        read = [_READER.raw_decode(text) for text in texts]
    except (ValueError, RecursionError):
        return None
    fields, whole = [value for value, _ in read], f"[{','.join(texts)}]"
    if not _are_objects(fields) or [end for _, end in read] != list(map(len, texts)):
        return None
    if _has_beyond_bmp(whole) or _WRITER.encode(fields) != whole:
        return None
    return fields if _has_no_words(whole) or all(map(_is_exact, fields)) else None


def _read_each(entries: Sequence[bytes], first: int) -> Sequence[Fields]:
    fields = []
    for number, entry in enumerate(entries, start=first):
        with about(f"entry {number}"):
            fields.append(_read(entry))
    return fields


def _read(entry: bytes) -> Fields:
    """Return the fields of one entry, by the RFC's own means."""
    if len(entry) > LONGEST_ENTRY:
        raise Malformed(f"the entry has {len(entry)} bytes, the most is {LONGEST_ENTRY}")
    try:
        fields = json.loads(entry.decode("utf-8"), parse_float=_refuse, parse_constant=_refuse)
        canonical = rfc8785.dumps(fields)
    except (ValueError, RecursionError) as error:
        raise Malformed("the entry is not canonical JSON of strings and integers") from error
    if not isinstance(fields, dict) or canonical != entry:
        raise Malformed("the entry is not the canonical JSON of an object")
    if not _is_exact(fields):
        raise Malformed("the entry holds true, false or null; only strings and integers are allowed")
    return fields


def _is_shallow(entry: bytes) -> bool:
    """Say whether an entry is neither too long nor deeply nested; each level opens and closes, two bytes at least."""
    short = len(entry) <= 2 * _DEEPEST
    return short or (len(entry) <= LONGEST_ENTRY and entry.count(b"{") + entry.count(b"[") <= _DEEPEST)


def _are_objects(values: Sequence[object]) -> TypeGuard[Sequence[dict[str, Field]]]:
    return all(type(value) is dict for value in values)


def _has_beyond_bmp(text: str) -> bool:
    return not text.isascii() and _BEYOND_BMP.search(text) is not None


def _has_no_words(text: str) -> bool:
    return not any(word in text for word in _WORDS)


def _is_exact(value: Field) -> bool:
    """Say whether a value is free of true, false and null, which canonical JSON allows and an entry does not."""
    if isinstance(value, (dict, list)):
        return all(map(_is_exact, value.values() if isinstance(value, dict) else value))
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _integer(digits: str) -> int:
    value = int(digits)
    return value if -_LARGEST <= value <= _LARGEST else _refuse(digits)


def _refuse(number: str) -> NoReturn:
    raise ValueError(f"{number[:30]} is not an integer that every machine reads alike")


_READER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse, parse_int=_integer)
_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False)
