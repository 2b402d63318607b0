"""Text as it is compared. Needs nothing, so that what is to start quickly can have it."""

import unicodedata


def folded(text: str) -> str:
    """Return text as it is compared: full-width and half-width, large and small letters alike (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", text).casefold()
