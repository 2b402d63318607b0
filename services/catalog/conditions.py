"""What a share condition must not be: an obstacle to sharing, or the bare word "sensitive".

The words are data (data/obstructions.json), each with the rule that it breaks, so that a city can add to them.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from services.catalog.metadata import Metadata, folded
from services.shared.errors import Problem
from services.shared.model import Model

DATA = Path(__file__).parents[2] / "data" / "obstructions.json"


class Obstruction(Model):
    """Words that obstruct sharing, what they mean inside `unless` excepted, and the rule they break.

    `clause` is None where the article is not confirmed against the full text.
    """

    code: str
    words: tuple[str, ...]
    unless: tuple[str, ...]
    instrument: str
    clause: str | None
    zh: str
    en: str


class NoReason(Model):
    """Words that by themselves are no reason for a restriction (S-013), and words that add nothing to them."""

    words: tuple[str, ...]
    fillers: tuple[str, ...]
    zh: str
    en: str


class Obstructions(Model):
    """What conditions must not be, and where that is from."""

    source: str
    obstructions: tuple[Obstruction, ...]
    no_reason: NoReason


class _Obstacle(NamedTuple):
    unless: re.Pattern[str]
    words: re.Pattern[str]
    told: str


def condition_faults(metadata: Metadata) -> Iterator[Problem]:
    """Yield a problem for each way in which the share condition is none that may be set (Decree 809, S-013)."""
    if metadata.share_condition is None:
        return
    for detail in faults_of(metadata.share_condition):
        yield Problem(pointer="/share_condition", detail=detail)


def faults_of(condition: str) -> Iterator[str]:
    """Yield, in both languages, what is wrong with a condition's words."""
    said = _close(condition)
    if _is_no_reason(said):
        told = obstructions().no_reason
        yield f"{told.zh} / {told.en}"
    for obstacle in _obstacles():
        if found := obstacle.words.search(obstacle.unless.sub(" ", said)):
            yield f"“{found.group()}”：{obstacle.told}"


@cache
def obstructions() -> Obstructions:
    """Return the words that conditions must not be made of."""
    return Obstructions.model_validate_json(DATA.read_bytes())


@cache
def _obstacles() -> tuple[_Obstacle, ...]:
    return tuple(
        _Obstacle(_any_of(each.unless), _any_of(each.words), f"{each.zh} / {each.en}")
        for each in obstructions().obstructions
    )


@cache
def _fillers() -> re.Pattern[str]:
    return _any_of(obstructions().no_reason.fillers)


def _is_no_reason(said: str) -> bool:
    bare = "".join(sign for sign in said if unicodedata.category(sign)[0] not in "PS")
    return _fillers().sub("", bare) in {"", *map(_close, obstructions().no_reason.words)}


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(map(_close, words), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def _close(text: str) -> str:
    return "".join(folded(text).split())
