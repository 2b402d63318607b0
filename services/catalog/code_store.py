"""Resource codes in the catalogue's table: each once, those of a class one after the other.

Items: `CODE#<code>` / `CODE` (whose it is) and the counters `CODE#<front segment>`. A code stays its entry's for good.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from services.catalog.codes import CodeProfile, make
from services.catalog.counters import last_of, numbered, taking
from services.catalog.listing import items_of
from services.shared.dynamo import put_new
from services.shared.errors import Stale

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

T = TypeVar("T")
LOOKED_AT = 50  # at once, when the next number is claimed already
Save = Callable[[str, Sequence["TransactWriteItemTypeDef"]], T]


def code_claim(table: str, code: str, entry_id: str) -> "TransactWriteItemTypeDef":
    """Return the write that makes a code an entry's; it fails when the code is anybody's already."""
    return put_new(table, _place(code) | {"made": entry_id})


def entries_of(table: str, codes: Sequence[str]) -> dict[str, str]:
    """Return the entries that codes belong to, by code, consistently; 100 codes a call."""
    found = items_of(table, [_place(code) for code in codes])
    return {item["pk"].removeprefix("CODE#"): item["made"] for item in found}


def coded(table: str, front: str, profile: CodeProfile, entry_id: str, save: Save[T]) -> T:
    """Return what `save` returns with the next code of a front segment and the writes that take it.

    A number whose code was claimed by an import is passed over: it is in use, so nothing is left out. Raises Stale
    when the transaction lost for another reason than the code, TooMany when too many others were quicker.
    """
    name = f"CODE#{front}"

    def saved(first: int) -> T:
        number = first
        while True:
            code = make(front, number, profile)
            take = taking(table, name, first, count=number - first + 1)
            try:
                return save(code, [take, code_claim(table, code, entry_id)])
            except Stale:
                if last_of(table, name) >= first or not entries_of(table, [code]):
                    raise
            number = _next_free(table, front, profile, number + 1)

    return numbered(table, name, saved)


def _next_free(table: str, front: str, profile: CodeProfile, number: int) -> int:
    while True:
        numbers = range(number, number + LOOKED_AT)
        taken = entries_of(table, [make(front, each, profile) for each in numbers])
        for each in numbers:
            if make(front, each, profile) not in taken:
                return each
        number += LOOKED_AT


def _place(code: str) -> dict[str, str]:
    return {"pk": f"CODE#{code}", "sk": "CODE"}
