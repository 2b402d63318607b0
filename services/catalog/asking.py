"""From what somebody types to what an engine looks for. Pure; no engine, no table.

A text is cut by the longest names that the product knows: spoken and official names of one thing, bodies and districts,
and words that only frame a need. What is left counts by its pairs of characters.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import ceil

from services.catalog.lexicon import REST, Piece, Role, pieces
from services.catalog.names import core_of
from services.catalog.retrieval import Field, Plan, Wanted, Weights, Wording
from services.catalog.wording import RUN, plain, plain_terms

LONGEST = 500  # characters of a question that count: by then it has said what it is about
MOST_WANTED = 48
TOGETHER = 20.0
SAID = 0.6  # the share of its terms by which a wording is said
ENOUGH = 3  # terms of a text that no name covers, however long it is
NARROWER, GENERIC, BODY, DISTRICT = 0.6, 0.3, 0.8, 1.5
EVERYWHERE: Weights = (
    (Field.TITLE, 2.5),
    (Field.ITEMS, 1.2),
    (Field.ABSTRACT, 1.0),
    (Field.PROVIDER, 1.0),
    (Field.THEME, 0.5),
)
OF_ITEMS: Weights = ((Field.ITEMS, 1.0),)
OF_BODIES: Weights = ((Field.PROVIDER, 2.0), (Field.TITLE, 1.0), (Field.ABSTRACT, 1.0))


def asked(text: str) -> Plan:
    """Return what a text asks for. Nothing is wanted when nothing in it could be looked for."""
    said = plain(text[:LONGEST])
    wanted = [each for piece in pieces(said) for each in WANTED[piece.meaning.role](piece)]
    if not wanted:  # words that only frame a question are all there is: so they are the question
        wanted = list(_rest(Piece(said, REST)))
    return Plan(tuple(dict.fromkeys(wanted))[:MOST_WANTED], together=TOGETHER)


def _framing(_piece: Piece) -> Iterator[Wanted]:
    return iter(())


def _rest(piece: Piece, weight: float = 1.0) -> Iterator[Wanted]:
    """Yield each run of a text that no name covers: any of its terms counts, with most of them it is said."""
    for run in RUN.finditer(piece.text):
        terms = _terms(run.group())
        enough = min(ENOUGH, ceil(SAID * len(terms)))
        yield Wanted((Wording(terms, 1, enough, weight, EVERYWHERE),), incidental=weight < 1)


def _generic(piece: Piece) -> Iterator[Wanted]:
    return _rest(piece, GENERIC)


def _subject(piece: Piece) -> Iterator[Wanted]:
    yield Wanted(tuple(_wordings(piece, 1.0, EVERYWHERE)))


def _body(piece: Piece) -> Iterator[Wanted]:
    yield Wanted(tuple(_wordings(piece, BODY, OF_BODIES)))


def _district(piece: Piece) -> Iterator[Wanted]:
    yield Wanted(tuple(_wordings(piece, DISTRICT, OF_BODIES)))


def _wordings(piece: Piece, weight: float, fields: Weights) -> Iterator[Wording]:
    """Yield every way to say what a name means; one of many terms weighs no more than a short one."""
    meaning, size = piece.meaning, max(1, len(_terms(piece.text)))
    ways = dict.fromkeys(meaning.narrower, weight * NARROWER) | dict.fromkeys(meaning.same, weight)
    for name, worth in ways.items():
        terms = _terms(name)
        least = max(1, round(SAID * len(terms)))
        yield Wording(terms, least, least, worth * (size / len(terms)) ** 0.5, fields)


def _terms(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain_terms(text)))


WANTED: Mapping[Role, Callable[[Piece], Iterator[Wanted]]] = {
    Role.FRAMING: _framing,
    Role.REST: _rest,
    Role.GENERIC: _generic,
    Role.SUBJECT: _subject,
    Role.BODY: _body,
    Role.DISTRICT: _district,
}


def titled_like(title: str) -> Plan:
    """Return what finds things of a like name, wherever and whenever they are of."""
    core = core_of(title)
    wanted = [each for piece in pieces(core.said) for each in WANTED[piece.meaning.role](piece)]
    return Plan(
        tuple(dict.fromkeys(wanted or _rest(Piece(core.said, REST))))[:MOST_WANTED], together=TOGETHER, loose=True
    )


def itemised_like(items: Iterable[str]) -> Plan:
    """Return what finds things with like data items."""
    names = dict.fromkeys(plain(name) for name in items)
    wanted = (Wanted((Wording(terms, len(terms), len(terms), 1.0, OF_ITEMS),)) for n in names if (terms := _terms(n)))
    return Plan(tuple(wanted)[:MOST_WANTED])
