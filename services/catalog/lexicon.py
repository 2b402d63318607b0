"""The names that the product knows: synonyms, bodies and districts by all their names, words that frame a question.

A lexicon cuts a text into the longest names there are; what stands between them is left as it is. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from services.catalog.wording import plain
from services.shared.model import Model
from services.shared.organisations import Tier, organisations

DATA = Path(__file__).parents[2] / "data"
LONGEST = 24  # characters of a name that is looked for


class Group(Model):
    """Names of one thing: official ones, what people say, English ones; and of narrower kinds that it includes."""

    official: tuple[str, ...]
    spoken: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    note: str = ""


class Synonyms(Model):
    """The table of synonyms and where it is from."""

    source: str
    groups: tuple[Group, ...]


class BodySpellings(Model):
    """Former and everyday names of bodies, by code."""

    source: str
    bodies: Mapping[str, tuple[str, ...]]


class QueryWords(Model):
    """Words that frame a question, and words that any entry could be called by."""

    source: str
    framing: tuple[str, ...]
    generic: tuple[str, ...]
    english: tuple[str, ...]


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


def pieces(text: str) -> Iterator[Piece]:
    """Yield a plain text cut by the longest names, from the left; what no name covers comes as it stands."""
    known, start, place = lexicon(), 0, 0
    while place < len(text):
        size = next((n for n in range(min(LONGEST, len(text) - place), 0, -1) if _is_name(known, text, place, n)), 0)
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
    return text[place:end] in known and not (_joined(text, place) or _joined(text, end))


def _joined(text: str, place: int) -> bool:
    """Return whether a place lies within a run of Latin letters and digits."""
    return 0 < place < len(text) and all(c.isascii() and c.isalnum() for c in text[place - 1 : place + 1])


def _synonyms() -> Iterator[tuple[Iterable[str], Meaning]]:
    table = Synonyms.model_validate_json((DATA / "synonyms.json").read_bytes())
    for group in table.groups:
        same = _plain((*group.official, *group.spoken))
        english = _plain(group.english)
        meaning = Meaning(Role.SUBJECT, same, _plain(group.narrower))
        yield (*same, *english, *(plural for word in english for plural in _plurals(word))), meaning


def _bodies() -> Iterator[tuple[Iterable[str], Meaning]]:
    spoken = BodySpellings.model_validate_json((DATA / "body_spellings.json").read_bytes()).bodies
    for body in organisations().values():
        names = (*(n.zh for n in body.names), *body.aliases, *spoken.get(body.code, ()))
        role = Role.DISTRICT if body.tier is Tier.DISTRICT and body.code.isdigit() else Role.BODY
        same = _plain(names)
        yield (*same, *_plain(n.en for n in body.names)), Meaning(role, same, (), body.code)


def _words() -> Iterator[tuple[Iterable[str], Meaning]]:
    words = QueryWords.model_validate_json((DATA / "query_words.json").read_bytes())
    yield _plain((*words.framing, *words.english)), Meaning(Role.FRAMING)
    yield _plain(words.generic), Meaning(Role.GENERIC)


def _plain(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(name) for name in names))


def _plurals(word: str) -> Iterator[str]:
    yield f"{word}s"
    if word.endswith("y"):
        yield f"{word[:-1]}ies"
    if word.endswith(("s", "x", "ch", "sh")):
        yield f"{word}es"
