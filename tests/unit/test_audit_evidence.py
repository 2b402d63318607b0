"""Sealing a bundle of evidence: who may, on which ground, what must be so, who sees it, and the event that is filed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.audit.access import may_list_evidence, may_read_evidence
from services.audit.evidence import MOST_NAMED, Evidence, Given, Ground, Sealing, view_of
from services.audit.evidence_acts import seal
from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.errors import Forbidden, Invalid
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SECRECY_BUREAU, SUPERVISION_BUREAU

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
GIVEN = Given(published_size=40, readable=frozenset({"c-1", "c-2"}))
ASKED: dict[str, Any] = {
    "accountability_case": "JC-2026-15",
    "ground": "duty",
    "units": ["110107", "drc"],
    "cases": ["c-1", "c-2"],
    "entries": 9,
    "checkpoint_size": 40,
    "manifest_sha256": "ab" * 32,
}
DUTY, LEAK = Ground.DUTY, Ground.LEAK


def asked(**changes: Any) -> Sealing:
    return Sealing.model_validate(ASKED | changes)


def caller(organisation: str, *claims: Claim) -> Caller:
    return Caller(organisation=organisation, officer="o-7", claims=frozenset(claims or (Claim.OFFICER,)))


@pytest.mark.parametrize(
    ("organisation", "claim", "grounds"),
    [
        (SUPERVISION_BUREAU, Claim.OFFICER, [DUTY, LEAK]),
        (SUPERVISION_BUREAU, Claim.APPROVER, [DUTY, LEAK]),
        (SUPERVISION_BUREAU, Claim.AUDITOR, []),
        (SUPERVISION_BUREAU, Claim.ADMINISTRATOR, []),
        (OFFICE, Claim.OFFICER, [DUTY, LEAK]),
        (OFFICE, Claim.APPROVER, [DUTY, LEAK]),
        (OFFICE, Claim.AUDITOR, []),
        (SECRECY_BUREAU, Claim.OFFICER, [LEAK]),
        (SECRECY_BUREAU, Claim.APPROVER, [LEAK]),
        (SECRECY_BUREAU, Claim.AUDITOR, []),
        (ARCHIVES_BUREAU, Claim.OFFICER, []),
        ("110107", Claim.APPROVER, []),
        ("system", Claim.OFFICER, []),
        ("", Claim.OFFICER, []),
    ],
)
def test_who_seals_on_which_ground(organisation: str, claim: Claim, grounds: list[Ground]) -> None:
    for ground in Ground:
        if ground in grounds:
            assert seal(asked(ground=ground), caller(organisation, claim), NOON, GIVEN)[0].ground is ground
        else:
            with pytest.raises(Forbidden, match=f"on the ground {ground}"):
                seal(asked(ground=ground), caller(organisation, claim), NOON, GIVEN)


def test_a_seal_is_the_only_event_of_its_case_and_filed_with_supervision() -> None:
    evidence, event = seal(asked(), caller(OFFICE), NOON, GIVEN)

    assert (event.case, event.case_seq, event.id) == (evidence.id, 1, evidence.event_id)
    assert (event.type, event.body) == ("evidence.sealed", ASKED)
    assert event.filing is not None
    assert (event.filing.kind, event.filing.authority) == ("evidence", SUPERVISION_BUREAU)
    assert (evidence.sealed_by, evidence.sealed_at) == (OFFICE, NOON)
    assert view_of(evidence).receipt == f"/audit/receipts/{event.id}"


def test_the_sealing_bureau_alone_is_a_party() -> None:
    for bureau in (SUPERVISION_BUREAU, OFFICE, SECRECY_BUREAU):
        assert seal(asked(ground="leak"), caller(bureau), NOON, GIVEN)[1].parties == (bureau,)


def test_everything_that_speaks_against_it_is_told_at_once() -> None:
    wrong = asked(
        units=["110107", "nobody", "110107"],
        cases=["c-1", "c-9", "c-1", "c-2"],
        entries=3,
        checkpoint_size=41,
    )

    with pytest.raises(Invalid) as refused:
        seal(wrong, caller(SUPERVISION_BUREAU), NOON, GIVEN)

    assert sorted(problem.pointer for problem in refused.value.problems) == [
        "/cases/1",
        "/cases/2",
        "/checkpoint_size",
        "/entries",
        "/units/1",
        "/units/2",
    ]
    assert all(" / " in problem.detail for problem in refused.value.problems)


def test_a_bundle_has_no_more_entries_than_the_tree_its_proofs_lead_to() -> None:
    with pytest.raises(Invalid) as refused:
        seal(asked(entries=41), caller(SUPERVISION_BUREAU), NOON, GIVEN)

    assert [problem.pointer for problem in refused.value.problems] == ["/entries"]


def test_a_bundle_without_units_or_cases_is_none() -> None:
    with pytest.raises(Invalid) as refused:
        seal(asked(units=[], cases=[]), caller(SUPERVISION_BUREAU), NOON, GIVEN)

    assert [problem.pointer for problem in refused.value.problems] == ["/units", "/cases"]


def test_who_may_not_seal_is_not_told_what_is_wrong() -> None:
    with pytest.raises(Forbidden):
        seal(asked(cases=["c-9"]), caller("drc"), NOON, GIVEN)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accountability_case", "关于某某的问责"),
        ("ground", "spite"),
        ("units", [f"u-{number}" for number in range(MOST_NAMED + 1)]),
        ("cases", ["a/b"]),
        ("cases", [".."]),
        ("entries", 0),
        ("entries", True),
        ("entries", "9"),
        ("checkpoint_size", 2**53 + 1),
        ("manifest_sha256", "AB" * 32),
        ("manifest_sha256", "ab" * 31),
    ],
)
def test_each_field_has_one_form(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        asked(**{field: value})

    assert {error["loc"][0] for error in refused.value.errors()} == {field}


SEALED = Evidence(
    **asked(units=["110107", ARCHIVES_BUREAU]).model_dump(),
    id="e-1",
    sealed_by=SECRECY_BUREAU,
    sealed_at=NOON,
    event_id="e-2",
)


@pytest.mark.parametrize(
    ("someone", "reads", "lists"),
    [
        (caller(SECRECY_BUREAU), True, True),
        (caller(SUPERVISION_BUREAU), True, True),
        (caller(SUPERVISION_BUREAU, Claim.AUDITOR), True, True),
        (caller(OFFICE), True, True),
        (caller(OFFICE, Claim.ADMINISTRATOR), False, True),
        (caller(ARCHIVES_BUREAU), False, True),
        (caller("110107"), False, False),
        (caller("110107", Claim.APPROVER), False, False),
        (caller("drc"), False, False),
        (ANONYMOUS, False, False),
    ],
)
def test_a_seal_is_for_its_bureau_and_those_that_oversee_but_never_for_a_unit_in_it(
    someone: Caller, *, reads: bool, lists: bool
) -> None:
    assert (may_read_evidence(SEALED, someone), may_list_evidence(someone)) == (reads, lists)
