"""From text to the terms of the search index: pairs of Chinese characters, Latin and digit runs whole. Pure.

Width, case and traditional characters make no difference (Unicode NFKC, OpenCC's t2s). The same function makes the
terms of what is stored and of what is asked.
"""

import re
from collections.abc import Iterator
from functools import cache

from opencc import OpenCC

from services.shared.folding import folded

HAN = "〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
IS_HAN = re.compile(f"[{HAN}]")
OTHER = rf"[^\W_{HAN}]"
RUN = re.compile(rf"(?P<han>[{HAN}]+)|{OTHER}+")
LONGEST = 40  # characters of one term: a longer run of letters is a slip or an attack, and its beginning is enough


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def plain(text: str) -> str:
    """Return text as the index compares it: one width, small letters, simplified characters."""
    return simplified(folded(text))


def simplified(text: str) -> str:
    """Return text in simplified characters."""
    return text if text.isascii() else _simplifier().convert(text)


def standing_alone(term: str) -> re.Pattern[str] | None:
    """Return what finds a term in a plain text where any text that holds it may not have it as a term; else None.

    A pair of Chinese characters is a term wherever it stands; a word or a single character, where its run is no longer.
    """
    is_han = IS_HAN.match(term)
    if is_han and len(term) > 1:
        return None
    kin = IS_HAN.pattern if is_han else OTHER
    end = "" if len(term) == LONGEST else f"(?!{kin})"
    return re.compile(f"(?<!{kin}){re.escape(term)}{end}")


def terms(text: str) -> list[str]:
    """Return the terms of a text in order, with those that come again."""
    return list(plain_terms(plain(text)))


def plain_terms(text: str) -> Iterator[str]:
    """Yield the terms of a text that is `plain` already; a single Chinese character is a term of its own."""
    for run in RUN.finditer(text):
        word = run.group()
        if run["han"] is None or len(word) == 1:
            yield word[:LONGEST]
        else:
            yield from (word[place : place + 2] for place in range(len(word) - 1))
