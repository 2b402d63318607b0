"""An amendment: proposed, signed by both, filed, and in force once its receipts are there, not before (I5, I10)."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from services.requests.agreement import Agreement, AgreementState
from services.requests.agreement_drawn import agreed_of, text_of
from services.requests.agreement_reading import read_back
from services.requests.agreement_steps import next_of_the_agreement
from services.requests.agreement_table import F_AMENDMENT, F_AMENDMENT_SECRECY
from services.requests.case import Case
from services.requests.confidentiality import confidentiality_hash
from services.requests.entry import Sensitivity
from services.requests.terms import Terms, terms_hash
from services.shared.errors import Conflict, Invalid
from services.shared.events import Event
from services.shared.lifecycle import Party
from services.shared.organisations import OFFICE
from services.shared.working_days import end_of
from tests.agreements import (
    BEGUN,
    LATER,
    REPORT,
    SIGNED,
    a_case,
    a_concluded_request,
    agreement_of_case,
    by_itself,
    done,
    step_by,
    told,
    with_receipts,
)
from tests.sharing import ITEMS, PROVIDER, REQUESTER, terms

SECRET_ITEM: dict[str, Any] = {"classification": {ITEMS[0]: "PERSONAL_PRIVACY"}, "terms": terms(items=ITEMS[:1])}


def refused(case: Case, who: str, action: str, **changes: Any) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        step_by(case, who, action, **changes)
    return [problem.pointer for problem in refusal.value.problems]


def proposed(who: str = "provider", case: Case | None = None, **changes: Any) -> Case:
    case = case or a_case()
    return case.after(step_by(case, who, "propose_amendment", **changes).records)


def signed(case: Case, *, first: str = "provider") -> tuple[Case, tuple[Event, ...]]:
    """Return the case with both signatures, and the events of the last one."""
    second = {"provider": "requester", "requester": "provider"}[first]
    case = done(case, f"{first}_approver sign_amendment")
    step = step_by(case, f"{second}_approver", "sign_amendment")
    return case.after(step.records), step.events


def in_force(case: Case) -> Agreement:
    return agreement_of_case(case)


def test_a_proposal_changes_nothing_that_is_in_force() -> None:
    before, after = in_force(a_case()), in_force(proposed("requester"))
    assert (after.terms, after.edition, after.signatures) == (before.terms, 1, before.signatures)
    assert after.pending is not None
    assert (after.pending.edition, after.pending.by, after.pending.signatures) == (2, Party.REQUESTER, ())


@pytest.mark.parametrize("first", ["provider", "requester"])
def test_the_second_signature_files_it_and_only_the_receipt_brings_it_into_force(first: str) -> None:
    case, events = signed(proposed(), first=first)
    assert [(event.type, event.filing.authority if event.filing else None) for event in events] == [
        ("agreement.amendment_signed", OFFICE)
    ]
    assert in_force(by_itself(case, LATER)).edition == 1
    amended = in_force(with_receipts(case))
    assert (amended.edition, amended.terms.content.items, amended.pending) == (2, ITEMS[:1], None)
    assert {signature.terms_hash for signature in amended.signatures} == {amended.terms_hash}
    assert {signature.party for signature in amended.signatures} == {Party.PROVIDER, Party.REQUESTER}
    assert amended.signatures[0].party == first


def test_one_signature_files_nothing() -> None:
    step = step_by(proposed(), "provider_approver", "sign_amendment")
    assert [(event.type, event.filing) for event in step.events] == [("agreement.amendment_signed", None)]


def test_the_former_edition_is_kept_with_its_signatures_which_no_longer_count() -> None:
    before = in_force(a_case())
    amended = in_force(with_receipts(signed(proposed())[0], at=LATER))
    (former,) = amended.former
    assert (former.edition, former.terms_hash, former.signatures) == (1, before.terms_hash, before.signatures)
    assert (former.since, former.until, amended.in_force_since) == (before.activated_at, LATER, LATER)
    assert amended.terms_hash != former.terms_hash


def test_the_event_of_an_amendment_tells_its_terms_like_an_activation() -> None:
    case = signed(proposed())[0]
    filed = in_force(case).filings[-1].event_id
    case = case._replace(receipts={**case.receipts, filed: 9})
    step = next_of_the_agreement(case, BEGUN)
    assert step is not None
    assert (step.event.type, step.event.organisation) == ("agreement.amended", "system")
    body = step.event.body
    assert (body["items"], body["edition"], body["amendment_filing"]) == ([ITEMS[0]], 2, filed)
    assert body["duty"] == "parking_management"
    assert set(step.event.parties) == {REQUESTER, PROVIDER}
    assert "停车诱导" not in step.event.model_dump_json()


def test_a_sensitive_item_brings_a_filing_with_the_secrecy_bureau_in_the_same_step() -> None:
    case, events = signed(proposed(**SECRET_ITEM))
    office, bureau = events
    assert (bureau.type, bureau.filing) == ("agreement.confidentiality_amended", F_AMENDMENT_SECRECY)
    assert (office.type, office.filing) == ("agreement.amendment_signed", F_AMENDMENT)
    assert bureau.case_seq == (office.case_seq or 0) + 1
    pending = in_force(case).pending
    assert pending is not None
    assert [filed.terms_hash for filed in in_force(case).filings] == [pending.terms_hash, pending.confidentiality_hash]
    assert {signature.terms_hash for signature in pending.confidentiality} == {pending.confidentiality_hash}
    assert "items" not in bureau.body
    assert bureau.payload_sha256 is None


def test_where_it_is_sensitive_both_receipts_must_be_there_in_whatever_order() -> None:
    case = signed(proposed(**SECRET_ITEM))[0]
    filings = [filed.event_id for filed in in_force(case).filings]
    for order in permutations(filings):
        one = with_receipts(case, order[:1])
        assert in_force(one).edition == 1
        assert in_force(with_receipts(one, order[1:])).edition == 2
    amended = in_force(with_receipts(case))
    assert amended.sensitive_items == {ITEMS[0]: Sensitivity.PERSONAL_PRIVACY}
    assert amended.confidentiality_filing == filings[1]
    assert amended.known_to_secrecy


def test_a_receipt_that_comes_twice_brings_it_into_force_once() -> None:
    case = with_receipts(with_receipts(signed(proposed())[0]))
    assert in_force(case).edition == 2


def test_a_signature_names_both_hashes_where_a_confidentiality_agreement_goes_with_it() -> None:
    case = proposed(**SECRET_ITEM)
    pending = in_force(case).pending
    assert pending is not None
    right = {"terms_hash": pending.terms_hash, "confidentiality_hash": pending.confidentiality_hash}
    for name in right:
        assert refused(case, "provider_approver", "sign_amendment", **right | {name: "0" * 64}) == [f"/{name}"]
    without = {"terms_hash": pending.terms_hash, "confidentiality_hash": None}
    assert refused(case, "provider_approver", "sign_amendment", **without) == ["/confidentiality_hash"]
    assert refused(proposed(), "provider_approver", "sign_amendment", confidentiality_hash="0" * 64) == [
        "/confidentiality_hash"
    ]


def test_the_confidentiality_hash_of_the_first_edition_is_the_one_that_was_signed() -> None:
    request, agreement = a_concluded_request(secret=True), in_force(a_case(secret=True))
    assert agreement.confidentiality_hash == confidentiality_hash(request)
    assert in_force(a_case()).confidentiality_hash is None


def test_without_sensitive_items_an_amended_agreement_needs_no_confidentiality_but_the_bureau_still_knows_of_it() -> (
    None
):
    case = proposed(case=a_case(secret=True), terms=terms(items=ITEMS[:1]))
    kept = in_force(with_receipts(signed(case)[0]))
    assert kept.confidentiality_hash is not None
    other = a_case(secret=True)
    harmless = in_force(other).model_copy(
        update={"classification": {ITEMS[0]: Sensitivity.PERSONAL_PRIVACY, ITEMS[1]: Sensitivity.NONE}}
    )
    case = proposed(case=other.after({"agreement": harmless}), terms=terms(items=ITEMS[1:]))
    amended = in_force(with_receipts(signed(case)[0]))
    assert (amended.confidentiality_hash, amended.confidentiality_filing, amended.sensitive_items) == (None, None, {})
    assert amended.known_to_secrecy


def test_only_the_provider_classifies_and_every_item_is_classified() -> None:
    assert refused(a_case(), "requester", "propose_amendment", **SECRET_ITEM) == ["/classification"]
    case = a_case()
    unknown = in_force(case).model_copy(update={"classification": {ITEMS[0]: Sensitivity.NONE}})
    case = case.after({"agreement": unknown})
    changed = {"terms": terms(until="2027-11-30")}
    assert refused(case, "requester", "propose_amendment", **changed) == ["/classification"]
    proposed("provider", case, **changed, classification={ITEMS[1]: "NONE"})


def test_what_is_sensitive_stays_so_and_secrets_and_strange_items_are_not_classified_here() -> None:
    case = a_case(secret=True)
    wrong = {ITEMS[0]: "NONE", ITEMS[1]: "STATE_SECRET", "别的/项": "NONE"}
    assert refused(case, "provider", "propose_amendment", classification=wrong, terms=terms(until="2027-11-30")) == [
        f"/classification/{ITEMS[0]}",
        f"/classification/{ITEMS[1]}",
        f"/classification/{ITEMS[1]}",
        "/classification/别的~1项",
    ]


def test_amended_terms_are_held_to_the_same_rules_as_an_offer_all_at_once() -> None:
    wrong = terms(items=("别的项",), area="999999", until="2026-12-31")
    pointers = refused(a_case(), "requester", "propose_amendment", terms=wrong)
    assert {"/terms/content/items/0", "/terms/scope/areas/0", "/terms/validity/valid_until"} <= set(pointers)
    assert refused(a_case(), "requester", "propose_amendment", terms=terms()) == ["/terms"]
    fee = terms(items=ITEMS[:1])
    fee["purpose"]["text"] = "停车诱导，按次收费"
    assert refused(a_case(), "requester", "propose_amendment", terms=fee) == ["/terms/purpose/text"]


def test_terms_that_no_event_could_tell_are_refused_before_anybody_signs() -> None:
    long = terms()
    long["scope"]["recipients"] = [f"{number:02}" + "处" * 198 for number in range(20)]
    case = a_case()
    entry = case.request.entry.model_copy(update={"items": ()})
    case = case.after({"request": case.request.model_copy(update={"entry": entry})})
    long["content"]["items"] = [f"{number:03}" + "项" * 190 for number in range(100)]
    named = dict.fromkeys(long["content"]["items"], "NONE")
    assert "/terms/content/items" in refused(case, "provider", "propose_amendment", terms=long, classification=named)


def test_one_version_is_pending_at_a_time_and_a_dropped_one_makes_room() -> None:
    case = proposed()
    for who, action in (("requester", "propose_amendment"), ("requester_approver", "renew")):
        with pytest.raises(Conflict):
            step_by(case, who, action)
    dropped = done(case, "provider_approver sign_amendment", "requester drop_amendment")
    assert in_force(dropped).pending is None
    again, _ = signed(proposed(case=dropped))
    assert in_force(with_receipts(again)).edition == 2


def test_signatures_under_a_dropped_version_do_not_count_for_the_next() -> None:
    case = done(proposed(), "provider_approver sign_amendment", "provider drop_amendment")
    case = done(proposed(case=case), "requester_approver sign_amendment")
    pending = in_force(case).pending
    assert pending is not None
    assert pending.unsigned == {Party.PROVIDER}
    assert with_receipts(case) == case._replace(receipts=with_receipts(case).receipts)


def test_what_both_have_signed_cannot_be_dropped() -> None:
    with pytest.raises(Conflict, match="both have signed"):
        step_by(told("SIGNED"), "requester", "drop_amendment")


def test_signatures_stand_while_the_agreement_is_suspended_and_resumed() -> None:
    case = done(proposed(), "provider_approver sign_amendment", "office suspend")
    case = done(case, "requester_approver sign_amendment", "office resume")
    assert in_force(with_receipts(case)).edition == 2
    suspended = with_receipts(done(a_case(), *SIGNED, "office suspend"))
    assert (in_force(suspended).edition, in_force(suspended).state) == (2, AgreementState.SUSPENDED)


def test_a_version_waits_while_a_breach_is_looked_into_and_ends_with_the_agreement() -> None:
    case = with_receipts(done(told("SIGNED"), "provider suspect_breach"))
    assert in_force(case).edition == 1
    assert in_force(by_itself(done(case, "supervision clear"), BEGUN)).edition == 2
    ended = in_force(done(case, "supervision confirm_breach"))
    assert (ended.edition, ended.pending) == (1, None)


def test_the_text_of_a_version_is_of_its_terms() -> None:
    amended = in_force(with_receipts(signed(proposed())[0]))
    text = text_of(amended)
    assert read_back(text) == amended.terms
    assert "第2版" in text
    assert (agreed_of(amended).version, agreed_of(amended).terms_hash) == (2, terms_hash(amended.terms))
    assert read_back(text_of(in_force(a_case()))) == Terms.model_validate(terms())


def test_a_half_given_word_on_ending_does_not_outlive_the_terms_it_was_about() -> None:
    case = with_receipts(done(told("HALF_TERMINATED"), *SIGNED))
    assert in_force(case).edition == 2
    half = in_force(done(case, "requester_approver terminate"))
    assert half.state is AgreementState.ACTIVE


def test_words_of_both_kinds_stand_side_by_side() -> None:
    case = done(told("HALF_TERMINATED"), *SIGNED[:2])
    assert in_force(done(case, "requester_approver terminate")).state is AgreementState.ENDED
    assert in_force(with_receipts(done(case, SIGNED[2]))).edition == 2


def test_reasons_and_terms_are_sealed_and_no_event_repeats_them() -> None:
    step = step_by(a_case(), "requester", "propose_amendment")
    assert step.payload is not None
    assert step.event.payload_sha256 == step.payload.sha256
    assert "不再需要" not in step.event.model_dump_json()
    assert REPORT["situation"] not in step.event.model_dump_json()


def test_a_version_that_is_over_before_its_receipt_comes_still_comes_and_then_ends() -> None:
    case = signed(proposed(terms=terms(until="2027-01-31")))[0]
    late = end_of(date(2027, 1, 31)) + timedelta(days=1)
    ended = in_force(with_receipts(case, at=late))
    assert (ended.edition, ended.state) == (2, AgreementState.ENDED)
