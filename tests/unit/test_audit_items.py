"""How marks lie in the table: they come back as they were, hashes in bytes; what waits is in the order it came in."""

import pytest

from services.audit.batch import MOST, Pending, stage
from services.audit.entry import Mark, entry_of, mark_of
from services.audit.items import mark_item, value, waiting_name
from services.shared.dynamo import item_of, plain
from services.shared.events import Filing, FilingKind
from tests.bench.ledger_building import an_edge
from tests.bench.metering import size_of
from tests.unit.test_audit_entry import an_event

FILING = Filing(kind=FilingKind.REQUEST, authority="informatization_office")


def a_mark(case_seq: int = 1, accepted_at: str = "2026-03-01T12:00:00.005Z") -> Mark:
    """Return the mark of an accepted event."""
    event = an_event(id=f"e-{case_seq}", case_seq=case_seq, filing=FILING, parties=("drc", "shijingshan"))
    mark = mark_of(entry_of(event, "cd" * 32 if case_seq > 1 else ""))
    return mark.model_copy(update={"accepted_at": accepted_at})


@pytest.mark.parametrize("mark", [a_mark(1), a_mark(2), a_mark(2).filed(index=0, size=1, proof=())])
def test_a_mark_comes_back_as_it_was(mark: Mark) -> None:
    assert value(Mark, plain(item_of(mark_item(mark)))) == mark


def test_a_proof_comes_back_hash_by_hash() -> None:
    waiting = [Pending(entry=entry_of(an_event(case=f"c-{n}"), ""), previous="") for n in range(5)]
    for mark in stage(an_edge(1_000_077), waiting).marks():
        assert len(mark.proof) > 5
        assert value(Mark, plain(item_of(mark_item(mark)))) == mark


def test_a_mark_in_a_log_of_a_million_entries_is_little_more_than_its_proof() -> None:
    waiting = [Pending(entry=entry_of(an_event(case=f"c-{n}"), ""), previous="") for n in range(MOST)]
    marks = list(stage(an_edge(1_000_077), waiting).marks())

    assert max(size_of(item_of(mark_item(mark))) - 32 * len(mark.proof) for mark in marks) < 512


def test_what_came_first_is_read_first_and_a_case_in_its_order() -> None:
    early, late = "2026-03-01T12:00:00.005Z", "2026-03-01T12:00:00.006Z"
    marks = [a_mark(9, early), a_mark(10, early), a_mark(2, late)]

    names = [waiting_name("log", mark)["sk"] for mark in marks]

    assert names == sorted(names)
    assert len({waiting_name("log", mark)["pk"] for mark in [a_mark(n) for n in range(1, 40)]}) == 8
