"""What obstructs sharing, in words: a fee, conditions left open, the bare word "sensitive" (R4 of Decree 809, S-013).

The words are data (data/obstructions.json), each with the rule that it breaks, so that a city can add to them. Pure;
knows no service.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from services.shared.folding import folded
from services.shared.model import Model

DATA = Path(__file__).parents[2] / "data" / "obstructions.json"
GAP = "…"  # in a word: up to ten letters, digits or points, never across a comma
BETWEEN = r"[\w.]{0,10}?"
UNSEEN = frozenset({"Cf", "Mn", "Me"})  # invisible signs, and strokes through others
BESIDE_HAN = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


class Obstruction(Model):
    """Words that obstruct sharing, what they mean inside `unless` excepted, and the rule they break.

    A word in Latin letters stands alone; `…` in a word stands for a few signs of the same clause. `clause` is None
    where the article is not confirmed against the full text.
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


@cache
def obstructions() -> Obstructions:
    """Return the words that conditions must not be made of."""
    return Obstructions.model_validate_json(DATA.read_bytes())


def obstacles_in(text: str) -> Iterator[str]:
    """Yield, in both languages, each rule that a text breaks, once, with the first words that break it."""
    told: set[str] = set()
    for each in obstructions().obstructions:
        if each.zh not in told and (found := first_of(each.words, text, unless=each.unless)):
            told.add(each.zh)
            yield f"“{found}”：{each.zh} / {each.en}"


def first_of(words: tuple[str, ...], text: str, *, unless: tuple[str, ...] = ()) -> str | None:
    """Return the first of the words that a text says outside `unless`, as texts are compared; None without one."""
    found = _any_of(words).search(_any_of(unless).sub(" , ", _close(text)))
    return found.group() if found else None


def said_beside_no_reason(text: str) -> str:
    """Return the letters that a text says beside words that are no reason; empty when it gives none (S-013)."""
    told = obstructions().no_reason
    words = _close("".join(" " if unicodedata.category(sign)[0] in "PS" else sign for sign in text))
    return "".join(_any_of((*told.words, *told.fillers)).sub("", words).split())


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(_pattern, longest_first)) or r"(?!)")


def _pattern(word: str) -> str:
    body = BETWEEN.join(re.escape(_close(part)) for part in word.split(GAP))
    if not (word.isascii() and word[0].isalpha()):
        return body
    return rf"(?<![a-z0-9]){body}" + (r"(?![a-z0-9])" if word[-1].isalnum() else "")


def _close(text: str) -> str:
    """Return text as words are looked for: one width, small letters, nothing invisible, no blank beside Chinese."""
    seen = "".join(sign for sign in folded(text) if unicodedata.category(sign) not in UNSEEN)
    return BESIDE_HAN.sub("", " ".join(seen.split()))
