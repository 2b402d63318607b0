"""What an import of ten thousand rows takes: on a stack on this machine, and for reading and judging the file alone."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from infra.local import emulator, issuer
from infra.local.deploy import Deployment, deploy, remove
from services.catalog.columns import HEADERS, Row
from services.catalog.import_checks import Purpose, judge
from services.catalog.import_matches import repeats
from services.catalog.import_rows import blocks_of, said_in, table_of
from services.catalog.sheets import write_xlsx
from services.catalog.workbooks import read_xlsx
from services.shared.organisations import OFFICE
from tools.govshare.loading import LoadReport, load_catalogue
from tools.govshare.older import older_row, table_rows

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "beijing_catalogue.jsonl"
MANY = 10_000


class Cost(NamedTuple):
    """One part of an import: seconds, and the highest memory of its process in MB where it has one of its own."""

    what: str
    seconds: float
    megabytes: float | None


def older_rows() -> list[str]:
    """Return ten thousand rows of an older catalogue as JSON, each of one data item: the sample, over and over."""
    sample = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    whole = (sample[number % len(sample)] | {"id": f"bench-{number}"} for number in range(MANY))
    made = (row | {"title": f"{row['title']}（{row['id']}）", "items": row["items"][:1]} for row in whole)
    return [json.dumps(row, ensure_ascii=False) for row in made]


def measure() -> tuple[LoadReport, list[Cost]]:
    """Return what became of the rows, and what each part of their import cost."""
    with tempfile.TemporaryDirectory() as folder:
        older, table = Path(folder) / "rows.jsonl", Path(folder) / "table.xlsx"
        older.write_text("\n".join(older_rows()), encoding="utf-8")
        table.write_bytes(write_xlsx(HEADERS, list(_table(older))))
        alone = _alone(table)
        with _stack(Path(folder)) as (deployment, token):
            report, first = _timed(deployment, token, older)
            memory = _highest_of(f"{deployment.name}-CatalogWork")
            _, again = _timed(deployment, token, older)
            costs = [
                Cost("reading and judging the table, alone", *alone),
                Cost("import on a stack on this machine: sent, checked, committed", first, memory),
                Cost(
                    "the same once more: sent, checked, unchanged", again, _highest_of(f"{deployment.name}-CatalogWork")
                ),
            ]
        return report, costs


def read(path: Path) -> int:
    """Return how many entries of a table can be committed, by its own words alone."""
    entries = [judge(said_in(b), Purpose.LEGACY, OFFICE) for b in blocks_of(table_of(read_xlsx(path.read_bytes())))]
    repeats(entries, Purpose.LEGACY)
    return sum(not entry.bad for entry in entries)


def _table(older: Path) -> Iterator[Row]:
    for line in older.read_text(encoding="utf-8").splitlines():
        yield from table_rows(older_row(json.loads(line)))


def _alone(table: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "tests.bench.importing", str(table)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    entries, seconds, megabytes = answer.stdout.split()
    if int(entries) != MANY:
        raise RuntimeError(f"{entries} of {MANY} entries can be committed")
    return float(seconds), float(megabytes)


@contextmanager
def _stack(folder: Path) -> Iterator[tuple[Deployment, str]]:
    name, home = f"govshare-bench-{uuid4().hex[:6]}", folder / "home"
    home.mkdir()
    endpoint = emulator.start(emulator.free_port(), folder).endpoint
    try:
        deployment = deploy(endpoint, name=name, home=home)
        yield deployment, issuer.mint(home, org=OFFICE, roles=("officer",), sub="bench", ttl_seconds=3600)
        remove(endpoint, name=name)
    finally:
        emulator.stop(folder)


def _highest_of(function: str) -> float | None:
    """Return the most memory, in MB, that a process of a function's has taken so far; None where nobody can tell."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if function in (place / "cmdline").read_text():
                status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
                found.append(int(status["VmHWM"].split()[0]) / 1024)
        except (OSError, KeyError):
            continue  # it ended meanwhile, or is another's
    return max(found, default=None)


def _timed(deployment: Deployment, token: str, older: Path) -> tuple[LoadReport, float]:
    started = time.perf_counter()
    report = load_catalogue(deployment.api, token, older)
    return report, time.perf_counter() - started


if __name__ == "__main__":
    begun = time.perf_counter()
    good = read(Path(sys.argv[1]))
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(good, time.perf_counter() - begun, highest)  # noqa: T201 - the one who asked reads it
