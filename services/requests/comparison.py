"""Two offers side by side, field by field, in the order of the terms (features: side-by-side diff). Pure."""

from collections.abc import Iterator

from pydantic import JsonValue

from services.requests.terms import Terms
from services.shared.model import Model

LABELS: dict[str, tuple[str, str]] = {
    "/content/items": ("信息项", "data items"),
    "/scope/areas": ("区域", "areas"),
    "/scope/period_from": ("数据时段起", "data from"),
    "/scope/period_until": ("数据时段止", "data until"),
    "/scope/rows": ("数据行", "rows"),
    "/scope/recipients": ("使用者", "recipients"),
    "/purpose/code": ("用途", "purpose"),
    "/purpose/text": ("用途说明", "purpose in words"),
    "/method/channel": ("共享方式", "channel"),
    "/method/frequency": ("更新频率", "frequency"),
    "/method/format": ("格式", "format"),
    "/validity/valid_from": ("有效期起", "valid from"),
    "/validity/valid_until": ("有效期止", "valid until"),
}


class FieldDifference(Model):
    """What two offers say in one field; `pointer` is a JSON pointer into terms.

    Of a list, `added` is what only the other has and `removed` what only the one has; a list that was only put in
    another order is changed, with nothing added or removed.
    """

    pointer: str
    zh: str
    en: str
    one: JsonValue
    other: JsonValue
    changed: bool
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def compare(one: Terms, other: Terms) -> tuple[FieldDifference, ...]:
    """Return every field of two offers, changed or not."""
    return tuple(_differences(one, other))


def _differences(one: Terms, other: Terms) -> Iterator[FieldDifference]:
    before, after = one.model_dump(mode="json"), other.model_dump(mode="json")
    for pointer, (zh, en) in LABELS.items():
        _, term, field = pointer.split("/")
        yield _difference(pointer, zh, en, one=before[term][field], other=after[term][field])


def _difference(pointer: str, zh: str, en: str, *, one: JsonValue, other: JsonValue) -> FieldDifference:
    return FieldDifference(
        pointer=pointer,
        zh=zh,
        en=en,
        one=one,
        other=other,
        changed=one != other,
        added=_only_in(other, one),
        removed=_only_in(one, other),
    )


def _only_in(values: JsonValue, others: JsonValue) -> tuple[str, ...]:
    if not isinstance(values, list) or not isinstance(others, list):
        return ()
    return tuple(str(value) for value in values if value not in others)
