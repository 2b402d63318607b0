"""Text people write: bounded, trimmed, and free of characters that only machines could mean."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from services.shared.folding import folded

ALLOWED_CONTROLS = "\n\t"
LONGEST_FOLDED = 1_800  # bytes


def printable(text: str) -> str:
    """Return text unchanged. Raises ValueError when it holds a character that is not for reading."""
    if text.isprintable():  # most is, and then none of its characters need be looked at one by one
        return text
    for character in text:
        kind = unicodedata.category(character)
        if kind in {"Cs", "Co", "Cn"} or (kind == "Cc" and character not in ALLOWED_CONTROLS) or character in _BIDI:
            raise ValueError(f"the character U+{ord(character):04X} is not allowed in text")
    return text


def short_folded(text: str) -> str:
    """Return text unchanged. Raises ValueError when it is too long as it is compared: names become parts of keys.

    A single ligature can stand for eighteen letters (Unicode NFKC), and a key of DynamoDB holds 2,048 bytes.
    """
    if len(folded(text).encode()) > LONGEST_FOLDED:
        raise ValueError("连字过多 / too long once its ligatures are written out")
    return text


# Direction overrides can make a text read differently from what is signed (Unicode TR 36 §2.5).
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,79}$")]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(printable),
    AfterValidator(short_folded),
]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(printable)
]
