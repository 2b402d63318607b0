"""Other people's words inside a text of ours: each of their lines begins as no line of ours does. Pure.

What they wrote can then never be taken for ours, whatever line breaks, labels or blanks it holds, and is read back to
the letter. A lead is in Chinese characters, so that letters written from right to left do not turn the line around.
"""

import re
from collections import deque
from collections.abc import Iterator

INDENT, BAR = "　", "│"
WIDTH = 40  # letters of a line: blanks cannot push what follows to where a new line seems to begin
NEW_LINE, JOINED = "换行", "接上"
BREAKS = "\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"  # whatever some reader takes for the end of a line
QUOTED = re.compile(f"{INDENT}([^{BAR}]+){BAR}(.*)")
BROKEN = re.compile(rf"{NEW_LINE}(?:\(U\+([0-9A-F]{{4}})\))?")


def quoted(text: str, lead: str) -> Iterator[str]:
    """Yield a text's lines, the first after `lead`, the others after marks that say how they go on."""
    first, *rest = re.split(f"([{BREAKS}])", text)
    yield from _cut(first, lead)
    for sign, line in zip(rest[::2], rest[1::2], strict=True):
        yield from _cut(line, NEW_LINE if sign == "\n" else f"{NEW_LINE}(U+{ord(sign):04X})")


def _cut(line: str, lead: str) -> Iterator[str]:
    yield f"{INDENT}{lead}{BAR}{line[:WIDTH]}"
    for place in range(WIDTH, len(line), WIDTH):
        yield f"{INDENT}{JOINED}{BAR}{line[place : place + WIDTH]}"


class Lines:
    """A text of ours, read line by line from its beginning."""

    def __init__(self, text: str) -> None:
        self._left = deque(text.split("\n"))

    def skip_to(self, line: str) -> None:
        """Go on behind a line. Raises ValueError when it does not come."""
        while self._next() != line:
            pass

    def said(self, pattern: str) -> str:
        """Return what the one group of `pattern` is in the next line. Raises ValueError when that line is another."""
        line = self._next()
        found = re.fullmatch(pattern, line)
        if found is None:
            raise ValueError(f"expected {pattern}, not {line!r}")
        return str(found.group(1))

    def quoted(self, lead: str) -> str:
        """Return the words of others that come next, after `lead`. Raises ValueError when there are none."""
        text = self.said(f"{INDENT}{lead}{BAR}(.*)")
        while self._left and (found := QUOTED.fullmatch(self._left[0])):
            broken = BROKEN.fullmatch(found.group(1))
            if broken is None and found.group(1) != JOINED:
                break
            text += _sign(broken) + found.group(2)
            self._left.popleft()
        return text

    def _next(self) -> str:
        if not self._left:
            raise ValueError("the text ends too early")
        return self._left.popleft()


def _sign(broken: re.Match[str] | None) -> str:
    if broken is None:
        return ""
    return chr(int(broken.group(1), 16)) if broken.group(1) else "\n"
