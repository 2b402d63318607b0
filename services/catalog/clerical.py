"""The slips of those who fill in the guide's table (目录梳理常见问题): each with its place, and words that help.

Pure, and of metadata that may be incomplete: what is sent by form and what is imported is looked at alike.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from services.catalog.metadata import Metadata, folded
from services.catalog.parts import Extension, Item
from services.shared.errors import Problem

SYSTEM = re.compile(r"(?:系统|平台|网站|门户|小程序|app)$")
UNKNOWN_AS_ZERO = re.compile(
    r"(?:不详|不明|未知|不清楚|没有数据|无数据|缺失)[^,;。]{0,6}(?:填|写|记|为|用)[^,;。]{0,3}0"
)
NUMBERED = re.compile(r"(\D.*?)(\d{1,4})")
SHORTEST_RUN = 3
LISTS = ("tags", "formats", "related_codes")
POST = re.compile(r"[处科室局委办厅院部队所站组岗员长任管书记心门人馆校区县市街道镇乡台]$")
PERSON = re.compile(r"[\u4e00-\u9fff]{2,4}")


def slips(metadata: Metadata) -> Iterator[Problem]:
    """Yield a problem for each slip that metadata show by themselves."""
    yield from _title(metadata)
    yield from _spacing(metadata)
    yield from _repeated("items", metadata.items)
    yield from _repeated("extensions", metadata.extensions)
    yield from _listed_twice(metadata)
    yield from _counted_up(metadata.items)
    yield from _zero_for_unknown(metadata)
    yield from _persons(metadata)


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """Return what of a name tells it from others: no width, case, space or punctuation but that between digits."""
    kept = folded(text)
    if kept.isalnum():
        return kept
    return "".join(sign for place, sign in enumerate(kept) if sign.isalnum() or _tells(kept, place))


def _tells(text: str, place: int) -> bool:
    if unicodedata.category(text[place])[0] not in "PZC":
        return True  # +, <, ℃ and the like are meant
    return text[place] in ".%-/" and text[max(place - 1, 0)].isdigit() and text[place + 1 : place + 2].isdigit()


def _title(metadata: Metadata) -> Iterator[Problem]:
    if metadata.title and SYSTEM.search(folded(metadata.title)):
        detail = "这是系统的名称，请写其中信息的名称 / this names a system; name the information in it"
        yield Problem(pointer="/title", detail=detail)


def _spacing(metadata: Metadata) -> Iterator[Problem]:
    names = [("/title", metadata.title or "")]
    names += [(f"/items/{place}/name", item.name) for place, item in enumerate(metadata.items)]
    for pointer, name in names:
        if "  " in name or "\u3000" in name or "\n" in name or "\t" in name:
            yield Problem(pointer=pointer, detail="有多余的空格或换行 / there are stray spaces or line breaks")
        elif name and unicodedata.category(name[-1]) == "Po" and name[-1] not in "%％":
            yield Problem(pointer=pointer, detail="末尾有多余的标点 / there is stray punctuation at the end")


def _repeated(field: str, named: Sequence[Item | Extension]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, each in enumerate(named):
        first = seen.setdefault(plain(each.name), place)
        if first != place:
            detail = f"与第{first + 1}项同名 / same name as number {first + 1}"
            yield Problem(pointer=f"/{field}/{place}/name", detail=detail)


def _listed_twice(metadata: Metadata) -> Iterator[Problem]:
    for field in LISTS:
        codes: tuple[str, ...] = getattr(metadata, field)
        for place, code in enumerate(codes):
            if code in codes[:place]:
                yield Problem(pointer=f"/{field}/{place}", detail=f"{code}重复 / {code} stands here twice")


def _counted_up(items: Sequence[Item]) -> Iterator[Problem]:
    """Dragging a cell down counts its last digits up; items that each say what they are were meant."""
    run: list[int] = []
    for place in range(len(items) + 1):
        if run and place < len(items) and _follows(items[run[-1]], items[place]):
            run.append(place)
            continue
        if len(run) >= SHORTEST_RUN and len({items[each].description for each in run} - {None}) < len(run):
            first, last = items[run[0]].name, items[run[-1]].name
            detail = f"“{first}”至“{last}”似为表格自动递增；若确为不同信息项，请各写说明 / counted up by the spreadsheet? if these are different items, describe each"  # noqa: E501 - one sentence in two languages
            yield Problem(pointer=f"/items/{run[1]}/name", detail=detail)
        run = [place]


def _follows(one: Item, other: Item) -> bool:
    first, second = NUMBERED.fullmatch(one.name), NUMBERED.fullmatch(other.name)
    if first is None or second is None or first[1] != second[1]:
        return False
    return int(second[2]) == int(first[2]) + 1


def _zero_for_unknown(metadata: Metadata) -> Iterator[Problem]:
    said = [("/abstract", metadata.abstract)]
    said += [(f"/items/{place}/description", item.description) for place, item in enumerate(metadata.items)]
    for pointer, text in said:
        if text and "0" in (kept := folded(text)) and UNKNOWN_AS_ZERO.search(kept):
            yield Problem(pointer=pointer, detail="未知不应填0，请留空 / what is not known is left empty, not 0")


def _persons(metadata: Metadata) -> Iterator[Problem]:
    said = [("/steward", metadata.steward)]
    said += [("/assessment/signed_by", metadata.assessment.signed_by)] if metadata.assessment else []
    said += [("/stub/handled_by", metadata.stub.handled_by)] if metadata.stub else []
    for pointer, text in said:
        if text and PERSON.fullmatch(text) and not POST.search(text):
            detail = "请写岗位或机构，不写人名 / name a post or a body, not a person"
            yield Problem(pointer=pointer, detail=detail)
