"""What a name in the catalogues is about: its text once region, year and generic words are set aside. Pure."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from services.catalog.metadata import folded
from services.shared.model import Model
from services.shared.organisations import Tier, organisations

DATA = Path(__file__).parents[2] / "data" / "generic_words.json"
YEARS = re.compile(r"(?:19|20)\d{2}(?:年度|年)?(?:第?[一二三四1-4]季度|\d{1,2}月份?)?")
WORDLESS = re.compile(r"[\W_]+")
CITYWIDE = re.compile(r"北京市|北京地区|北京|全市|本市|市级|^市|区级|^区")


class GenericWords(Model):
    """Words that say little of what a thing is about.

    `tails` say how it is kept, the longest first; of what has one of `its_own` in its name every body has its own.
    """

    source: str
    tails: tuple[str, ...]
    its_own: tuple[str, ...]


class Core(NamedTuple):
    """What a title is about; `pairs` are of characters, `its_own` says that every body has one of these."""

    text: str
    pairs: frozenset[str]
    districts: frozenset[str]
    its_own: bool


@cache
def generic_words() -> GenericWords:
    """Return the words that are set aside."""
    return GenericWords.model_validate_json(DATA.read_bytes())


@lru_cache(maxsize=16_384)
def core_of(title: str) -> Core:
    """Return what a title is about."""
    plain = folded(title)
    text = WORDLESS.sub("", YEARS.sub("", plain))
    named = frozenset(code for name, code in _districts() if name in text)
    bare = CITYWIDE.sub("", _place_names().sub("", text)) or text
    its_own = any(words in text for words in generic_words().its_own)
    about = _without_tails(bare)
    return Core(about, frozenset(_pairs(about)), named, its_own)


def _without_tails(text: str) -> str:
    while tail := next((tail for tail in generic_words().tails if text.endswith(tail) and len(text) > len(tail)), None):
        text = text.removesuffix(tail)
    return text


def _pairs(text: str) -> Iterator[str]:
    return (text[place : place + 2] for place in range(max(1, len(text) - 1))) if text else iter(())


@cache
def _districts() -> tuple[tuple[str, str], ...]:
    bodies = (body for body in organisations().values() if body.tier is Tier.DISTRICT and body.code.isdigit())
    return tuple((name, body.code) for body in bodies for name in (*(n.zh for n in body.names), *body.aliases))


@cache
def _place_names() -> re.Pattern[str]:
    return re.compile("|".join(sorted((re.escape(name) for name, _ in _districts()), key=len, reverse=True)))
