"""An import's states, and what rows of the guide's table say: pure, without a file or a catalogue."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.columns import HEADERS
from services.catalog.import_checks import Purpose, judge
from services.catalog.import_job import MACHINE, SYSTEM_ACTIONS, TABLE, Action, create, noted
from services.catalog.import_record import Counts, Format, ImportJob, State, Wanted
from services.catalog.import_rows import Said, Weight, blocks_of, said_in, table_of
from services.catalog.uploads import Unfit
from services.shared.callers import Caller, Claim
from services.shared.errors import Conflict, Forbidden, GovShareError, Invalid
from services.shared.lifecycle import Act
from services.shared.organisations import OFFICE
from services.shared.structure import faults

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
UNIT = "transport_commission"
OFFICER = Caller(organisation=UNIT, officer="o-1", claims=frozenset({Claim.OFFICER}))
STRANGER = OFFICER.model_copy(update={"organisation": "drc"})
WANTED = Wanted.model_validate({"format": "xlsx", "as": "draft", "size": 10})
NAME, ITEM = "信息资源名称", "信息项名称"


def a_job(state: State = State.AWAITING_FILE, **more: Any) -> ImportJob:
    return create(WANTED, OFFICER, NOON).model_copy(update={"state": state, **more})


def said(*rows: Mapping[str, str]) -> list[Said]:
    """Return what rows below the headers say, entry by entry."""
    sheet: Iterable[tuple[int, dict[int, str], dict[int, str]]] = [
        (1, dict(enumerate(HEADERS)), {}),
        *(
            (number, {HEADERS.index(header): text for header, text in row.items()}, {})
            for number, row in enumerate(rows, start=2)
        ),
    ]
    return [said_in(block) for block in blocks_of(table_of(sheet))]


# ---- states ----


def test_nothing_waits_for_nobody_and_nothing_is_a_trap() -> None:
    assert list(faults(MACHINE, {state: a_job(state) for state in State})) == []


@pytest.mark.parametrize("action", [action for action in Action if action not in SYSTEM_ACTIONS])
@pytest.mark.parametrize("state", State)
def test_a_unit_can_do_what_the_table_says_and_a_stranger_nothing(state: State, action: Action) -> None:
    job = a_job(state, counts=Counts(good=1))
    body: Any = type("Body", (), {"reason": "r"})()
    act = Act(action, body, OFFICER, NOON, given=10)
    if (state, action) in TABLE:
        assert MACHINE.advance(job, act).record.version == 2
        with pytest.raises(Forbidden):
            MACHINE.advance(job, Act(action, body, STRANGER, NOON, given=10))
    else:
        with pytest.raises(Conflict):
            MACHINE.advance(job, act)


@given(st.lists(st.sampled_from([*Action]), max_size=12))
def test_no_way_leads_to_a_commit_past_a_check_that_found_something_good(actions: list[Action]) -> None:
    job, checked = a_job(), False
    for action in actions:
        try:
            if action in SYSTEM_ACTIONS:
                job = noted(job, action, {"counts": Counts(good=1)} if action is Action.ACCEPT else {}, NOON)
            else:
                body: Any = type("Body", (), {"reason": "r"})()
                job = MACHINE.advance(job, Act(action, body, OFFICER, NOON, given=10)).record
        except GovShareError:
            continue
        checked = checked or job.state is State.CHECKED
        assert checked or job.state not in {State.COMMITTING, State.DONE}


def test_nothing_is_committed_where_nothing_is_good() -> None:
    with pytest.raises(Invalid):
        MACHINE.advance(a_job(State.CHECKED), Act(Action.COMMIT, None, OFFICER, NOON))


def test_who_may_not_import_makes_no_import() -> None:
    approver = OFFICER.model_copy(update={"claims": frozenset({Claim.APPROVER})})
    older = WANTED.model_copy(update={"purpose": Purpose.LEGACY})
    for wanted, caller in ((WANTED, approver), (older, OFFICER)):
        with pytest.raises(Forbidden):
            create(wanted, caller, NOON)
    assert create(older, OFFICER.model_copy(update={"organisation": OFFICE}), NOON).format is Format.XLSX


# ---- the table ----


def test_a_heading_above_the_headers_is_passed_over() -> None:
    sheet = {1: {0: "政务信息资源目录"}, 3: {2: NAME, 3: "信息项 名称"}, 4: {2: "泊位", 3: "数"}}
    (row,) = table_of((number, cells, {}) for number, cells in sheet.items())
    assert (row.number, row.cells) == (4, {NAME: "泊位", ITEM: "数"})


@pytest.mark.parametrize(
    "headers", [{0: "名称"}, {0: NAME, 1: NAME}, {0: NAME, 1: "没有的列"}, {0: NAME, 1: "信息资源 名称"}]
)
def test_a_table_without_its_title_or_with_columns_nobody_knows_is_none(headers: dict[int, str]) -> None:
    with pytest.raises(Unfit):
        list(table_of([(1, headers, {})]))


def test_rows_that_say_nothing_of_the_entry_or_the_same_again_are_its_items() -> None:
    first = {NAME: "甲", ITEM: "一"}
    entries = said(first, {ITEM: "二"}, first | {ITEM: "三"}, {NAME: "乙", ITEM: "一"})
    assert [(e.row, e.items, len(e.metadata["items"])) for e in entries] == [(2, (2, 3, 4), 3), (5, (5,), 1)]


def test_an_entry_that_begins_again_with_its_first_item_is_another_one() -> None:
    row = {NAME: "甲", ITEM: "一"}
    assert [entry.row for entry in said(row, {ITEM: "二"}, row, {NAME: "乙"}, {NAME: "乙"})] == [2, 4, 5, 6]


def test_every_cell_that_cannot_be_read_is_told_at_once() -> None:
    (entry,) = said(
        {NAME: "甲", "数据长度": "五", "更新周期": "有时", "评估日期": "昨天", ITEM: "一"},
        {ITEM: "二", "数据类型": "x"},
    )
    assert {(problem.row, problem.column) for problem in entry.problems} == {
        (2, "数据长度"),
        (2, "更新周期"),
        (2, "评估日期"),
        (3, "数据类型"),
    }


def test_a_class_of_formats_alone_stands_for_any_of_its_formats() -> None:
    (entry,) = said({NAME: "甲", "信息资源格式分类": "数据库"})
    assert entry.metadata["formats"] == ["database"]


def test_the_credit_code_must_be_the_providers() -> None:
    right, wrong = said(
        {NAME: "甲", "信息资源提供方": "北京市文化和旅游局", "信息资源提供方代码": "11110000777051923C"},
        {NAME: "乙", "信息资源提供方": "北京市文化和旅游局", "信息资源提供方代码": "11110000777051923X"},
    )
    assert (right.problems, [problem.column for problem in wrong.problems]) == ((), ["信息资源提供方代码"])


# ---- what an entry is worth ----


def test_a_draft_that_lacks_something_is_taken_and_told_what() -> None:
    judged = judge(said({NAME: "甲", "信息资源提供方": UNIT})[0], Purpose.DRAFT, UNIT)
    assert not judged.bad
    assert {problem.weight for problem in judged.problems} == {Weight.WARNING}
    assert {"信息资源摘要", "共享类型", "更新周期", "产生单位"} <= {problem.column for problem in judged.problems}


def test_an_older_catalogue_needs_to_say_where_it_comes_from() -> None:
    judged = judge(said({NAME: "甲"})[0], Purpose.LEGACY, OFFICE)
    assert judged.bad
    told = {problem.column for problem in judged.problems if problem.weight is Weight.ERROR}
    assert told == {"来源标识", "来源引用", "来源地址", "来源更新日期"}


def test_a_mark_of_secrecy_keeps_a_row_out_of_any_import() -> None:
    for purpose, unit in ((Purpose.DRAFT, UNIT), (Purpose.LEGACY, OFFICE)):
        judged = judge(said({NAME: "机密★20年", "信息资源提供方": UNIT})[0], purpose, unit)
        assert NAME in {problem.column for problem in judged.problems if problem.weight is Weight.ERROR}


def test_a_districts_extension_that_conflicts_with_a_city_standard_is_an_error() -> None:
    judged = judge(
        said({NAME: "甲", "信息资源提供方": "110107", "扩展元数据": "更新周期=每日"})[0], Purpose.DRAFT, "110107"
    )
    assert "扩展元数据" in {problem.column for problem in judged.problems if problem.weight is Weight.ERROR}
