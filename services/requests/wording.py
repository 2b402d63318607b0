"""Whether words say something: what the free texts of a request must not be, and what is no reason. Pure.

The words are data/obstructions.json; each names the rule that it breaks.
"""

from collections.abc import Iterable, Iterator

from services.shared.errors import Problem
from services.shared.obstructions import obstacles_in, said_beside_no_reason

LEAST_LETTERS = 4  # 超出职责
LEAST_DISTINCT = 3
NO_REASON = (
    "仅此不成理由：“敏感”“涉密”“不便提供”之类须写明具体情况和依据 / "
    "this alone is no reason: say what the case is, and what it rests on (S-013)"
)


def wording_faults(texts: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """Yield a problem for each rule that a text breaks; `texts` are pointers and what stands there.

    No fee is asked for sharing (S-082), and no condition is added that obstructs it (R4 of Decree 809).
    """
    for pointer, text in texts:
        for detail in obstacles_in(text):
            yield Problem(pointer=pointer, detail=detail)


def empty_reason(text: str) -> str | None:
    """Return, in both languages, why a text is no reason; None when it is one (S-013).

    A reason says something beside "sensitive", "secret", "not convenient" and words that add nothing to them.
    """
    said = said_beside_no_reason(text)
    return NO_REASON if len(said) < LEAST_LETTERS or len(set(said)) < LEAST_DISTINCT else None
