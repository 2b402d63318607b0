"""Erasing what was written with an event: who may, what stays, and the event that tells of it."""

from datetime import UTC, datetime

import pytest

from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.erasure import (
    WORDS,
    Ground,
    check_may_erase,
    erase,
    erasure_case,
    erasure_id,
    sentence,
    view_of,
)
from services.shared.errors import Forbidden, NotFound
from services.shared.events import Event, Filing, FilingKind
from services.shared.organisations import OFFICE, SUPERVISION_BUREAU

LATE = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # in Beijing it is the next day
EVENT = Event(
    id="0193-e1",
    type="request.refused",
    case="c-1",
    case_seq=4,
    organisation="110107",
    actor="o-1",
    at=LATE,
    parties=("110107", "drc"),
    filing=Filing(kind=FilingKind.REFUSAL_REPORT, authority="statistics_bureau"),
    payload_sha256="ab" * 32,
    body={"state": "REFUSED"},
)
APPROVER, OFFICER = frozenset({Claim.APPROVER}), frozenset({Claim.OFFICER, Claim.ADMINISTRATOR, Claim.AUDITOR})


def caller(organisation: str, claims: frozenset[Claim] = APPROVER) -> Caller:
    return Caller(organisation=organisation, officer="o-9", claims=claims)


@pytest.mark.parametrize("organisation", ["110107", OFFICE])
def test_an_approver_of_who_wrote_it_or_of_the_office_may(organisation: str) -> None:
    check_may_erase(EVENT, caller(organisation))


@pytest.mark.parametrize(
    ("organisation", "claims"),
    [("110107", OFFICER), (OFFICE, OFFICER), ("drc", APPROVER), ("statistics_bureau", APPROVER)],
)
def test_others_who_know_of_the_event_may_not(organisation: str, claims: frozenset[Claim]) -> None:
    with pytest.raises(Forbidden, match="an approver of the body that wrote it, or of the office"):
        check_may_erase(EVENT, caller(organisation, claims))


@pytest.mark.parametrize("someone", [caller("sports_bureau"), caller(SUPERVISION_BUREAU), caller("system"), ANONYMOUS])
def test_to_everybody_else_there_is_no_such_event(someone: Caller) -> None:
    with pytest.raises(NotFound):
        check_may_erase(EVENT, someone)


def test_the_hash_the_readers_and_who_did_it_stay() -> None:
    kept, _ = erase(EVENT, "ab" * 32, Ground.PERSONAL_INFORMATION, caller(OFFICE), LATE)

    assert kept.model_dump() == {
        "case": "c-1",
        "event_id": "0193-e1",
        "sha256": "ab" * 32,
        "readers": ("110107", "drc", "statistics_bureau"),
        "erased_at": LATE,
        "by": OFFICE,
        "ground": Ground.PERSONAL_INFORMATION,
    }


def test_an_erasure_is_the_first_event_of_a_case_of_its_own_and_filed_with_the_office() -> None:
    _, told = erase(EVENT, "ab" * 32, Ground.COURT_ORDER, caller("110107"), LATE)

    assert (told.id, told.case, told.case_seq) == (erasure_id("0193-e1"), erasure_case("0193-e1"), 1)
    assert (told.type, told.filing) == ("payload.erased", Filing(kind=FilingKind.ERASURE, authority=OFFICE))
    assert told.parties == ("110107", "drc", "statistics_bureau")
    assert told.payload_sha256 is None
    assert told.body == {
        "event_id": "0193-e1",
        "case": "c-1",
        "payload_sha256": "ab" * 32,
        "ground": "court_order",
    }


def test_the_erasure_of_one_event_has_one_name_and_no_other_has_it() -> None:
    names = [name(event_id) for event_id in ("e-1", "e-2") for name in (erasure_id, erasure_case)]

    assert len(set(names)) == 4
    assert names == [name(event_id) for event_id in ("e-1", "e-2") for name in (erasure_id, erasure_case)]


@pytest.mark.parametrize("ground", Ground)
def test_readers_are_told_when_by_whom_and_why_in_both_languages(ground: Ground) -> None:
    kept, told = erase(EVENT, "ab" * 32, ground, caller(OFFICE), LATE)

    said = sentence(kept)

    zh, en = WORDS[ground]
    assert said.startswith(f"已于2026-11-24由{OFFICE}删除（{zh}），其哈希仍在 / erased on 2026-11-24 by {OFFICE}: {en}")
    assert said.endswith(f"its hash stays, and the erasure is event {told.id}")


def test_an_erasure_is_answered_with_the_address_of_its_receipt() -> None:
    kept, told = erase(EVENT, "ab" * 32, Ground.WRONGLY_GIVEN, caller("110107"), LATE)

    shown = view_of(kept)

    assert (shown.erasure, shown.receipt) == (told.id, f"/audit/receipts/{told.id}")
    assert (shown.payload_sha256, shown.by, shown.ground) == ("ab" * 32, "110107", "wrongly_given")
