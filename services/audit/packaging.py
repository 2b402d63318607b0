"""Making a package of a case: the case read from the log, judged, bagged, checked, kept. Load, decide, save."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

from services.audit.batch import archived
from services.audit.casefile import CaseFile, FiledEntry, indexed
from services.audit.eep import Face
from services.audit.entry import Mark, State
from services.audit.filings import erasures_of, receipt_of
from services.audit.objects import LogReader
from services.audit.package import Package, make, package_id
from services.audit.package_life import Action
from services.audit.package_steps import Readiness, begin, readiness, refuse_failed, refuse_unready, take
from services.audit.package_store import package_store
from services.audit.retention import Standing
from services.audit.store import AuditStore
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle, tile_width
from services.shared.callers import Caller
from services.shared.erasure import erasure_id
from services.shared.errors import Conflict
from services.shared.lifecycle import Act
from services.shared.once import Once

PAGE = 100
READERS = 8  # objects of the log read at a time


class Plan(NamedTuple):
    """A case as it stands in the log, its latest package if there is one, and whether another can be made now."""

    file: CaseFile
    standing: Standing
    latest: Package | None
    readiness: Readiness


def plan_for(case: str, at: datetime) -> Plan:
    """Return whether a case can be packaged now, and all that is needed for it.

    Raises NotFound for a case that the ledger does not have, Conflict while some of it is still being filed.
    """
    file, latest = read_case(case), package_store().latest(case)
    if (standing := file.standing) is None:
        raise Conflict("案卷尚无记录 / nothing of the case is filed yet")
    return Plan(file, standing, latest, readiness(standing, latest, at))


def carry_out(plan: Plan, caller: Caller, at: datetime, once: Once | None = None) -> Package:
    """Make the package that is planned, and keep its bag, its record and its event.

    Raises Conflict with what is missing or failed, and then nothing is written; Stale when someone else was first.
    """
    refuse_unready(plan.readiness, plan.standing, plan.latest)
    store, latest = package_store(), plan.latest
    again = latest if plan.readiness is Readiness.AGAIN else None
    replaced = again.supersedes if again else latest.id if latest else None
    edition = again.edition if again else latest.edition + 1 if latest else 1
    face = Face(package_id(plan.file.case, edition), at, replaced)
    made = make(plan.file, face, store.policy())
    refuse_failed(made)
    step = take(again, Act(Action.PREPARE, None, caller, at, made)) if again else begin(made, latest, caller, at)
    store.keep_bag(face.id, made)
    store.save_step(again, step, once)
    return step.record


def read_case(case: str) -> CaseFile:
    """Return all of a case from the log. Raises NotFound, and Conflict while some of it is not filed or published."""
    ledger = AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])
    head, published = package_store().head_of(case), ledger.head().published_size
    marks = list(_marks(ledger, case))
    filed = all(mark.state is State.FILED for mark in marks) and len(marks) == head.case_seq
    if not filed or max((mark.size or 0 for mark in marks), default=0) > published:
        raise Conflict("案卷尚在入账 / some of the case is still being filed")
    found = indexed(marks)
    bundles = {index // WIDTH for _, index, _ in found}
    paths = [bundle_path(each, tile_width(published, level=0, index=each)) for each in sorted(bundles)]
    objects = _read([*paths, *sorted({archived(size) for _, _, size in found})])
    entries = {each: decode_bundle(objects[path]) for each, path in zip(sorted(bundles), paths, strict=True)}
    erased = ledger.filed(erasures_of(marks))
    return CaseFile(
        case=case,
        filed=tuple(
            FiledEntry(
                entry=entries[index // WIDTH][index % WIDTH],
                receipt=receipt_of(mark, objects.__getitem__).encode(),
                erased_by=erasure_id(mark.event_id) if erasure_id(mark.event_id) in erased else None,
            )
            for mark, index, _ in found
        ),
        checkpoint=objects[archived(max(size for _, _, size in found))],
        head=head,
    )


def _marks(ledger: AuditStore, case: str) -> Iterator[Mark]:
    """Yield the marks of a case in its order, from an index that may lag behind: how many there must be is known."""
    after, more = None, True
    while more:
        marks, after = ledger.marks_of(case, limit=PAGE, after=after)
        yield from marks
        more = after is not None


def _read(paths: Sequence[str]) -> dict[str, bytes]:
    log = LogReader(os.environ["LOG_BUCKET"])
    with ThreadPoolExecutor(READERS) as pool:
        return dict(zip(paths, pool.map(log.read, paths), strict=True))
