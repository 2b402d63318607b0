"""What a batch takes of what waits: a thousand entries at most, and what came first before all the rest; what cannot be
filed hides nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, islice

import pytest

from services.audit import listen
from services.audit.batch import MOST
from services.audit.chain import CaseHead, admit
from services.audit.items import bucket_of, mark_item, waiting_name
from services.audit.store import PAGE
from services.shared.dynamo import item_of
from services.shared.events import Event
from tests.filing import NOON, store
from tests.ledger_harness import ORIGIN, World, a_place, a_world, file, inside, steps
from tests.ledger_invariants import entries

MANY = PAGE + 50  # more than is read of a bucket at a time
LONG_AGO = NOON - timedelta(days=1)


@pytest.fixture
def world() -> Iterator[World]:
    """An empty ledger."""
    with a_place(), inside(a_world(0).copy()) as world:
        yield world


def let_wait(world: World, event: Event, at: datetime, *, previous: str = "") -> None:
    """Let an event wait since `at`, as if it had been accepted after `previous`."""
    head = CaseHead(case_seq=(event.case_seq or 1) - 1, event_id=previous)
    accepted = admit(event, head, None, at=at)
    assert accepted is not None
    kept = {"entry": accepted.entry, "previous": previous, "accepted_at": accepted.mark.accepted_at}
    for item in (mark_item(accepted.mark), waiting_name(ORIGIN, accepted.mark) | kept):
        world.cloud.items[item["pk"]] = world.cloud.items.get(item["pk"], {}) | {item["sk"]: item_of(item)}


def in_one_bucket(number: int) -> Iterator[str]:
    """Yield cases whose event of this number waits in the first bucket."""
    return (case for at in count() if bucket_of(f"{(case := f'{number}-{at}')}-{number}") == 0)


def file_one_batch() -> int:
    """File one batch; return how many entries it had."""
    return listen.sequencer(listen.invoke_signer).run(goes_on=lambda: False)


def test_a_thousand_that_wait_are_one_batch_and_one_more_is_another(world: World) -> None:
    for number in range(MOST + 1):
        let_wait(world, steps(f"c-{number}", 1)[0], at=NOON)

    assert [file_one_batch() for _ in range(3)] == [MOST, 1, 0]
    assert len(entries(world)) == MOST + 1


def test_what_came_first_is_read_first_however_many_cases_begin_after_it(world: World) -> None:
    first, patient = steps(next(in_one_bucket(2)), 1, 2)
    let_wait(world, first, LONG_AGO)
    assert file_one_batch() == 1
    let_wait(world, patient, LONG_AGO, previous=first.id)
    for case in islice(in_one_bucket(1), MANY):
        let_wait(world, steps(case, 1)[0], NOON)

    assert file_one_batch() == PAGE

    mark = store().mark(patient.id)
    assert mark is not None
    assert mark.index is not None


def test_a_case_with_a_gap_waits_and_hides_no_other_case_however_often_it_happens(world: World) -> None:
    for case in islice(in_one_bucket(2), MANY):
        let_wait(world, steps(case, 2)[0], LONG_AGO, previous=f"{case}-1")
    for case in islice(in_one_bucket(1), 3):
        let_wait(world, steps(case, 1)[0], NOON)

    assert file() == 3

    assert file() == 0
    assert len(store().pending(pages=100)) == MANY
