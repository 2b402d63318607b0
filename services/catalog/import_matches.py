"""What entries of a table are to each other and to the catalogue: repeats, and what is new, revised or unchanged.

Pure: what the catalogue holds is handed in. What stands there already, word for word, is left alone and never faulted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from services.catalog.clerical import plain
from services.catalog.codes import profile_in_force, split
from services.catalog.columns import CODE, TITLE
from services.catalog.entry import Entry
from services.catalog.import_checks import Judged, Purpose
from services.catalog.import_rows import RowProblem, Weight
from services.catalog.metadata import Metadata
from services.catalog.version import Source, State
from services.shared.model import Model

SOURCE_ID = "来源标识"
OPEN_TO_CHANGE = frozenset({State.DRAFT, State.RETURNED})
COUNTED = re.compile(r"(\D.*?)(\d{1,4})")
SHORTEST_RUN = 3
SCALE = {
    Purpose.DRAFT: Weight.ERROR,
    Purpose.LEGACY: Weight.WARNING,
}  # an older catalogue's slips are taken as they are
Title = tuple[str, str]


class Standing(StrEnum):
    """What an entry of a table is to the catalogue."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    BAD = "bad"


class Candidate(Model):
    """An entry of a table that can be committed: what it says, and the entry that it revises, if it does."""

    row: int
    provider: str
    metadata: Metadata
    source: Source | None
    code: str | None
    revises: str | None


class Known(NamedTuple):
    """What the catalogue holds: by resource code and by source id, and by title ids, and drafts never published."""

    by_code: Mapping[str, Entry]
    by_source: Mapping[str, Entry]
    by_title: Mapping[Title, str]
    drafts: Mapping[Title, Entry]

    def entry(self, judged: Judged) -> Entry | None:
        """Return the entry that one of a table names."""
        if judged.code and judged.code in self.by_code:
            return self.by_code[judged.code]
        if judged.source_id and judged.source_id in self.by_source:
            return self.by_source[judged.source_id]
        return None if judged.code else self.drafts.get(title_of(judged.provider, judged.title))


class Matched(NamedTuple):
    """What an entry of a table is to the catalogue, and every problem with it."""

    standing: Standing
    problems: tuple[RowProblem, ...]
    candidate: Candidate | None = None


def title_of(provider: str | None, title: str) -> Title:
    """Return what two entries of one unit must not share: the title, whatever its spaces and punctuation."""
    return provider or "", plain(title)


def repeats(entries: Sequence[Judged], purpose: Purpose) -> dict[int, list[RowProblem]]:
    """Return, by the entry's place, what it shares with an earlier one and must not, and codes of odd length."""
    found: dict[int, list[RowProblem]] = {}
    for place, problem in (*_same(entries, purpose), *_odd_codes(entries), *_counted_up(entries, purpose)):
        found.setdefault(place, []).append(problem)
    return found


def match(judged: Judged, purpose: Purpose, unit: str, known: Known) -> Matched:
    """Return what an entry of a table is to the catalogue, for an officer of `unit`."""
    entry = known.entry(judged)
    if entry and entry.live and judged.metadata == entry.live.metadata and entry.state is State.LIVE:
        return Matched(Standing.UNCHANGED, ())
    if purpose is Purpose.LEGACY:
        told = list(_against_older(judged, entry))
        if entry and not told:
            return Matched(Standing.UNCHANGED, ())
    else:
        if entry and entry.open and entry.provider == unit and judged.metadata == entry.open.metadata:
            return Matched(Standing.UNCHANGED, ())
        told = list(_against_own(judged, entry, unit))
    told += _twin(judged, purpose, entry, known)
    judged = judged.with_problems(told)
    if judged.bad or judged.metadata is None or judged.provider is None:
        return Matched(Standing.BAD, judged.problems)
    candidate = Candidate(
        row=judged.row,
        provider=judged.provider,
        metadata=judged.metadata,
        source=judged.source,
        code=judged.code,
        revises=entry.id if entry else None,
    )
    return Matched(Standing.REVISED if entry else Standing.NEW, judged.problems, candidate)


