"""The job `import_commit`: one chunk of an import's entries is committed, and the job for the next one asked for.

It may come twice or break off after any write: what was committed is marked in the same transaction, row by row.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from services.catalog.code_store import code_claim
from services.catalog.entry import Entry, create, take
from services.catalog.import_job import MOST_LATE, Action, noted
from services.catalog.import_lookup_store import entries_of, source_claim
from services.catalog.import_matches import Candidate
from services.catalog.import_record import ImportJob, Results, State
from services.catalog.import_rows import RowProblem
from services.catalog.import_store import chunk_of, import_store
from services.catalog.job_store import Job, enqueue
from services.catalog.legacy import Older, legacy_entry
from services.catalog.metadata import Draft
from services.catalog.resource_acts import Action as EntryAction
from services.catalog.store import catalog_store
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.dynamo import write
from services.shared.errors import GovShareError, Stale
from services.shared.lifecycle import Act
from services.shared.steps import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

NAME = "import_commit"
MOST_WRITES, MOST_BYTES = 100, 3_000_000  # of one transaction; it holds 4 MB
CHANGED = "目录在检查后有变化，未导入 / the catalogue changed after the check; not committed"


class Prepared(NamedTuple):
    """One entry's writes, all or none, and how many bytes they take."""

    row: int
    writes: list["TransactWriteItemTypeDef"]
    size: int


def commit(message: Job) -> None:
    """Commit the chunk that is next, unless the message is of one that was; go on until all are."""
    job = import_store().get(message.about)
    if job.state is not State.COMMITTING:
        return
    if message.part < job.next - 1:
        return  # the chain of jobs is well beyond
    if message.part == job.next:
        chunk = chunk_of(job, job.next)
        late = _commit(job, chunk)
        if not _went_on(job, chunk, late):
            return
        job = import_store().get(job.id)
    if job.state is State.COMMITTING:
        enqueue(Job(name=NAME, about=job.id, part=job.next))


def _commit(job: ImportJob, chunk: Sequence[Candidate]) -> list[RowProblem]:
    """Commit what of a chunk was not committed before; return what could not be."""
    late: dict[int, RowProblem] = {}
    prepared: list[Prepared] = []
    done = import_store().committed(job.id, [candidate.row for candidate in chunk])
    entries = entries_of(import_store().table, [each.revises for each in chunk if each.revises])
    for candidate in chunk:
        if candidate.row in done:
            continue
        try:
            prepared.append(_prepared(job, candidate, entries))
        except GovShareError as error:
            late[candidate.row] = _late(candidate.row, error.detail)
    for batch in _batches(prepared):
        late |= _write(job, batch)
    return [late[row] for row in sorted(late)]


def _prepared(job: ImportJob, candidate: Candidate, entries: Mapping[str, Entry]) -> Prepared:
    """Return an entry's writes. Raises what the entry's own rules raise."""
    step, table = _step(job, candidate, entries), import_store().table
    catalog_store().seal(step)
    entry, source = step.record, candidate.source
    writes = [*catalog_store().writes_of(step), import_store().commits(job, candidate.row, entry.id)]
    writes += [source_claim(table, source.source_id, entry.id)] if source else []
    writes += [code_claim(table, candidate.code, entry.id)] if source and candidate.code else []
    return Prepared(candidate.row, writes, 2 * len(candidate.metadata.model_dump_json().encode()))


def _step(job: ImportJob, candidate: Candidate, entries: Mapping[str, Entry]) -> Step[Entry]:
    officer = Caller(organisation=job.unit, officer=job.officer, claims=frozenset({Claim.OFFICER}))
    if candidate.source:
        return legacy_entry(Older.model_validate(candidate.model_dump(include=set(Older.model_fields))), officer, now())
    draft = Draft.model_validate(candidate.metadata.model_dump())
    if candidate.revises is None:
        return create(draft, officer, now())
    if candidate.revises not in entries:
        raise Stale("there is no such entry any more")
    return take(entries[candidate.revises], Act(EntryAction.REVISE, draft, officer, now()))


def _batches(prepared: Sequence[Prepared]) -> Iterator[list[Prepared]]:
    batch: list[Prepared] = []
    for each in prepared:
        whole = [*batch, each]
        if sum(len(one.writes) for one in whole) > MOST_WRITES or sum(one.size for one in whole) > MOST_BYTES:
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch


def _write(job: ImportJob, batch: Sequence[Prepared]) -> dict[int, RowProblem]:
    """Write a batch, or what of it can be written one by one; return those that someone else was faster with."""
    try:
        write([one for each in batch for one in each.writes])
    except Stale:
        if len(batch) == 1:
            row = batch[0].row
            return {} if import_store().committed(job.id, [row]) else {row: _late(row, CHANGED)}
        return {row: problem for each in batch for row, problem in _write(job, [each]).items()}
    return {}


def _late(row: int, detail: str) -> RowProblem:
    return RowProblem(row=row, column="", detail=detail)


def _went_on(job: ImportJob, chunk: Sequence[Candidate], late: Sequence[RowProblem]) -> bool:
    """Keep what became of a chunk; return False when another run of the same job did before."""
    left = {problem.row for problem in late}
    taken = [candidate for candidate in chunk if candidate.row not in left]
    revised = sum(candidate.revises is not None for candidate in taken)
    so_far = job.results
    results = Results(
        new=so_far.new + len(taken) - revised, revised=so_far.revised + revised, left=so_far.left + len(left)
    )
    committed = job.progress.model_copy(update={"committed": job.progress.committed + len(chunk)})
    update: dict[str, object] = {"results": results, "progress": committed, "next": job.next + 1}
    update["late"] = (*job.late, *late)[:MOST_LATE]
    last = job.next + 1 == job.chunks
    return _kept(job, Action.FINISH if last else Action.NOTE, update)


def _kept(job: ImportJob, action: Action, update: dict[str, object]) -> bool:
    while True:
        try:
            import_store().save(noted(job, action, update, now()))
        except Stale:
            fresh = import_store().get(job.id)
            if (fresh.state, fresh.next) != (job.state, job.next):
                return False
            job = fresh
        else:
            return True
