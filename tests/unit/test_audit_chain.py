"""Which events enter the ledger: each case's in their order without a gap, each once, and never two in one place."""

import pytest

from services.audit.chain import AheadOfCase, CaseHead, ConflictingEvent, admit
from tests.unit.test_audit_entry import an_event

EMPTY = CaseHead()


def test_the_first_event_of_a_case_is_accepted_without_a_previous_hash() -> None:
    accepted = admit(an_event(), EMPTY, None)

    assert accepted is not None
    assert accepted.mark.prev_hash == ""
    assert accepted.head == CaseHead(case_seq=1, leaf_hash=accepted.mark.leaf_hash, event_id="e-1")


def test_the_next_event_names_the_hash_of_the_one_before() -> None:
    first = admit(an_event(), EMPTY, None)
    assert first is not None

    second = admit(an_event(id="e-2", case_seq=2), first.head, None)

    assert second is not None
    assert second.mark.prev_hash == first.mark.leaf_hash


def test_an_event_that_comes_too_early_is_sent_back() -> None:
    with pytest.raises(AheadOfCase, match="number 3 of its case, 1 comes first"):
        admit(an_event(case_seq=3), EMPTY, None)


def test_the_same_event_again_is_a_duplicate_even_when_the_case_went_on() -> None:
    first = admit(an_event(), EMPTY, None)
    assert first is not None

    assert admit(an_event(), CaseHead(case_seq=7, leaf_hash="ff", event_id="e-7"), first.mark) is None


def test_the_same_id_with_other_content_is_a_security_event() -> None:
    first = admit(an_event(), EMPTY, None)
    assert first is not None

    with pytest.raises(ConflictingEvent, match="accepted with other bytes"):
        admit(an_event(actor="o-2"), first.head, first.mark)


def test_another_event_in_a_place_that_is_taken_is_a_security_event() -> None:
    with pytest.raises(ConflictingEvent, match="claims place 1"):
        admit(an_event(id="e-9"), CaseHead(case_seq=2, leaf_hash="ff", event_id="e-2"), None)
