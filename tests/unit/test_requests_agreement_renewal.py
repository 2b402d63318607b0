"""A renewal: both sides sign a later end, which holds once it is filed; one side's word alone keeps nothing alive."""

from datetime import date
from typing import Any

import pytest

from services.requests.agreement import Agreement, AgreementState
from services.requests.agreement_table import F_AMENDMENT
from services.requests.case import Case
from services.shared.errors import Conflict, Invalid
from services.shared.organisations import OFFICE, SECRECY_BUREAU
from services.shared.working_days import end_of
from tests.agreements import OVER, a_case, agreement_of_case, by_itself, done, step_by, told, with_receipts
from tests.sharing import terms

RENEWED = ("requester_approver renew", "provider_approver renew")


def in_force(case: Case) -> Agreement:
    return agreement_of_case(case)


def refused(case: Case, who: str, action: str, **changes: Any) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        step_by(case, who, action, **changes)
    return [problem.pointer for problem in refusal.value.problems]


def test_a_renewal_moves_the_end_alone_under_a_new_hash_and_new_signatures() -> None:
    before = in_force(a_case())
    case = done(a_case(), RENEWED[0])
    step = step_by(case, "provider_approver", "renew")
    assert (step.event.type, step.event.filing) == ("agreement.renewal_signed", F_AMENDMENT)
    renewed = in_force(with_receipts(case.after(step.records)))
    later = renewed.terms.validity.valid_until
    assert (later, renewed.edition, renewed.state) == (date(2028, 12, 31), 2, AgreementState.ACTIVE)
    assert renewed.terms.model_copy(update={"validity": before.terms.validity}) == before.terms
    assert {signature.terms_hash for signature in renewed.signatures} == {renewed.terms_hash} != {before.terms_hash}


def test_a_renewal_of_sensitive_items_is_filed_with_the_bureau_too() -> None:
    case = done(a_case(secret=True), *RENEWED)
    assert {filed.authority for filed in in_force(case).filings} == {OFFICE, SECRECY_BUREAU}


def test_both_sides_name_the_same_later_end() -> None:
    for day in ("2027-12-31", "2027-06-30"):
        assert refused(a_case(), "provider_approver", "renew", valid_until=day) == ["/valid_until"]
    case = done(a_case(), RENEWED[0])
    assert refused(case, "provider_approver", "renew", valid_until="2029-12-31") == ["/valid_until"]
    with pytest.raises(Conflict):
        step_by(case, "requester_approver", "renew")


def of_a_class(basic_class: str) -> Case:
    case = a_case()
    entry = case.request.entry.model_copy(update={"basic_class": basic_class})
    return case.after({"request": case.request.model_copy(update={"entry": entry})})


def test_what_a_rule_lets_be_agreed_on_for_so_long_is_renewed_for_no_longer_than_that_from_now() -> None:
    case = of_a_class("geospatial_natural")  # five years at a time
    assert refused(case, "provider_approver", "renew", valid_until="2032-01-12") == ["/valid_until"]
    step_by(case, "provider_approver", "renew", valid_until="2032-01-10")
    late = {"terms": terms(until="2032-01-12")}
    assert refused(case, "provider", "propose_amendment", **late) == ["/terms/validity/valid_until"]
    years_on = done(case, "provider_approver renew", "requester_approver renew")
    renewed = with_receipts(years_on, at=OVER)
    step_by(renewed, "provider_approver", "renew", at=OVER, valid_until="2032-12-31")


def test_a_renewal_lifts_no_suspension() -> None:
    case = with_receipts(done(told("STOPPED_BY_OFFICE"), *RENEWED))
    assert (in_force(case).edition, in_force(case).state) == (2, AgreementState.SUSPENDED)


def test_what_both_have_renewed_does_not_expire_while_only_its_receipt_is_missing() -> None:
    case = by_itself(done(a_case(), *RENEWED), OVER)
    assert in_force(case).state is AgreementState.ACTIVE
    assert in_force(case).wakes_at != in_force(case).ends_at
    renewed = in_force(with_receipts(case, at=OVER))
    assert (renewed.state, renewed.ends_at) == (AgreementState.ACTIVE, end_of(date(2028, 12, 31)))


def test_one_word_on_a_renewal_keeps_nothing_alive() -> None:
    case = by_itself(done(a_case(), RENEWED[0]), OVER)
    assert (in_force(case).state, in_force(case).pending) == (AgreementState.ENDED, None)


def test_a_mark_that_it_ends_soon_goes_with_a_later_end() -> None:
    near = end_of(date(2027, 12, 20))
    case = by_itself(done(a_case(), "provider record_provision"), near)
    assert in_force(case).expiring_since == near
    assert in_force(with_receipts(done(case, *RENEWED, at=near), at=near)).expiring_since is None
