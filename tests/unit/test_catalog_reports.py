"""What the reports say of what is published, and whose lines a reader gets."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.catalogues import Listed, Shelf
from services.catalog.measures import Facts, lines_of
from services.catalog.reports import PUBLIC, Line, ReportName, is_of, scope_of
from services.catalog.search import Summary
from services.catalog.standings import district_of
from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.errors import Forbidden, Unauthenticated
from tests.summaries import entry

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO = "2025-01-06T03:00:00Z"
RESTRICTED = [name for name in ReportName if name not in PUBLIC]
UNITS = ("drc", "110101", "dongcheng_ecology_bureau", "transport_commission")
ENTRIES = st.lists(
    st.builds(
        entry,
        st.integers(0, 9_999),
        st.sampled_from(("停车场", "公园名单", "停车场信息", "许可证")),
        st.sampled_from(UNITS),
        key_domain=st.sampled_from((None, "credit", "public_health")),
        update_cycle=st.sampled_from((None, "daily", "yearly")),
        score=st.integers(0, 100),
        missing=st.lists(st.sampled_from(("share", "open", "items")), unique=True),
        lag_seconds=st.none() | st.integers(0, 10**7),
        heard_at=st.sampled_from((LONG_AGO, "2026-11-20T03:00:00Z")),
    ),
    max_size=15,
    unique_by=lambda one: one.id,
)


def caller(organisation: str) -> Caller:
    return Caller(organisation=organisation, officer="o", claims=frozenset({Claim.OFFICER}))


def lines(name: ReportName, entries: Sequence[Summary], *listed: tuple[Shelf, Listed], unit: str | None = None) -> Any:
    """Return a report's lines as its office reads them."""
    return lines_of(name, Facts(entries, listed, AT), scope_of(name, caller("informatization_office"), unit))


def a_database(unit: str, day: str, *, running: bool = True) -> tuple[Shelf, Listed]:
    """Return a database's line: one that runs was last reported on this day."""
    line = Listed(kind="database", id="d1", title="停车库", unit=unit, unit_name=unit, updated=day)
    heard = datetime.fromisoformat(f"{day}T03:00:00Z") if running else None
    return Shelf.DATABASES, line.model_copy(update={"update_cycle": "monthly", "heard_at": heard})


def a_duty(unit: str, lag_seconds: int) -> tuple[Shelf, Listed]:
    return Shelf.COLLECTION, Listed(
        kind="collection",
        id="c1",
        title="登记",
        unit=unit,
        unit_name=unit,
        lag_seconds=lag_seconds,
        updated="2026-11-23",
    )


def units_of(line: Line) -> set[str]:
    """Return the units that a line is about."""
    shown = line.model_dump()
    members = {member["unit"] for member in shown.get("members", ())}
    return members or {shown[name] for name in ("unit", "district") if shown.get(name)}


@given(ENTRIES)
def test_counts_add_up_to_all_entries_in_every_way_that_all_entries_have(entries: list[Summary]) -> None:
    found = lines(ReportName.COUNTS, entries)
    for by in ("total", "unit", "catalogue", "key_domain", "share_type"):
        assert sum(line.count for line in found if line.by == by) == len(entries)


def test_counts_name_what_they_count_in_both_languages_and_say_what_is_not_stated() -> None:
    found = lines(ReportName.COUNTS, [entry(1, "信用", "drc", key_domain="credit"), entry(2, "名单", "drc")])
    domains = {(line.code, line.zh, line.en, line.count) for line in found if line.by == "key_domain"}
    assert domains == {
        ("credit", "企业与个人信用", "enterprise and personal credit", 1),
        (None, "未说明", "not stated", 1),
    }
    (unit,) = [line for line in found if line.by == "unit"]
    assert (unit.code, unit.count) == ("drc", 2)
    assert unit.zh.endswith("发展和改革委员会")


def test_databases_count_beside_entries_and_a_shared_entry_counts_once() -> None:
    shared = Listed(kind="resource", id="00001", title="信用", unit="drc", unit_name="drc", updated="2026-11-23")
    entries, others = [entry(1, "信用", "drc")], (a_database("drc", "2026-11-23"), (Shelf.EXCHANGE, shared))
    found = lines(ReportName.COUNTS, entries, *others)
    counted = {(line.kind, line.by, line.code): line.count for line in found}
    assert counted["resource", "total", None] == counted["database", "total", None] == 1
    assert counted["resource", "catalogue", "exchange_catalog"] == 1
    assert counted["database", "catalogue", "database_catalog"] == 1


def test_staleness_names_what_is_overdue_since_when_entries_and_databases_alike() -> None:
    entries = [
        entry(1, "泊位", "transport_commission", update_cycle="monthly", heard_at=LONG_AGO),
        entry(2, "线路", "transport_commission", update_cycle="monthly"),
    ]
    stopped = a_database("110101", "2025-01-06", running=False)
    listed = (a_database("drc", "2025-01-06"), a_database("drc", "2026-11-20"), stopped)
    found = lines(ReportName.STALENESS, entries, *listed)
    since = datetime(2025, 3, 9, 15, 59, 59, tzinfo=UTC)
    assert [(line.kind, line.unit, line.since) for line in found] == [
        ("database", "drc", since),
        ("resource", "transport_commission", since),
    ]


def test_confirmation_names_what_nobody_confirmed_for_a_year_whatever_its_cycle() -> None:
    entries = [
        entry(1, "泊位", "drc", update_cycle="yearly", heard_at="2025-11-20T03:00:00Z"),
        entry(2, "线路", "drc", update_cycle="daily", heard_at="2025-12-20T03:00:00Z"),
    ]
    (line,) = lines(ReportName.CONFIRMATION, entries)
    assert (line.id, line.since) == ("00001", datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC))