def _against_older(judged: Judged, entry: Entry | None) -> Iterator[RowProblem]:
    # What its provider has revised since, or withdrawn, is no longer the older catalogue's to say.
    if entry and entry.live and entry.live.state is State.LIVE and entry.live.source:
        told = "已导入且内容不同，由提供方修订 / imported before and says something else: its provider revises it"
        yield RowProblem(row=judged.row, column=TITLE, detail=told)


def _against_own(judged: Judged, entry: Entry | None, unit: str) -> Iterator[RowProblem]:
    if entry is None:
        if judged.code:
            told = "没有这个代码的信息资源；代码在发布时给出 / no entry has this code; a code is given at publication"
            yield RowProblem(row=judged.row, column=CODE, detail=told)
    elif entry.provider != unit:
        yield RowProblem(row=judged.row, column=CODE, detail="属于其他单位 / this is another unit's entry")
    elif entry.open and entry.open.state not in OPEN_TO_CHANGE:
        told = "正在审核，不能修订 / under review, and cannot be revised now"
        yield RowProblem(row=judged.row, column=TITLE, detail=told)
    elif not entry.open and entry.state is not State.LIVE:
        yield RowProblem(row=judged.row, column=TITLE, detail="已撤销 / this entry was withdrawn")


def _twin(judged: Judged, purpose: Purpose, entry: Entry | None, known: Known) -> Iterator[RowProblem]:
    other = known.by_title.get(title_of(judged.provider, judged.title))
    if judged.title and other and (entry is None or other != entry.id):
        told = f"目录中已有同名信息资源 / the catalogue has one of this name: {other}"
        yield RowProblem(row=judged.row, column=TITLE, detail=told, weight=SCALE[purpose])


def _same(entries: Sequence[Judged], purpose: Purpose) -> Iterator[tuple[int, RowProblem]]:
    seen: dict[tuple[str, object], int] = {}
    for place, judged in enumerate(entries):
        for header, value, weight in _keys(judged, purpose):
            first = seen.setdefault((header, value), judged.row)
            if first != judged.row:
                told = f"与第{first}行重复 / the same as in row {first}"
                yield place, RowProblem(row=judged.row, column=header, detail=told, weight=weight)


def _keys(judged: Judged, purpose: Purpose) -> Iterator[tuple[str, object, Weight]]:
    if judged.code:
        yield CODE, judged.code, Weight.ERROR
    if judged.source_id:
        yield SOURCE_ID, judged.source_id, Weight.ERROR
    if judged.title and judged.provider:
        yield TITLE, title_of(judged.provider, judged.title), SCALE[purpose]


def _odd_codes(entries: Sequence[Judged]) -> Iterator[tuple[int, RowProblem]]:
    codes = {place: split(judged.code, profile_in_force()) for place, judged in enumerate(entries) if judged.code}
    lengths = {place: len(code.rear) for place, code in codes.items() if code}
    usual = max(Counter(lengths.values()).most_common(1), default=(0, 0))[0]
    for place, length in lengths.items():
        if length != usual:
            told = f"后段码{length}位，本表多为{usual}位 / a rear segment of {length} digits; most here have {usual}"
            yield place, RowProblem(row=entries[place].row, column=CODE, detail=told, weight=Weight.WARNING)


def _counted_up(entries: Sequence[Judged], purpose: Purpose) -> Iterator[tuple[int, RowProblem]]:
    """Dragging a title down counts its last digits up: one resource becomes many that say the same."""
    run: list[int] = []
    for place in range(len(entries) + 1):
        if run and place < len(entries) and _follows(entries[run[-1]], entries[place]):
            run.append(place)
            continue
        for each in run[1:] if len(run) >= SHORTEST_RUN else ():
            first = entries[run[0]].row
            told = f"与第{first}行似为表格自动递增 / counted up from row {first} by the spreadsheet?"
            yield each, RowProblem(row=entries[each].row, column=TITLE, detail=told, weight=SCALE[purpose])
        run = [place]


def _follows(one: Judged, other: Judged) -> bool:
    first, second = COUNTED.fullmatch(one.title), COUNTED.fullmatch(other.title)
    if first is None or second is None or one.metadata is None or other.metadata is None:
        return False
    same = first[1] == second[1] and one.metadata.abstract == other.metadata.abstract
    return same and int(second[2]) == int(first[2]) + 1
