"""How quick the search is, and how large, beside SQLite's FTS5 with jieba on the same rows and queries.

Rows past the sample are its own, varied by district and year. Each engine answers in a fresh process of its own.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import fmean, quantiles
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from services.catalog.findable import Findable

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "beijing_catalogue.jsonl"
QUERIES = (ROOT / "tests/data/search_queries.jsonl", ROOT / "tests/data/search_queries_unseen.jsonl")
SIZES = (1_100, 10_000, 100_000)
ROUNDS = 5
OURS, THEIRS = "embedded index", "SQLite FTS5 with jieba"
DATABASE = "fts5.sqlite"
COLUMNS = ("title", "provider", "items", "abstract", "theme")
WEIGHTS = "3.0, 1.0, 1.2, 1.0, 0.5"
Ask = Callable[[str], object]


class Speed(NamedTuple):
    """One engine on so many rows: seconds, milliseconds and MB; `cold_ms` is from nothing imported to an answer."""

    engine: str
    rows: int
    build_s: float
    size_mb: float
    cold_ms: float
    p50_ms: float
    p95_ms: float
    counted_p95_ms: float | None
    memory_mb: float


class Quality(NamedTuple):
    """How well one engine answers the queries of one file."""

    engine: str
    queries: str
    recall: float
    mrr: float
    ndcg: float


def texts() -> list[str]:
    """Return every judged query's words."""
    return [json.loads(line)["query"] for file in QUERIES for line in file.read_text(encoding="utf-8").splitlines()]


def quality() -> list[Quality]:
    """Return how well both engines answer the judged queries of each file, on the sample."""
    from tools.govshare.evaluating import Query, read  # noqa: PLC0415 - who only asks loads none of it

    found = []
    with tempfile.TemporaryDirectory() as mine, tempfile.TemporaryDirectory() as other:
        ours, theirs = _built(Path(mine), Path(other))
        for file in QUERIES:
            queries = read(file, Query)
            for engine, ask in ((OURS, ours), (THEIRS, theirs)):
                measured = [_scored(ask(query.query), frozenset(query.relevant)) for query in queries]
                found.append(Quality(engine, file.stem, *(fmean(each) for each in zip(*measured, strict=True))))
    return found


def measure() -> list[Speed]:
    """Return both engines' figures at every size."""
    return [speed for size in SIZES for speed in _at(size)]


def many(size: int, seed: int = 1) -> "list[Findable]":
    """Return so many rows: the sample's, and others made of them for a district and a year."""
    from services.shared.organisations import organisations  # noqa: PLC0415 - who only asks loads none of it
    from tools.govshare.evaluating import Row, findable, read  # noqa: PLC0415

    sample, draw = [findable(row) for row in read(SAMPLE, Row)], Random(seed)  # noqa: S311 - a benchmark repeats itself
    districts = [(body.code, body.aliases[0]) for body in organisations().values() if body.code.isdigit()]
    made = sample[:size]
    while len(made) < size:
        row, (code, name) = sample[len(made) % len(sample)], draw.choice(districts)
        title = f"{name}{draw.randint(2005, 2025)}年{row.title}"
        made.append(
            replace(row, id=f"{row.id}-{len(made)}", title=title, unit=code, spellings=(name,), districts=(code,))
        )
    return made


def _built(mine: Path, other: Path) -> tuple[Callable[[str], list[str]], Callable[[str], list[str]]]:
    from services.catalog.finding import Found  # noqa: PLC0415
    from services.catalog.tantivy_index import build  # noqa: PLC0415

    rows = many(SIZES[0])
    build(rows, mine)
    _fill(rows, other)
    ours, theirs = _ours(mine)[0], _theirs(other)[0]

    def found(text: str) -> list[str]:
        page = ours(text)
        return [row.id for row in page.things] if isinstance(page, Found) else []

    return found, lambda text: [str(row[0]) for row in theirs(text)]  # type: ignore[attr-defined]  # rows of a cursor


