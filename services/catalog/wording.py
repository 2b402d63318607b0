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
RUN = re.compile(rf"(?P<han>[{HAN}]+)|[^\W_{HAN}]+")
LONGEST = 40  # characters of one term: a longer run of letters is a slip or an attack, and its beginning is enough


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def plain(text: str) -> str:
    """Return text as the index compares it: one width, small letters, simplified characters."""
    even = folded(text)
    return even if even.isascii() else _simplifier().convert(even)


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
