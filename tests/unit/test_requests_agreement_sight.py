"""Who sees what of an agreement: the secrecy bureau its own part and nothing of the rest (S-032, S-009, S-046)."""

from typing import Any

import pytest

from services.requests.agreement import Agreement
from services.requests.agreement_documents import Wording, agreed_in, confidentiality_view, text_view
from services.requests.agreement_drawn import text_of
from services.requests.agreement_life import AGREEMENT, may_see
from services.requests.agreement_reading import read_back
from services.requests.agreement_sight import may_read
from services.requests.agreement_views import AgreementView, line_of, view_of
from services.requests.case import Case
from services.requests.entry import Sensitivity
from services.shared.errors import NotFound
from services.shared.organisations import SECRECY_BUREAU
from tests.agreements import (
    REPORT,
    SIGNED,
    STORIES_OF_AGREEMENTS,
    WHO,
    WORDS,
    a_case,
    agreement_of_case,
    done,
    step_by,
    told,
    with_receipts,
)
from tests.sharing import ITEMS, PROVIDER, REQUESTER, terms

ALWAYS = {"requester", "requester_approver", "provider", "provider_approver", "office", "supervision"}
MORE: dict[str, set[str]] = {
    "SECRET": {"secrecy"},
    "SECRET_STOPPED": {"secrecy"},
    "ESCALATED": {"group"},
    "DISPOSED": {"archives"},
    "ARCHIVED": {"archives"},
}
HIDDEN = (
    "停车诱导",
    "路侧与公共停车场",
    ITEMS[1],
    REPORT["reason"],
    "政务云三区",
    WORDS["propose_amendment"]["reason"],
)


def seen(case: Case, who: str) -> AgreementView:
    return view_of(agreement_of_case(case), case.request, case.receipts, WHO[who])


def mixed() -> Case:
    """Return a case with a sensitive item and a harmless one, in which everything has happened that can be going on."""
    case = a_case(secret=True)
    known = {ITEMS[0]: Sensitivity.PERSONAL_PRIVACY, ITEMS[1]: Sensitivity.NONE}
    case = case.after({"agreement": agreement_of_case(case).model_copy(update={"classification": known})})
    acts = ("requester record_custody", "provider report_non_performance", "requester propose_amendment")
    return done(case, *acts, "provider_approver terminate")


@pytest.mark.parametrize("story", STORIES_OF_AGREEMENTS)
def test_an_agreement_is_there_for_those_it_concerns_and_for_nobody_else(story: str) -> None:
    agreement = agreement_of_case(told(story))
    assert {who for who in WHO if may_see(agreement, WHO[who])} == ALWAYS | MORE.get(story, set())


def test_the_bureau_sees_who_has_what_that_is_sensitive_for_what_and_until_when() -> None:
    view = seen(mixed(), "secrecy")
    assert (view.requester, view.provider, view.purpose) == (REQUESTER, PROVIDER, "city_operation")
    assert view.sensitive_items == {ITEMS[0]: Sensitivity.PERSONAL_PRIVACY}
    assert (view.recipients, str(view.valid_until)) == (("停车管理处",), "2027-12-31")
    assert {filing.authority for filing in view.filing} == {SECRECY_BUREAU}
    assert view.confidentiality_hash is not None
    assert view.actions == ("suspend",)


@pytest.mark.parametrize("stopped", [(), ("office suspend",), ("requester fulfil",)])
def test_the_bureau_sees_nothing_of_the_other_terms_and_nothing_of_what_the_two_negotiate(stopped: Any) -> None:
    case = done(mixed(), *stopped)
    shown = seen(case, "secrecy").model_dump_json()
    whole = seen(case, "office").model_dump_json()
    for hidden in HIDDEN:
        assert hidden not in shown
    assert all(hidden in whole for hidden in HIDDEN[:3])
    line = line_of(agreement_of_case(case), WHO["secrecy"])
    assert set(line.marks) <= {"expiring"}
    assert set(line_of(agreement_of_case(mixed()), WHO["office"]).marks) == {"non_performing", "pending"}


def test_the_bureau_sees_that_it_is_suspended_why_and_for_whom_it_waits() -> None:
    view = seen(done(mixed(), "office suspend"), "secrecy")
    assert view.suspension is not None
    assert (view.suspension.reason, view.clock is not None) == (WORDS["suspend"]["reason"], True)
    assert [waiting.party for waiting in view.awaiting] == ["informatization_office"]


@pytest.mark.parametrize("leak", [True, False])
def test_the_bureau_learns_the_reason_of_an_end_only_where_something_leaked(leak: bool) -> None:
    case = done(a_case(secret=True), "provider suspect_breach")
    case = case.after(step_by(case, "supervision", "confirm_breach", leak=leak).records)
    end = seen(case, "secrecy").end
    assert end is not None
    assert (end.kind, end.reason is not None) == ("revoked", leak)


