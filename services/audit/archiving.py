"""The clock in: reads what was filed since the last time, and packages the cases that are due for the archives.

It may die anywhere and run any number of times at once: the cursor moves last, an entry that was met before changes
nothing, and a case has one package whoever makes it.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from typing import Any

from services.audit.archival_store import ArchivalStore, Due, archival_store
from services.audit.casefile import FiledEntry, step_of
from services.audit.objects import LogReader
from services.audit.package_steps import Readiness
from services.audit.packaging import carry_out, plan_for
from services.audit.retention import Standing, Step, after
from services.audit.store import AuditStore
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle, tile_width
from services.shared.callers import SYSTEM
from services.shared.canonical import now
from services.shared.errors import GovShareError, Stale
from services.shared.observe import count, logger, traced
from services.shared.working_days import day_in_beijing

RESERVE_MS = 20_000  # a package is made in less
MOST = 100  # packages of one run
TRIES = 3
DAYS_OFF = 7
DROPPED = frozenset({Readiness.OPEN, Readiness.NEVER, Readiness.PACKAGED})  # it comes back when it is closed anew
GoesOn = Callable[[], bool]


@traced
def handler(_event: Mapping[str, Any], context: Any) -> None:
    """Read the log on, then package what is due, as far as the time of this run goes."""

    def goes_on() -> bool:
        return bool(context.get_remaining_time_in_millis() > RESERVE_MS)

    walked = walk(goes_on)
    made, put_off = package_due(now(), goes_on)
    count("PackagesPrepared", made)
    count("PackagesPutOff", put_off)
    logger.info("archived", extra={"entries": walked, "prepared": made, "put_off": put_off})


def walk(goes_on: GoesOn = lambda: True) -> int:
    """Note of each entry filed since the last time how its case now stands; return how many entries were read."""
    store = archival_store()
    ledger, log = AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"]), LogReader(os.environ["LOG_BUCKET"])
    size, first = ledger.head().published_size, store.cursor()
    at = first
    while at < size and goes_on():
        width = tile_width(size, level=0, index=at // WIDTH)
        entries = decode_bundle(log.read(bundle_path(at // WIDTH, width)))[at % WIDTH :]
        _note(store, [step_of(FiledEntry(entry=entry, receipt=b"")) for entry in entries])
        if not store.move_cursor(at, at + len(entries)):
            break  # another run is on its way
        at += len(entries)
    return at - first


def package_due(at: datetime, goes_on: GoesOn = lambda: True) -> tuple[int, int]:
    """Package the cases that are due; return how many were, and how many could not be and wait another week."""
    store, made, put_off = archival_store(), 0, 0
    for due in store.due(day_in_beijing(at), limit=MOST):
        if not goes_on():
            break
        try:
            made += _packaged(due, at)
        except Stale:
            continue  # another run is at it
        except GovShareError as error:
            reasons = [problem.detail for problem in error.problems]
            logger.error("package_put_off", extra={"case": due.case, "reason": str(error), "reasons": reasons})
            store.put_off(due, day_in_beijing(at + timedelta(days=DAYS_OFF)))
            put_off += 1
        else:
            store.drop(due)
    return made, put_off


def _packaged(due: Due, at: datetime) -> bool:
    plan = plan_for(due.case, at)
    if plan.readiness in DROPPED:
        return False
    carry_out(plan, SYSTEM, at)
    return True


def _note(store: ArchivalStore, steps: Iterable[Step]) -> None:
    """Bring each case on by its entries. Raises Stale when another run kept moving one of them."""
    by_case = {case: list(own) for case, own in groupby(sorted(steps, key=_order), key=lambda step: step.case)}
    standings = store.standings(by_case.keys())
    for case, own in by_case.items():
        _brought_on(store, standings.get(case), own)


def _brought_on(store: ArchivalStore, standing: Standing | None, own: Sequence[Step]) -> None:
    for _ in range(TRIES):
        moved = reduce(after, own, standing)
        if moved is None or moved == standing:
            return
        try:
            store.save(standing, moved)
        except Stale:
            standing = store.standings([moved.case]).get(moved.case)
        else:
            return
    raise Stale(f"others kept moving case {own[0].case}")


def _order(step: Step) -> tuple[str, int]:
    return step.case, step.case_seq
