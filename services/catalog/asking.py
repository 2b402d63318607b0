"""From what somebody types to what an engine looks for. Pure; no engine, no table.

A text is cut by the longest names that the product knows: spoken and official names of one thing, bodies and districts,
and words that only frame a need. What is left counts by its pairs of characters.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import ceil
from typing import NamedTuple

from services.catalog.lexicon import REST, Piece, Role, pieces
from services.catalog.retrieval import Plan, Wanted, Wording
from services.catalog.wording import RUN, plain, plain_terms


class Weights(NamedTuple):
    """What a term counts in a title, and in all else that an entry says."""

    title: float
    rest: float


LONGEST = 500  # characters of a question that count: by then it has said what it is about
MOST_WANTED, MOST_TERMS = 48, 800  # things, and terms of all their wordings: an engine takes some 1,000 at once
SAID = 0.6  # the share of its terms by which a wording is said
ENOUGH = 3  # terms of a text that no name covers, however long it is
NARROWER, GENERIC, BODY, DISTRICT = 0.6, 0.3, 0.8, 1.5
EVERYWHERE = Weights(2.5, 1.0)
OF_BODIES = Weights(1.0, 1.5)


def asked(text: str) -> Plan:
    """Return what a text asks for. Nothing is wanted when nothing in it could be looked for."""
    said = plain(text[:LONGEST])
    wanted = dict.fromkeys(each for piece in pieces(said) for each in WANTED[piece.meaning.role](piece))
    if not wanted:  # words that only frame a question are all there is: so they are the question
        wanted = dict.fromkeys(_rest(Piece(said, REST)))
    return Plan(tuple(_as_many_as_can_be_asked(list(wanted)[:MOST_WANTED])))


def _as_many_as_can_be_asked(wanted: Iterable[Wanted]) -> Iterator[Wanted]:
    terms = 0
    for each in wanted:
        terms += sum(len(wording.terms) for wording in each.wordings)
        if terms <= MOST_TERMS:
            yield each


def _framing(_piece: Piece) -> Iterator[Wanted]:
    return iter(())


def _rest(piece: Piece, weight: float = 1.0) -> Iterator[Wanted]:
    """Yield each run of a text that no name covers: any of its terms counts, with most of them it is said."""
    for run in RUN.finditer(piece.text):
        terms = terms_of(run.group())
        enough = min(ENOUGH, ceil(SAID * len(terms)))
        wording = Wording(terms, 1, enough, weight * EVERYWHERE.title, weight * EVERYWHERE.rest)
        yield Wanted((wording,), incidental=weight < 1)


def _generic(piece: Piece) -> Iterator[Wanted]:
    return _rest(piece, GENERIC)


def _subject(piece: Piece) -> Iterator[Wanted]:
    yield Wanted(tuple(_wordings(piece, 1.0, EVERYWHERE)))


def _body(piece: Piece) -> Iterator[Wanted]:
    yield Wanted(tuple(_wordings(piece, BODY, OF_BODIES)))


def _district(piece: Piece) -> Iterator[Wanted]:
    yield Wanted(tuple(_wordings(piece, DISTRICT, OF_BODIES)))


def _wordings(piece: Piece, weight: float, weights: Weights) -> Iterator[Wording]:
    """Yield every way to say what a name means; one of many terms weighs no more than a short one."""
    meaning, size = piece.meaning, max(1, len(terms_of(piece.text)))
    ways = dict.fromkeys(meaning.narrower, weight * NARROWER) | dict.fromkeys(meaning.same, weight)
    for name, worth in ways.items():
        terms = terms_of(name)
        least = max(1, round(SAID * len(terms)))
        each = worth * (size / len(terms)) ** 0.5
        yield Wording(terms, least, least, each * weights.title, each * weights.rest)


def terms_of(text: str) -> tuple[str, ...]:
    """Return each term of a plain text once, in order."""
    return tuple(dict.fromkeys(plain_terms(text)))


WANTED: Mapping[Role, Callable[[Piece], Iterator[Wanted]]] = {
    Role.FRAMING: _framing,
    Role.REST: _rest,
    Role.GENERIC: _generic,
    Role.SUBJECT: _subject,
    Role.BODY: _body,
    Role.DISTRICT: _district,
}
