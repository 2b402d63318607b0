"""The first benchmark: cold imports against a bare one, and AWS calls a route, printed and written down."""

import os
import platform
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.bench import (
    calls,
    importing,
    imports,
    ledger,
    ledger_building,
    ledger_costs,
    likeness,
    negotiating,
    searching,
    validation,
)
from tests.filing import prepare_ledger
from tests.standing import standing_stack

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`; run it again to repeat. Measured on {day}, {cores} cores, Python {python}.
{sections}"""
IMPORTS = """
## Import time
A fresh interpreter each, median of {rounds} interleaved rounds. The yardstick is what any function of this kind loads:
{bare:.0f} ms for `{statement}`.
Goal: at most {most} times that. (With a mere `import pydantic`, which loads none of it, it is {unused:.0f} ms.)

Two things wait until they are needed and are outside these figures: models are built when first used, and what verifies
tokens is loaded with the first token ({token:.0f} ms more).

| module | ms | times the bare import |
|---|---|---|
"""
CALLS = """
## AWS calls
Counted where they are sent, on the stack in memory. Goal: 1 for what is published, at most 2 for a read, 3 for a step
and for a filing that is read by its place in the log.

| route | calls | which |
|---|---|---|
"""
NEGOTIATING = """
## Negotiation
The decision of each transition of one negotiation in process, sealing what was written included; median of {rounds},
one core. The yardstick is reading the request from its stored JSON, {yardstick:.2f} ms. Goal: under 1 ms.

| action | ms | times the yardstick |
|---|---|---|
"""
SWEEPING = """
## Sweep
One run over open cases of which few are due, on the stack in memory, whose queries are Python. Goal: it reads what is
due and nothing else; `read` counts every item that its queries looked at, those of the cases that went on included.

| open cases | due | read | seconds |
|---|---|---|---|
"""
BUILDING = """
## The ledger: growing
A batch of a thousand entries, best of {rounds} rounds, one core. Goal: {goal:,} entries a second from canonical bytes
to root and tiles. The yardsticks are SHA-256 of the same leaves and nodes alone, `pymerkle` in memory, and canonical
JSON.

| what | entries before it | entries a second |
|---|---|---|
"""
VERIFYING = """
## The ledger: verifying
A log on disk with an archived checkpoint for each batch of {batch:,}, each in a process of its own, CPU seconds. Goal:
a million entries under 15 s and 400 MB. One receipt of that log takes {receipt:.2f} ms (goal: under 1 ms).

| what | entries | seconds | MB | says |
|---|---|---|---|---|
"""
COSTS = """
## The ledger: what a million filings cost
Dollars, from calls that are counted where they are sent, in batches of so many; {prices}

| entries | intake | marks | by-case index | head | receipts | S3 PUT | KMS | Lambda, SQS, reading | all |
|---|---|---|---|---|---|---|---|---|---|
"""
LIKENESS = """
## Likeness
Best of {rounds} rounds each, one core. The yardstick is reading the same entries from their stored JSON.

| what | entries | found | ms | times the yardstick |
|---|---|---|---|---|
"""
SEARCHING = """
## Search
The sample, and rows made of it for other districts and years; {queries} judged queries, {rounds} times each, in a
process of its own for each engine. `cold` is from nothing imported to a first answer, `p95 counted` with totals and
counts by every filter. The yardstick is SQLite FTS5 with jieba on the same rows in the same run. Goal at 100,000 rows:
p95 under 2 ms, cold under 300 ms, build under 30 s, memory under 150 MB.

| engine | rows | build s | index MB | cold ms | p50 ms | p95 ms | p95 counted | memory MB | p95 of the yardstick |
|---|---|---|---|---|---|---|---|---|---|
"""
QUALITY = """
## How well it finds
Judged queries on the sample ({files}); `./govshare evaluate` measures the same on any files.

| engine | queries | recall@10 | MRR | nDCG@10 |
|---|---|---|---|---|
"""
VALIDATION = """
## Validation of entries
Complete entries with ten items, best of {rounds} rounds, one core. Goal: at least {goal} a second. The yardstick is
pydantic reading the same drafts into the model that is kept, without our rules.

| what | entries a second | times the yardstick |
|---|---|---|
"""
IMPORTING = """
## Import of a table
{rows} rows, an entry each, as XLSX. Goal: no function comes near its 900 seconds or its 2,048 MB.

| what | seconds | MB |
|---|---|---|
"""


@pytest.fixture(scope="module")
def sections() -> Iterator[list[str]]:
    """What was measured; written down when all is done."""
    found: list[str] = []
    yield found
    python, day = platform.python_version(), datetime.now(UTC).date()
    report = HEAD.format(day=day, cores=os.cpu_count(), python=python, sections="".join(found))
    REPORT.write_text(report)
    print(report)  # noqa: T201 - a benchmark shows what it found


def shown(value: object) -> object:
    return f"{value:.1f}" if isinstance(value, float) else "" if value is None else value


def table(rows: Iterable[tuple[object, ...]]) -> str:
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)


def test_the_import_of_every_module_that_functions_start_from_is_measured(sections: list[str]) -> None:
    yardstick, found = imports.measure()
    head = IMPORTS.format(rounds=imports.ROUNDS, statement=imports.BARE, most=imports.MOST, **yardstick._asdict())
    sections.append(head + table((f"`{one.module}`", f"{one.milliseconds:.0f}", f"{one.ratio:.2f}") for one in found))
    assert [one.module for one in found] == imports.modules()  # times are reported, never asserted


def test_no_route_takes_more_calls_than_it_may(sections: list[str]) -> None:
    with standing_stack() as stack, pytest.MonkeyPatch.context() as patch:
        for name, value in prepare_ledger(stack).items():
            patch.setenv(name, value)
        found = calls.measure(stack["RequestsTable"])
    rows = [(f"`{one.route}`", len(one.operations), ", ".join(one.operations) or "none") for one in found]
    sections.append(CALLS + table(rows))
    assert [one for one in found if len(one.operations) > one.most] == []


def test_a_transition_is_decided_in_a_few_times_what_reading_it_takes(sections: list[str]) -> None:
    yardstick, found = negotiating.decisions()
    head = NEGOTIATING.format(rounds=negotiating.ROUNDS, yardstick=yardstick)
    sections.append(head + table((f"`{one.action}`", f"{one.milliseconds:.2f}", f"{one.ratio:.1f}") for one in found))
    assert len(found) == len(set(found))  # times are reported, never asserted


def test_what_is_alike_is_found_among_ten_thousand_entries(sections: list[str]) -> None:
    found = likeness.measure()
    rows = [(one.what, one.entries, one.outcome, f"{one.milliseconds:.1f}", f"{one.ratio:.2f}") for one in found]
    sections.append(LIKENESS.format(rounds=likeness.ROUNDS) + table(rows))
    assert found[-1].entries == likeness.MANY  # times are reported, never asserted


def test_a_search_is_measured_beside_fts5_at_every_size(sections: list[str]) -> None:
    found = searching.measure()
    theirs = {one.rows: one.p95_ms for one in found if one.engine == searching.THEIRS}
    rows = [(*map(shown, one), f"{one.p95_ms / theirs[one.rows]:.2f}") for one in found]
    sections.append(SEARCHING.format(rounds=searching.ROUNDS, queries=len(searching.texts())) + table(rows))
    assert [one.rows for one in found] == [size for size in searching.SIZES for _ in range(2)]  # times are not asserted


def test_a_search_finds_more_than_fts5_does(sections: list[str]) -> None:
    found = searching.quality()
    rows = [(one.engine, one.queries, *(f"{each:.3f}" for each in one[2:])) for one in found]
    files = ", ".join(f"`{file.relative_to(searching.ROOT)}`" for file in searching.QUERIES)
    sections.append(QUALITY.format(files=files) + table(rows))
    for ours, theirs in zip(found[::2], found[1::2], strict=True):
        assert min(mine - other for mine, other in zip(ours[2:], theirs[2:], strict=True)) > 0


def test_an_entry_is_judged_in_a_few_times_what_reading_it_takes(sections: list[str]) -> None:
    found = validation.measure()
    rows = [(rate.what, f"{rate.a_second:.0f}", f"{rate.ratio:.2f}") for rate in found]
    sections.append(VALIDATION.format(rounds=validation.ROUNDS, goal=validation.GOAL) + table(rows))
    assert len(found) == len({rate.what for rate in found})  # times are reported, never asserted


def test_ten_thousand_rows_come_in_on_a_stack_on_this_machine(sections: list[str]) -> None:
    report, found = importing.measure()
    rows = [(one.what, f"{one.seconds:.1f}", f"{one.megabytes:.0f}" if one.megabytes else "") for one in found]
    sections.append(IMPORTING.format(rows=f"{importing.MANY:,}") + table(rows))
    assert (report.imported, report.refused) == (importing.MANY, ())  # times are reported, never asserted


def test_a_batch_becomes_tiles_beside_what_hashing_alone_takes(sections: list[str]) -> None:
    found = ledger_building.measure()
    rows = [(rate.what, f"{rate.size:,}", f"{rate.a_second:,.0f}") for rate in found]
    sections.append(BUILDING.format(rounds=ledger_building.ROUNDS, goal=ledger_building.GOAL) + table(rows))
    assert {rate.size for rate in found} == set(ledger_building.LOGS)  # times are reported, never asserted


def test_a_million_entries_are_built_and_verified(sections: list[str]) -> None:
    receipt, found = ledger.receipt_milliseconds(), ledger.measure()
    rows = [(one.what, f"{one.entries:,}", shown(one.seconds), f"{one.megabytes:.0f}", one.outcome) for one in found]
    sections.append(VERIFYING.format(batch=ledger.BATCH, receipt=receipt) + table(rows))
    assert [one.entries for one in found] == [ledger.MANY] * 2


def test_filings_cost_less_in_larger_batches(sections: list[str]) -> None:
    with standing_stack() as stack, pytest.MonkeyPatch.context() as patch:
        for name, value in prepare_ledger(stack).items():
            patch.setenv(name, value)
        costs = [cost for cost, _ in ledger_costs.measure()]
    rows = [(cost.entries, *(f"{dollars:.2f}" for dollars in (*cost[1:], cost.total))) for cost in costs]
    sections.append(COSTS.format(prices="prices of us-east-1.") + table(rows))
    assert [cost.entries for cost in costs] == list(ledger_costs.SIZES)
    assert costs[0].total > costs[-1].total  # a calculation from counted calls, not a time


def test_a_sweep_reads_only_what_is_due(sections: list[str]) -> None:
    with standing_stack() as stack:
        found = negotiating.swept(stack["RequestsTable"])
    sections.append(SWEEPING + table([(found.cases, found.due, found.read, f"{found.seconds:.1f}")]))
    assert found.due == negotiating.DUE
    assert found.read <= 10 * found.due
