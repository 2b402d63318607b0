"""What a batch files: what waited longest, at most a thousand; every case in its order whatever the clocks say, no
entry before its predecessor, no clock of its own in the bytes."""

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.audit.batch import MOST, Pending, in_order, predecessors, receipts, stage
from services.audit.entry import entry_of, written
from services.audit.tiles import load_edge
from services.shared.events import Filing, FilingKind
from tests.unit.test_audit_entry import NOON, an_event

FILING = Filing(kind=FilingKind.REQUEST, authority="informatization_office")


def no_objects(path: str) -> bytes:
    """Read from a log that holds nothing."""
    raise LookupError(path)


def waiting(
    case: str, case_seq: int, *, minutes: int = 0, filing: Filing | None = None, waits: timedelta = timedelta()
) -> Pending:
    """Return an entry that waits, of an event named after its place."""
    at = NOON + timedelta(minutes=minutes)
    event = an_event(id=f"{case}-{case_seq}", case=case, case_seq=case_seq, at=at, filing=filing)
    previous = f"{case}-{case_seq - 1}" if case_seq > 1 else ""
    return Pending(entry=entry_of(event, ""), previous=previous, accepted_at=written(NOON - waits))


def ids(chosen: list[Pending]) -> list[str]:
    """Return the event ids of entries."""
    return [each.mark.event_id for each in chosen]


def test_entries_are_filed_by_time() -> None:
    assert ids(in_order([waiting("a", 1, minutes=2), waiting("b", 1, minutes=1)], set())) == ["b-1", "a-1"]


def test_a_clock_that_runs_behind_does_not_turn_a_case_around() -> None:
    pending = [waiting("a", 2, minutes=-5), waiting("a", 1), waiting("b", 1, minutes=-3)]

    assert ids(in_order(pending, set())) == ["b-1", "a-1", "a-2"]


def test_an_entry_whose_predecessor_is_neither_filed_nor_waiting_waits() -> None:
    pending = [waiting("a", 2), waiting("a", 3), waiting("b", 1)]

    assert predecessors(pending) == {"a-1"}
    assert ids(in_order(pending, set())) == ["b-1"]
    assert ids(in_order(pending, {"a-1"})) == ["a-2", "a-3", "b-1"]


def test_a_batch_is_a_thousand_entries_and_never_more() -> None:
    pending = [waiting(f"c-{n}", 1) for n in range(MOST + 1)]

    assert len(in_order(pending[:MOST], set())) == MOST
    assert len(in_order(pending, set())) == MOST


def test_of_too_many_those_that_came_first_are_filed_whatever_their_own_time_and_number() -> None:
    crowd = [waiting(f"c-{n}", 1, minutes=-n) for n in range(MOST)]
    patient = waiting("p", 9, minutes=60, waits=timedelta(seconds=1))

    filed = ids(in_order([*crowd, patient], {"p-8"}))

    assert "p-9" in filed
    assert len(filed) == MOST


def test_a_batch_that_is_full_cuts_a_case_and_leaves_no_gap_in_it() -> None:
    case = [waiting("a", n, waits=timedelta(hours=1)) for n in range(1, MOST + 3)]

    assert ids(in_order(reversed(case), set())) == [f"a-{n}" for n in range(1, MOST + 1)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-9, 9)), max_size=30), st.randoms())
def test_no_case_is_ever_out_of_order_and_nothing_is_left_out(steps: list[tuple[str, int]], random: Random) -> None:
    pending, counts = [], dict.fromkeys("abc", 0)
    for case, minutes in steps:
        counts[case] += 1
        pending.append(waiting(case, counts[case], minutes=minutes))
    random.shuffle(pending)

    filed = ids(in_order(pending, set()))

    for case, count in counts.items():
        assert [each for each in filed if each.startswith(case)] == [f"{case}-{n}" for n in range(1, count + 1)]


def test_staging_the_same_entries_twice_gives_the_same_bytes_under_the_same_key() -> None:
    entries = in_order([waiting("a", 1), waiting("b", 1)], set())

    one, two = (stage(load_edge(0, no_objects), entries) for _ in range(2))

    assert (one.key, one.model_dump_json()) == (two.key, two.model_dump_json())


def test_when_entries_came_is_kept_with_the_batch_and_is_no_part_of_the_tree() -> None:
    early, late = ([waiting("a", 1, waits=timedelta(hours=hours))] for hours in (2, 1))

    staged, again = (stage(load_edge(0, no_objects), chosen) for chosen in (early, late))

    assert (staged.root, staged.key, staged.objects) == (again.root, again.key, again.objects)
    assert [mark.accepted_at for mark in staged.marks()] == ["2026-03-01T10:00:00.005Z"]


def test_two_ways_to_one_tree_are_staged_apart() -> None:
    entries = in_order([waiting("a", 1), waiting("a", 2), waiting("a", 3)], set())
    at_once, first = stage(load_edge(0, no_objects), entries), stage(load_edge(0, no_objects), entries[:2])

    second = stage(load_edge(2, first.objects.__getitem__), entries[2:])

    assert (second.size, second.root) == (at_once.size, at_once.root)
    assert second.key != at_once.key


def test_only_filings_are_answered_with_a_receipt_and_always_with_the_same_one() -> None:
    entries = in_order([waiting("a", 1, filing=FILING), waiting("b", 1)], set())
    staged = stage(load_edge(0, no_objects), entries)

    first, again = (list(receipts(staged.marks(), NOON)) for _ in range(2))

    assert first == again
    assert [event.body["event_id"] for event in first] == ["a-1"]
    assert first[0].case_seq is None