def _scored(found: list[str], relevant: frozenset[str]) -> tuple[float, float, float]:
    from tools.govshare import scores  # noqa: PLC0415

    return scores.recall(found, relevant), scores.reciprocal_rank(found, relevant), scores.ndcg(found, relevant)


def _at(size: int) -> Iterator[Speed]:
    from services.catalog.tantivy_index import build  # noqa: PLC0415

    rows = many(size)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        seconds = _timed(lambda: build(rows, place))
        yield Speed(OURS, size, seconds, _megabytes(place), **_asked("ours", place))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        seconds = _timed(lambda: _fill(rows, place))
        yield Speed(THEIRS, size, seconds, _megabytes(place), **_asked("theirs", place))


def _fill(rows: "list[Findable]", place: Path) -> None:
    with warnings.catch_warnings(action="ignore"):  # its own are of expressions that are none of ours
        import jieba  # noqa: PLC0415

    def cut(text: str) -> str:
        return " ".join(jieba.cut_for_search(text))

    jieba.initialize()
    with sqlite3.connect(place / DATABASE) as database:
        database.execute(f"CREATE VIRTUAL TABLE entries USING fts5(id UNINDEXED, {', '.join(COLUMNS)})")
        lines = (
            (r.id, *map(cut, (r.title, " ".join(r.spellings), " ".join(r.items), r.abstract, r.theme or "")))
            for r in rows
        )
        database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", lines)


def _asked(engine: str, place: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.searching", engine, str(place)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    said: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return said


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _megabytes(place: Path) -> float:
    return sum(file.stat().st_size for file in place.iterdir()) / 1e6


def _ours(place: Path) -> tuple[Ask, Ask | None]:
    from services.catalog.finding import Question, find  # noqa: PLC0415 - what is timed begins here
    from services.catalog.retrieval import Facet  # noqa: PLC0415
    from services.catalog.tantivy_index import TantivyIndex  # noqa: PLC0415

    index, everything = TantivyIndex(place), tuple(Facet)
    return (
        lambda text: find(index, Question(text, most=10)),
        lambda text: find(index, Question(text, most=10, facets=everything)),
    )


def _theirs(place: Path) -> tuple[Ask, Ask | None]:
    import jieba  # noqa: PLC0415 - what is timed begins here

    database = sqlite3.connect(place / DATABASE)
    jieba.initialize()
    find = f"SELECT id FROM entries WHERE entries MATCH ? ORDER BY bm25(entries, 0, {WEIGHTS}) LIMIT 10"  # noqa: S608 - ours

    def ask(text: str) -> object:
        words = [word for word in jieba.cut_for_search(text) if word.strip()]
        return database.execute(find, (" OR ".join(f'"{word}"' for word in words),)).fetchall()

    return ask, None


def _serve(engine: str, place: Path, asked: list[str], started: float) -> dict[str, float | None]:
    ask, counted = (_ours if engine == "ours" else _theirs)(place)
    ask(asked[0])
    cold = time.perf_counter() - started
    times = sorted(_timed(lambda text=text: ask(text)) for _ in range(ROUNDS) for text in asked)  # type: ignore[misc]
    cuts = quantiles(times, n=20)
    with_counts = (
        quantiles([_timed(lambda text=text: counted(text)) for text in asked], n=20)[18] * 1000  # type: ignore[misc]
        if counted
        else None
    )
    return {
        "cold_ms": cold * 1000,
        "p50_ms": cuts[9] * 1000,
        "p95_ms": cuts[18] * 1000,
        "counted_p95_ms": with_counts,
        "memory_mb": _memory(),
    }


def _memory() -> float:
    """Return the most memory that this process has taken, in MB; what its parent took is not in it."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(_serve(sys.argv[1], Path(sys.argv[2]), texts(), time.perf_counter())))  # noqa: T201 - who asked reads it
