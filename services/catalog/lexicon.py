"""The names that the product knows: synonyms, bodies and districts by all their names, words that frame a question.

A lexicon cuts a text into the longest names there are; what stands between them is left as it is. Pure. It reads the
tables as they are, without a model of them: a function that searches starts in a third of the time.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DATA = Path(__file__).parents[2] / "data"
ASKING_ONLY = "的地方"  # a name that ends so is a way to ask for a thing, and nothing is called so


class Role(StrEnum):
    """What a name is in a question."""

    SUBJECT = "subject"
    BODY = "body"
    DISTRICT = "district"
    FRAMING = "framing"
    GENERIC = "generic"
    REST = "rest"


class Meaning(NamedTuple):
    """What a name means: `same` are all names of one thing, `narrower` those of its kinds, `code` of a body."""

    role: Role
    same: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    code: str = ""


class Piece(NamedTuple):
    """A part of a text and what it means."""

    text: str
    meaning: Meaning


REST = Meaning(Role.REST)


@cache
def lexicon() -> Mapping[str, Meaning]:
    """Return every name, plain, with its meaning; a body goes before a synonym, a synonym before a framing word."""
    known: dict[str, Meaning] = {}
    for names, meaning in (*_words(), *_synonyms(), *_bodies()):
        known |= dict.fromkeys(names, meaning)
    return known


@cache
def lengths() -> Mapping[str, Sequence[int]]:
    """Return how long the names are that begin with a character, the longest first."""
    found: dict[str, set[int]] = {}
    for name in lexicon():
        found.setdefault(name[0], set()).add(len(name))
    return {first: sorted(sizes, reverse=True) for first, sizes in found.items()}


def pieces(text: str) -> Iterator[Piece]:
    """Yield a plain text cut by the longest names, from the left; what no name covers comes as it stands."""
    known, sizes, start, place = lexicon(), lengths(), 0, 0
    while place < len(text):
        size = next((n for n in sizes.get(text[place], ()) if _is_name(known, text, place, n)), 0)
        if not size:
            place += 1
            continue
        if start < place:
            yield Piece(text[start:place], REST)
        yield Piece(text[place : place + size], known[text[place : place + size]])
        start = place = place + size
    if start < place:
        yield Piece(text[start:place], REST)


def _is_name(known: Mapping[str, Meaning], text: str, place: int, size: int) -> bool:
    end = place + size
    return end <= len(text) and text[place:end] in known and not (_joined(text, place) or _joined(text, end))


def _joined(text: str, place: int) -> bool:
    """Return whether a place lies within a run of Latin letters and digits."""
    return 0 < place < len(text) and all(c.isascii() and c.isalnum() for c in text[place - 1 : place + 1])


def _synonyms() -> Iterator[tuple[Iterable[str], Meaning]]:
    for group in _table("synonyms")["groups"]:
        official, spoken, english = (group.get(name, ()) for name in ("official", "spoken", "english"))
        said = tuple(name for name in (*official, *spoken) if not name.endswith(ASKING_ONLY))
        plurals = (plural for word in english for plural in _plurals(word))
        meaning = Meaning(Role.SUBJECT, said, tuple(group.get("narrower", ())))
        yield (*official, *spoken, *english, *plurals), meaning


def _bodies() -> Iterator[tuple[Iterable[str], Meaning]]:
    spoken = _table("body_spellings")["bodies"]
    for body in _table("organisations"):
        code, names = body["code"], body["names"]
        same = tuple(dict.fromkeys([*(name["zh"] for name in names), *body["aliases"], *spoken.get(code, ())]))
        role = Role.DISTRICT if body["tier"] == "district" and code.isdigit() else Role.BODY
        yield (*same, *(name["en"].casefold() for name in names)), Meaning(role, same, (), code)


def _words() -> Iterator[tuple[Iterable[str], Meaning]]:
    words = _table("query_words")
    yield (*words["framing"], *words["english"]), Meaning(Role.FRAMING)
    yield words["generic"], Meaning(Role.GENERIC)


def _table(name: str) -> Any:
    """Return a table of names; every name in it is plain already, which a test holds, and nothing is checked again."""
    return json.loads((DATA / f"{name}.json").read_bytes())


def _plurals(word: str) -> Iterator[str]:
    yield f"{word}s"
    if word.endswith("y"):
        yield f"{word[:-1]}ies"
    if word.endswith(("s", "x", "ch", "sh")):
        yield f"{word}es"
