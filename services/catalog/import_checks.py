"""What one entry of a table is worth by itself: whose it is, what it says, and every problem with that at once.

An incomplete draft is taken, a wrong one is not; an older catalogue is taken as it is, its slips told. Pure.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from pydantic import ValidationError

from services.catalog.clerical import slips
from services.catalog.codes import class_code, fault_of, profile_in_force, split
from services.catalog.columns import CODE, PROVIDER, header_at
from services.catalog.completeness import problems_of
from services.catalog.conditions import condition_faults
from services.catalog.consistency import contradictions
from services.catalog.districts import conflicts
from services.catalog.fields import methods_of
from services.catalog.import_rows import RowProblem, Said, Weight
from services.catalog.legacy import LegacyDraft, LegacySource, owner_of
from services.catalog.metadata import Metadata
from services.catalog.version import Source
from services.shared.errors import Problem
from services.shared.inputs import problems_of as faults_in

LACKING = Problem(pointer="/title", detail="必填 / required")
SAYINGS = {  # pydantic's own words are English
    "string_too_long": "过长",
    "string_too_short": "过短",
    "string_pattern_mismatch": "格式不对",
    "missing": "必填",
    "too_long": "过多",
    "greater_than_equal": "未知请留空，不填0",
    "less_than_equal": "过大",
}


class Purpose(StrEnum):
    """What rows become: drafts and revisions of a unit's own, or entries of an older catalogue, published at once."""

    DRAFT = "draft"
    LEGACY = "legacy"


class Judged(NamedTuple):
    """What one entry of a table says, and what is wrong with it; metadata are None where they cannot be read."""

    row: int
    title: str
    provider: str | None
    code: str | None
    source_id: str | None
    metadata: Metadata | None
    source: Source | None
    problems: tuple[RowProblem, ...]

    @property
    def bad(self) -> bool:
        """Whether it cannot be committed."""
        return self.metadata is None or any(problem.weight is Weight.ERROR for problem in self.problems)

    def with_problems(self, problems: Iterable[RowProblem]) -> "Judged":
        """Return the same with more problems."""
        return self._replace(problems=(*self.problems, *problems))


def judge(said: Said, purpose: Purpose, unit: str) -> Judged:
    """Return what a block is worth, for an officer of `unit`."""
    metadata, faults = _metadata(said)
    source, more = _source(said) if purpose is Purpose.LEGACY else (None, [])
    provider = said.provider or (owner_of(source) if source else None)
    problems = [*said.problems, *_placed(said, [*faults, *more]), *_code(said, metadata)]
    if metadata:
        problems += _told_of(metadata, said, purpose)
    problems += _whose(said, provider, purpose, unit)
    title = metadata.title or "" if metadata else str(said.metadata.get("title", ""))
    known = source.source_id if source else said.source.get("source_id")
    return Judged(said.row, title, provider, said.code, known, metadata, source, tuple(dict.fromkeys(problems)))


def _metadata(said: Said) -> tuple[Metadata | None, list[Problem]]:
    untitled = [] if said.metadata.get("title") else [LACKING]
    try:
        return LegacyDraft.model_validate(said.metadata).kept(), untitled
    except ValidationError as error:
        return None, [*untitled, *_in_both_languages(error)]


def _source(said: Said) -> tuple[Source | None, list[Problem]]:
    facts = said.source if "source_id" in said.source or not said.code else said.source | {"source_id": said.code}
    try:
        return LegacySource.model_validate(facts).kept(), []
    except ValidationError as error:
        return None, [
            Problem(pointer=f"/source{each.pointer}", detail=each.detail) for each in _in_both_languages(error)
        ]


def _in_both_languages(error: ValidationError) -> Iterator[Problem]:
    faults = error.errors()
    for fault, problem in zip(faults, faults_in(faults), strict=True):
        zh = SAYINGS.get(fault["type"])
        yield problem.model_copy(update={"detail": f"{zh} / {problem.detail}"}) if zh else problem


def _told_of(metadata: Metadata, said: Said, purpose: Purpose) -> Iterator[RowProblem]:
    """Yield what the catalogue's own rules say: of a draft what is wrong, and, as a warning, what it lacks."""
    wrong = [*slips(metadata), *contradictions(metadata), *condition_faults(metadata)]
    if purpose is Purpose.LEGACY:
        yield from _placed(said, wrong, Weight.WARNING)  # what it lacks is its quality, shown with the entry
        return
    wrong += [*_unknown_formats(metadata), *conflicts(metadata, said.provider or "")]
    lacking = [problem for problem in problems_of(metadata) if problem not in wrong]
    yield from _placed(said, wrong)
    yield from _placed(said, lacking, Weight.WARNING)


def _unknown_formats(metadata: Metadata) -> Iterator[Problem]:
    for place, code in enumerate(metadata.formats):
        if methods_of(code) is None:
            yield Problem(
                pointer=f"/formats/{place}", detail=f"“{code}”不在格式清单中 / not a format of the list formats"
            )


def _code(said: Said, metadata: Metadata | None) -> Iterator[RowProblem]:
    if said.code is None:
        return
    profile = profile_in_force()
    found, place = split(said.code, profile), metadata.classification if metadata else None
    if found is None:
        yield RowProblem(row=said.row, column=CODE, detail=fault_of(said.code, profile) or "")
    elif place and found.front != class_code(place, profile):
        front = class_code(place, profile)
        told = f"前段码与分类不一致，应为 {front} / not of its classification, whose codes begin with {front}"
        yield RowProblem(row=said.row, column=CODE, detail=told)


def _whose(said: Said, provider: str | None, purpose: Purpose, unit: str) -> Iterator[RowProblem]:
    if any(problem.column == PROVIDER for problem in said.problems):
        return
    if purpose is Purpose.DRAFT and provider != unit:
        told = "必填 / required" if provider is None else "不是本单位的信息资源 / another unit's resource"
        yield RowProblem(row=said.row, column=PROVIDER, detail=told)
    elif purpose is Purpose.LEGACY and said.provider is None:
        told = "未填提供方，按来源判断 / no provider is named; the source says whose it is"
        yield RowProblem(row=said.row, column=PROVIDER, detail=told, weight=Weight.WARNING)


def _placed(said: Said, problems: Iterable[Problem], weight: Weight = Weight.ERROR) -> Iterator[RowProblem]:
    for problem in problems:
        row, header = _place(problem.pointer, said)
        yield RowProblem(row=row, column=header, detail=problem.detail, weight=weight)


def _place(pointer: str, said: Said) -> tuple[int, str]:
    steps = pointer.split("/")[1:]
    named = [step for step in steps if not step.isdecimal()]
    row = said.items[int(steps[1])] if steps[:1] == ["items"] and len(steps) > 1 else said.row
    return row, header_at(".".join(named))
