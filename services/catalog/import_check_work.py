"""The job `import_check`: a file is read, each entry of its table judged, and what can be committed is laid out.

It may come twice or break off: each run begins anew in a folder of its own, and the first to end counts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from services.catalog import files_store
from services.catalog.import_checks import Judged, judge
from services.catalog.import_job import Action, noted
from services.catalog.import_lookup_store import known_to
from services.catalog.import_matches import Matched, Standing, match, repeats
from services.catalog.import_record import Counts, Format, ImportJob, Progress, State
from services.catalog.import_rows import RowProblem, blocks_of, said_in, table_of
from services.catalog.import_store import folder_in, import_store, put_chunks
from services.catalog.job_store import Job
from services.catalog.uploads import Unfit
from services.catalog.workbooks import SheetRow, read_csv, read_xlsx
from services.shared.canonical import new_id, now
from services.shared.errors import Stale
from services.shared.observe import logger

READERS = {Format.XLSX: read_xlsx, Format.CSV: read_csv}
CHUNK = 200  # entries that are committed by one job
TELL_EVERY = 1_000  # entries


class Superseded(Exception):
    """The import went on without this run: it was discarded, or another run ended first."""


def check(message: Job) -> None:
    """Check the file of an import that is being checked; of any other nothing is to be done."""
    job = import_store().get(message.about)
    if job.state is not State.CHECKING:
        return
    try:
        _check(job)
    except Superseded:
        logger.info("superseded", extra={"about": job.id})


def _check(job: ImportJob) -> None:
    try:
        progress, judged = _read(job)
    except Unfit as unfit:
        _note(job, Action.REFUSE, {"refusals": unfit.faults})
        return
    matched, attempt = _matched(job, judged), new_id()
    good = [each.candidate for each in matched if each.candidate]
    problems = sorted((p for each in matched for p in each.problems), key=lambda problem: problem.row)
    chunks = [good[first : first + CHUNK] for first in range(0, len(good), CHUNK)]
    put_chunks(folder_in(job.id, attempt), chunks, problems)
    counts = _counts(matched, problems)
    found = {"progress": progress, "counts": counts, "attempt": attempt, "chunks": len(chunks)}
    _note(job, Action.ACCEPT, found)


def _read(job: ImportJob) -> tuple[Progress, list[Judged]]:
    judged: list[Judged] = []
    rows = 0
    for block in blocks_of(table_of(_sheet(job))):
        judged.append(judge(said_in(block), job.purpose, job.unit))
        rows += len(block.rows)
        if len(judged) % TELL_EVERY == 0:
            job = _note(job, Action.NOTE, {"progress": Progress(rows=rows, checked=len(judged))})
    if not judged:
        raise Unfit("表中没有内容 / the table is empty")
    return Progress(rows=rows, entries=len(judged), checked=len(judged)), judged


def _sheet(job: ImportJob) -> Iterator[SheetRow]:
    try:
        data = files_store.read(job.key)
    except LookupError as error:
        raise Unfit("文件已不在 / the file is no longer there") from error
    yield from READERS[job.format](data)


def _matched(job: ImportJob, judged: Sequence[Judged]) -> list[Matched]:
    again = repeats(judged, job.purpose)
    whole = [each.with_problems(again.get(place, ())) for place, each in enumerate(judged)]
    known = known_to(import_store().table, whole, job.purpose, job.unit)
    return [match(each, job.purpose, job.unit, known) for each in whole]


def _counts(matched: Iterable[Matched], problems: Sequence[RowProblem]) -> Counts:
    standing = Counter(each.standing for each in matched)
    counted = {name.value: standing[name] for name in Standing}
    good = standing[Standing.NEW] + standing[Standing.REVISED]
    return Counts(**counted, good=good, problems=len(problems))


def _note(job: ImportJob, action: Action, update: dict[str, object]) -> ImportJob:
    """Return the import with what was found, as it is kept. Raises Superseded when it is being checked no more."""
    while True:
        try:
            import_store().save(after := noted(job, action, update, now()))
        except Stale as error:
            if (job := import_store().get(job.id)).state is not State.CHECKING:
                raise Superseded from error
        else:
            return after