def test_quality_shows_units_then_entries_the_worst_first_with_what_they_lack() -> None:
    entries = [
        entry(1, "甲", "drc", score=40, missing=("share", "open")),
        entry(2, "乙", "drc", score=61, missing=("share",)),
        entry(3, "丙", "110101", score=30, missing=("items",)),
    ]
    found = lines(ReportName.QUALITY, entries)
    assert [(line.unit, line.id, line.entries, line.score) for line in found] == [
        ("110101", None, 1, 30),
        ("drc", None, 2, 50),
        ("110101", "00003", 1, 30),
        ("drc", "00001", 1, 40),
        ("drc", "00002", 1, 61),
    ]
    assert [(lack.group, lack.entries) for lack in found[1].lacking] == [("share", 2), ("open", 1)]
    assert all(lack.zh and lack.en for line in found for lack in line.lacking)


def test_publication_gives_median_and_longest_lag_of_all_then_of_each_unit_the_slowest_first() -> None:
    days = [("drc", 1), ("drc", 2), ("drc", 6), ("110101", 4)]
    entries = [entry(place, "甲", unit, lag_seconds=day * 86_400) for place, (unit, day) in enumerate(days)]
    found = lines(ReportName.PUBLICATION, [*entries, entry(9, "旧", "drc", legacy=True)], a_duty("drc", 3600))
    assert [(line.kind, line.unit, line.published, line.median_days, line.max_days) for line in found] == [
        ("collection", None, 1, 0.04, 0.04),
        ("collection", "drc", 1, 0.04, 0.04),
        ("resource", None, 4, 3.0, 6.0),
        ("resource", "110101", 1, 4.0, 4.0),
        ("resource", "drc", 3, 2.0, 6.0),
    ]


def test_a_report_of_nothing_has_no_line() -> None:
    assert [lines(name, []) for name in ReportName] == [[] for _ in ReportName]


def test_conformance_takes_a_district_and_its_units_together() -> None:
    entries = [
        entry(1, "甲", "110101", score=100),
        entry(2, "乙", "dongcheng_ecology_bureau", score=50, missing=("share",), legacy=True),
        entry(3, "丙", "drc", score=10),
    ]
    (line,) = lines(ReportName.CONFORMANCE, entries)
    shown = line.model_dump(include={"district", "units", "entries", "complete", "legacy", "score"})
    assert shown == {"district": "110101", "units": 2, "entries": 2, "complete": 1, "legacy": 1, "score": 75}


@given(ENTRIES, st.sampled_from(RESTRICTED), st.sampled_from(UNITS))
def test_a_unit_reads_no_line_that_is_not_about_it(entries: list[Summary], name: ReportName, unit: str) -> None:
    within = scope_of(name, caller(unit), None)
    seats = {unit, district_of(unit)}  # a district's line is made of the reader's own entries alone
    for line in lines_of(name, Facts(entries, [a_database(other, "2024-01-01") for other in UNITS], AT), within):
        assert any(is_of(about, unit) or about in seats for about in units_of(line))


@given(ENTRIES, st.sampled_from(UNITS))
def test_what_units_read_together_is_what_the_office_reads(entries: list[Summary], unit: str) -> None:
    for name in (ReportName.STALENESS, ReportName.CONFIRMATION):
        mine = lines_of(name, Facts(entries, [], AT), scope_of(name, caller(unit), None))
        assert mine == lines(name, entries, unit=unit)


@given(ENTRIES)
def test_lines_stand_in_an_order_that_their_entries_do_not_decide(entries: list[Summary]) -> None:
    for name in ReportName:
        assert lines(name, entries) == lines(name, entries[::-1])


@given(ENTRIES)
def test_the_worst_units_come_first(entries: list[Summary]) -> None:
    units = [line.score for line in lines(ReportName.QUALITY, entries) if line.id is None]
    assert all(one <= other for one, other in pairwise(units))


def test_a_districts_unit_reads_of_its_district_what_is_its_own() -> None:
    entries = [entry(1, "甲", "110101"), entry(2, "乙", "dongcheng_ecology_bureau")]
    within = scope_of(ReportName.CONFORMANCE, caller("dongcheng_ecology_bureau"), None)
    (line,) = lines_of(ReportName.CONFORMANCE, Facts(entries, [], AT), within)
    assert line.model_dump(include={"district", "entries"}) == {"district": "110101", "entries": 1}


def test_a_cluster_is_read_by_each_unit_that_is_in_it_and_by_no_other() -> None:
    facts = Facts([entry(1, "停车场", "drc"), entry(2, "停车场", "transport_commission")], [], AT)
    seen = {
        unit: len(lines_of(ReportName.CONSOLIDATION, facts, scope_of(ReportName.CONSOLIDATION, caller(unit), None)))
        for unit in ("drc", "transport_commission", "110101", "statistics_bureau", "supervision_bureau")
    }
    assert seen == {"drc": 1, "transport_commission": 1, "110101": 0, "statistics_bureau": 1, "supervision_bureau": 1}


@pytest.mark.parametrize("name", ReportName)
def test_the_anonymous_read_public_reports_alone(name: ReportName) -> None:
    if name in PUBLIC:
        assert scope_of(name, ANONYMOUS, None)("drc")
        return
    with pytest.raises(Unauthenticated):
        scope_of(name, ANONYMOUS, None)


@pytest.mark.parametrize("name", RESTRICTED)
def test_a_unit_may_not_ask_for_another_and_a_district_may_ask_for_its_units(name: ReportName) -> None:
    with pytest.raises(Forbidden):
        scope_of(name, caller("drc"), "transport_commission")
    assert scope_of(name, caller("110101"), "dongcheng_ecology_bureau")("dongcheng_ecology_bureau")
