"""A contradiction has one name, whoever finds it and whenever; what contradicts a security event is not told again."""

from datetime import timedelta

import pytest

from services.audit.conflicts import security_event, tells_of
from services.shared.events import FilingKind
from services.shared.ledger_bodies import ConflictFound
from services.shared.organisations import OFFICE
from tests.unit.test_audit_entry import NOON, an_event

FOUND = ConflictFound(
    reason="other_bytes", event_id="e-1", case="c-1", case_seq=1, offered_sha256="ab" * 32, filed_sha256="cd" * 32
)


def test_it_is_the_first_step_of_a_case_of_its_own_filed_with_the_office_and_nobody_is_a_party() -> None:
    event = security_event(FOUND, NOON)

    assert (event.type, event.case_seq, event.parties) == ("security.conflicting_event", 1, ())
    assert event.filing is not None
    assert (event.filing.kind, event.filing.authority) == (FilingKind.SECURITY_EVENT, OFFICE)
    assert event.case not in {event.id, FOUND.case, FOUND.event_id}
    assert ConflictFound.model_validate(event.body) == FOUND


def test_the_same_contradiction_has_the_same_name_whenever_it_is_found() -> None:
    first, again = security_event(FOUND, NOON), security_event(FOUND, NOON + timedelta(hours=1))

    assert (first.id, first.case) == (again.id, again.case)


@pytest.mark.parametrize("other", [{"event_id": "e-2"}, {"offered_sha256": "ef" * 32}])
def test_another_contradiction_has_another_name(other: dict[str, str]) -> None:
    first, second = security_event(FOUND, NOON), security_event(FOUND.model_copy(update=other), NOON)

    assert first.id != second.id
    assert first.case != second.case


@pytest.mark.parametrize(("event_type", "told"), [("request.submitted", True), ("security.conflicting_event", False)])
def test_what_contradicts_a_security_event_is_not_told(event_type: str, *, told: bool) -> None:
    assert tells_of(an_event(type=event_type)) is told
