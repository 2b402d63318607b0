"""What a name in the catalogues is about: its text once place, time, bodies and generic words are set aside. Pure.

Spoken and official names of one thing are one (`lexicon`). Words for who is listed (机构, 企业) become one mark, words
for what they hold (许可证, 资质) another: they make no difference by themselves.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from services.catalog.lexicon import Role, pieces
from services.catalog.wording import plain
from services.shared.model import Model
from services.shared.organisations import Tier, organisations

DATA = Path(__file__).parents[2] / "data" / "generic_words.json"
PERIODS = re.compile(
    r"(?:19|20)\d{2}(?:年度|学年|年)?"
    r"|第?[一二三四五六七八九十\d]{1,3}[批期届]|第?[一二三四1-4]季度|[上下]半年|\d{1,2}(?:[至-]\d{1,2})?月份?"
)
WORDLESS = re.compile(r"[\W_]+")
CITYWIDE = re.compile(r"北京市|北京地区|北京|全市|本市|市级|^市|区级|^区")
CITY_LEVEL = re.compile(r"市级|市属|市本级")  # what the city itself keeps: no district's own is in it
BEARER, TITLE = "O", "L"  # capitals: a plain text has none


class GenericWords(Model):
    """Words that say little of what a thing is about.

    `empty` say how it is kept; `bearers` who is listed, `persons` that it is somebody or something else; `titles` what
    they hold; `aspects` what of a thing is told, so that another aspect is another register; of what has one of
    `its_own` in its name every body has its own.
    """

    source: str
    empty: tuple[str, ...]
    bearers: tuple[str, ...]
    persons: tuple[str, ...]
    titles: tuple[str, ...]
    aspects: tuple[str, ...]
    its_own: tuple[str, ...]


class Core(NamedTuple):
    """What a title is about: as it is compared (`text` in official names, `plainly` in its own), and as it is
    written but for place and time (`said`).

    `districts` and `bodies` are codes, `its_own` says that every body has one of these, `of_city_level` that it is what
    the city itself keeps; `periods` are the years and parts of years that it names, as they are written.
    """

    text: str
    plainly: str
    said: str
    districts: frozenset[str]
    bodies: frozenset[str]
    periods: frozenset[str]
    its_own: bool
    of_city_level: bool


@cache
def generic_words() -> GenericWords:
    """Return the words that are set aside."""
    return GenericWords.model_validate_json(DATA.read_bytes())


@lru_cache(maxsize=16_384)
def core_of(title: str) -> Core:
    """Return what a title is about."""
    said = plain(title)
    timeless = WORDLESS.sub("", PERIODS.sub("", said))
    bare = CITYWIDE.sub("", _place_names().sub("", timeless)) or timeless
    official, bodies = _official(bare)
    return Core(
        _without_generics(official) or bare,
        _without_generics(bare) or bare,
        bare,
        frozenset(code for name, code in _districts() if name in timeless),
        bodies,
        frozenset(PERIODS.findall(said)),
        any(words in bare for words in generic_words().its_own),
        CITY_LEVEL.search(timeless) is not None,
    )


def unmarked(text: str) -> str:
    """Return a core's text without its marks."""
    return text.replace(BEARER, "").replace(TITLE, "")


def _official(text: str) -> tuple[str, frozenset[str]]:
    """Return a text in official names without the bodies that it names, and their codes."""
    kept, bodies = [], set()
    for piece in pieces(text):
        if piece.meaning.role in {Role.BODY, Role.DISTRICT}:
            bodies.add(piece.meaning.code)
        else:
            kept.append(piece.meaning.same[0] if piece.meaning.role is Role.SUBJECT else piece.text)
    return "".join(kept), frozenset(bodies)


def _without_generics(text: str) -> str:
    titles, empty, bearers = _generics()
    return bearers.sub(BEARER, empty.sub("", titles.sub(TITLE, text)))


@cache
def _generics() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = generic_words()
    return _any_of(words.titles), _any_of(words.empty), _any_of(words.bearers)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


@cache
def _districts() -> tuple[tuple[str, str], ...]:
    return tuple(_district_names())


def _district_names() -> Iterator[tuple[str, str]]:
    for body in organisations().values():
        if body.tier is Tier.DISTRICT and body.code.isdigit():
            yield from ((name, body.code) for name in (*(n.zh for n in body.names), *body.aliases))


@cache
def _place_names() -> re.Pattern[str]:
    return _any_of(name for name, _ in _districts())
