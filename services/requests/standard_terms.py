"""The terms on which an entry is offered to everybody: within them a request needs nobody's decision (C.1, route).

They are what the entry itself says: its items, its share method, its formats, how often it is updated. Pure.
"""

from collections.abc import Iterator

from services.requests.terms import Method, Terms, class_of_format
from services.shared.errors import Problem

# From the most often to the most seldom; `irregular` is neither, and within nothing but itself.
FREQUENCIES = ("real_time", "daily", "weekly", "ten_days", "monthly", "quarterly", "half_yearly", "yearly")


def beyond_standard_terms(
    terms: Terms,
    *,
    items: tuple[str, ...],
    share_method: str | None,
    formats: tuple[str, ...],
    update_cycle: str | None,
) -> Iterator[Problem]:
    """Yield everything in which terms go beyond what an entry offers to everybody; nothing when they are within.

    What an entry does not say, it does not offer. Whether it is shared without conditions is another question.
    """
    for place, name in enumerate(terms.content.items):
        if name not in items:
            yield _beyond(f"/terms/content/items/{place}", name, "信息项", "items")
    method = terms.method
    if method.channel != share_method:
        yield _beyond("/terms/method/channel", method.channel, "共享方式", "share method")
    if not _is_seldom_enough(method, update_cycle):
        yield _beyond("/terms/method/frequency", method.frequency, "更新周期", "update cycle")
    if not _is_offered(method.format, formats):
        yield _beyond("/terms/method/format", method.format, "格式", "formats")


def _is_seldom_enough(method: Method, cycle: str | None) -> bool:
    if cycle in FREQUENCIES and method.frequency in FREQUENCIES:
        return FREQUENCIES.index(method.frequency) >= FREQUENCIES.index(cycle)
    return method.frequency == cycle


def _is_offered(code: str, formats: tuple[str, ...]) -> bool:
    """Return whether a format is one of these, or of the class of one; older entries have formats of their own."""
    known = class_of_format(code)
    return code in formats or (known is not None and known in map(class_of_format, formats))


def _beyond(pointer: str, said: str, zh: str, en: str) -> Problem:
    return Problem(pointer=pointer, detail=f"超出条目公布的{zh} / '{said}' is beyond the entry's own {en}")