def test_responsibility_and_risk_are_named_and_each_sides_duties_with_their_source() -> None:
    view = seen(a_case(), "requester")
    assert (view.responsible_unit, view.risk_bearer) == (PROVIDER, REQUESTER)
    duties = {duty.code: duty.party for duty in view.duties}
    assert duties["source_and_accuracy"] == "provider"
    assert {"purpose_and_scope", "no_onward_provision", "custody", "risk_and_security", "disposal"} <= {
        code for code, party in duties.items() if party == "requester"
    }
    assert all(duty.zh and duty.en and duty.source for duty in view.duties)
    assert "confidentiality" not in duties
    assert "confidentiality" in {duty.code for duty in seen(a_case(secret=True), "requester").duties}


def test_a_version_to_come_is_shown_with_who_has_still_to_sign_and_its_receipts() -> None:
    half, whole = seen(told("HALF_SIGNED"), "office").pending, seen(told("SIGNED"), "office").pending
    assert half is not None
    assert whole is not None
    assert (half.awaiting, half.filing) == (("requester",), ())
    assert (whole.awaiting, [filing.state for filing in whole.filing]) == ((), ["pending"])


def test_whoever_follows_an_agreement_reads_its_events_and_the_bureau_its_own() -> None:
    amended = step_by(a_case(secret=True), "requester", "propose_amendment").event
    stopped = step_by(a_case(secret=True), "office", "suspend").event
    agreement = agreement_of_case(a_case(secret=True))
    readers = {who for who in WHO if may_read(agreement, WHO[who], amended)}
    assert readers == ALWAYS
    assert may_read(agreement, WHO["secrecy"], stopped)


def test_before_it_is_there_for_an_office_its_events_are_not() -> None:
    event = step_by(a_case(), "requester", "record_custody").event
    for story, who in (("ACTIVE", "group"), ("ACTIVE", "archives"), ("ACTIVE", "stranger")):
        assert not may_read(agreement_of_case(told(story)), WHO[who], event)
    assert may_read(agreement_of_case(told("ESCALATED")), WHO["group"], event)
    assert may_read(agreement_of_case(told("ARCHIVED")), WHO["archives"], event)


def secrecy_of(case: Case, who: str, wording: Wording = Wording.IN_FORCE) -> Any:
    agreement = case.named("agreement", Agreement)
    return confidentiality_view(case, agreement, wording, WHO[who])


def test_the_confidentiality_agreement_names_its_own_hash_and_is_signed_by_both() -> None:
    case = a_case(secret=True)
    said = secrecy_of(case, "secrecy")
    assert said.confidentiality_hash == agreement_of_case(case).confidentiality_hash
    assert said.confidentiality_hash in said.text
    assert {signature.terms_hash for signature in said.signatures} == {said.confidentiality_hash}
    assert (said.filing.authority, said.filing.state) == (SECRECY_BUREAU, "receipted")
    with pytest.raises(NotFound):
        secrecy_of(a_case(), "office")
    with pytest.raises(NotFound):
        secrecy_of(case, "stranger")


def test_the_bureau_reads_the_one_to_come_once_it_was_filed_and_then_the_one_in_force() -> None:
    case = done(a_case(secret=True), *SIGNED[:2])
    assert secrecy_of(case, "requester", Wording.PENDING).filing is None
    with pytest.raises(NotFound):
        secrecy_of(case, "secrecy", Wording.PENDING)
    case = done(case, SIGNED[2])
    to_come = secrecy_of(case, "secrecy", Wording.PENDING)
    assert (to_come.filing.authority, to_come.filing.state) == (SECRECY_BUREAU, "pending")
    amended = secrecy_of(with_receipts(case), "secrecy")
    assert (amended.text, amended.filing.state) == (to_come.text, "receipted")


def test_text_and_policy_of_a_version_to_come_can_be_read_before_it_is_signed() -> None:
    agreement = agreement_of_case(told("AMENDED"))
    to_come = text_view(agreement, Wording.PENDING)
    assert agreement.pending is not None
    assert (to_come.edition, to_come.terms_hash, to_come.signatures) == (2, agreement.pending.terms_hash, ())
    assert read_back(to_come.text) == agreement.pending.terms
    assert agreed_in(agreement, Wording.PENDING).activated_on is None
    assert read_back(text_view(agreement, Wording.IN_FORCE).text).model_dump(mode="json") == terms() | {
        "scope": terms()["scope"] | {"period_from": None, "period_until": None}
    }
    with pytest.raises(NotFound):
        text_view(agreement_of_case(told("ACTIVE")), Wording.PENDING)


@pytest.mark.parametrize("secret", [True, False])
def test_the_text_in_force_is_the_one_that_was_signed_but_for_the_day_it_came_into_force(secret: bool) -> None:
    case = a_case(secret=secret)
    drafted, in_force = (text_of(each).splitlines() for each in (case.request, agreement_of_case(case)))
    changed = [(one, other) for one, other in zip(drafted, in_force, strict=True) if one != other]
    assert [other for _, other in changed] == ["本协议自2027-01-10起生效。"]
    assert any("报市保密局备案" in line or "保密局" in line for line in in_force) is secret


def test_nothing_is_offered_that_would_be_refused_whatever_was_sent() -> None:
    provider = AGREEMENT.actions_for(agreement_of_case(told("SIGNED")), WHO["provider_approver"])
    assert provider == ("terminate",)
