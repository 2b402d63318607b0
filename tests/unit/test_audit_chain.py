"""Which events enter the ledger: each case's in their order without a gap, each once, and never two in one place."""

from datetime import timedelta

import pytest

from services.audit.chain import AheadOfCase, CaseHead, ConflictingEvent, admit
from tests.unit.test_audit_entry import NOON, an_event

EMPTY = CaseHead()


def test_the_first_event_of_a_case_is_accepted_without_a_previous_hash() -> None:
    accepted = admit(an_event(), EMPTY, None, at=NOON)

    assert accepted is not None
    assert accepted.mark.prev_hash == ""
    assert accepted.head == CaseHead(
        case_seq=1, leaf_hash=accepted.mark.leaf_hash, event_id="e-1", accepted_at="2026-03-01T12:00:00.005Z"
    )


def test_the_next_event_names_the_hash_of_the_one_before() -> None:
    first = admit(an_event(), EMPTY, None, at=NOON)
    assert first is not None

    second = admit(an_event(id="e-2", case_seq=2), first.head, None, at=NOON)

    assert second is not None
    assert second.mark.prev_hash == first.mark.leaf_hash


def test_no_event_was_accepted_before_the_one_before_it_in_its_case_whatever_the_clocks_say() -> None:
    first = admit(an_event(), EMPTY, None, at=NOON)
    assert first is not None

    second = admit(an_event(id="e-2", case_seq=2), first.head, None, at=NOON - timedelta(hours=1))
    third = admit(an_event(id="e-2", case_seq=2), first.head, None, at=NOON + timedelta(hours=1))

    assert second is not None
    assert third is not None
    assert first.mark.accepted_at == second.mark.accepted_at < third.mark.accepted_at


def test_when_an_event_came_is_no_part_of_its_entry() -> None:
    early, late = (admit(an_event(), EMPTY, None, at=at) for at in (NOON, NOON + timedelta(days=1)))

    assert early is not None
    assert late is not None
    assert early.entry == late.entry


def test_an_event_that_comes_too_early_is_sent_back() -> None:
    with pytest.raises(AheadOfCase, match="number 3 of its case, 1 comes first"):
        admit(an_event(case_seq=3), EMPTY, None, at=NOON)


def test_the_same_event_again_is_a_duplicate_even_when_the_case_went_on() -> None:
    first = admit(an_event(), EMPTY, None, at=NOON)
    assert first is not None

    assert admit(an_event(), CaseHead(case_seq=7, leaf_hash="ff", event_id="e-7"), first.mark, at=NOON) is None


def test_the_same_id_with_other_content_is_a_security_event() -> None:
    first = admit(an_event(), EMPTY, None, at=NOON)
    assert first is not None

    with pytest.raises(ConflictingEvent, match="accepted with other bytes"):
        admit(an_event(actor="o-2"), first.head, first.mark, at=NOON)


def test_another_event_in_a_place_that_is_taken_is_a_security_event() -> None:
    with pytest.raises(ConflictingEvent, match="claims place 1"):
        admit(an_event(id="e-9"), CaseHead(case_seq=2, leaf_hash="ff", event_id="e-2"), None, at=NOON)


def test_a_contradiction_under_a_known_id_tells_both_hashes() -> None:
    first = admit(an_event(), EMPTY, None, at=NOON)
    assert first is not None

    with pytest.raises(ConflictingEvent) as raised:
        admit(an_event(actor="o-2"), first.head, first.mark, at=NOON)

    found = raised.value.found
    assert (found.reason, found.event_id, found.case, found.case_seq) == ("other_bytes", "e-1", "c-1", 1)
    assert found.filed_sha256 == first.mark.entry_sha256 != found.offered_sha256


def test_a_contradiction_of_a_taken_place_is_the_same_one_however_far_the_case_has_gone() -> None:
    found = []
    for head in (CaseHead(case_seq=1, leaf_hash="aa", event_id="e-1"), CaseHead(case_seq=9, leaf_hash="bb")):
        with pytest.raises(ConflictingEvent) as raised:
            admit(an_event(id="e-9"), head, None, at=NOON)
        found.append(raised.value.found)

    assert found[0] == found[1]
    assert (found[0].reason, found[0].filed_sha256) == ("place_taken", "")
