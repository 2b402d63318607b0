"""How an agreement ends, and what is left to do then: expired is not revoked, fulfilled not terminated (R16, S-094)."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.requests.agreement import Agreement, AgreementState, agreement_of
from services.requests.agreement_acts import AgreementAction
from services.requests.agreement_clocks import with_mark
from services.requests.agreement_parts import EndKind
from services.requests.agreement_pending import party_of
from services.requests.agreement_steps import next_of_the_agreement
from services.requests.case import Case
from services.requests.kinds import KINDS
from services.requests.shelves import desks_of, index_of
from services.shared.errors import Conflict, Invalid
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Act, Party
from services.shared.organisations import (
    ARCHIVES_BUREAU,
    LEADING_GROUP,
    OFFICE,
    SECRECY_BUREAU,
    SUPERVISION_BUREAU,
)
from services.shared.running import due_at
from services.shared.working_days import end_of, start_of
from tests.agreements import (
    BEGUN,
    OVER,
    STORIES_OF_AGREEMENTS,
    WHO,
    a_case,
    a_concluded_request,
    agreement_of_case,
    by_itself,
    done,
    step_by,
    told,
)
from tests.sharing import PROVIDER, REQUESTER

BOTH = {REQUESTER, PROVIDER}
LAST = end_of(date(2027, 12, 31))
WARNED = start_of(date(2027, 12, 1))


def provided() -> Case:
    return done(a_case(), "provider record_provision")


def in_force(case: Case) -> Agreement:
    return agreement_of_case(case)


def refused(case: Case, who: str, action: str, **changes: Any) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        step_by(case, who, action, **changes)
    return sorted(problem.pointer for problem in refusal.value.problems)


def test_it_is_told_thirty_days_before_that_it_will_end_and_only_once() -> None:
    before = by_itself(provided(), WARNED - timedelta(seconds=1))
    assert (in_force(before).wakes_at, in_force(before).expiring_since) == (WARNED, None)
    warned = by_itself(before, WARNED)
    assert (in_force(warned).expiring_since, in_force(warned).state) == (WARNED, AgreementState.ACTIVE)
    assert by_itself(warned, WARNED + timedelta(hours=1)) == warned
    assert in_force(warned).wakes_at == LAST


@pytest.mark.parametrize("before", [(), ("office suspend",)])
def test_it_expires_when_its_last_day_is_over_in_beijing(before: tuple[str, ...]) -> None:
    case = done(provided(), *before)
    assert in_force(by_itself(case, LAST)).state is not AgreementState.ENDED
    ended = in_force(by_itself(case, LAST + timedelta(seconds=1)))
    assert ended.state is AgreementState.ENDED
    assert ended.end is not None
    assert (ended.end.kind, ended.end.by) == (EndKind.EXPIRED, Party.SYSTEM)
    assert (ended.suspension, ended.held) == (None, None)


def test_a_suspected_breach_waits_for_the_inquiry_whatever_its_last_day() -> None:
    case = by_itself(done(provided(), "provider suspect_breach"), OVER)
    assert in_force(case).state is AgreementState.BREACH_SUSPECTED
    assert in_force(case).wakes_at is None
    cleared = by_itself(done(case, "supervision clear", at=OVER), OVER)
    assert in_force(cleared).state is AgreementState.ENDED


def kind_of(case: Case) -> EndKind:
    end = in_force(case).end
    assert end is not None
    return end.kind


def test_each_way_of_ending_has_a_name_of_its_own() -> None:
    assert kind_of(done(a_case(), "requester fulfil")) is EndKind.FULFILLED
    assert kind_of(done(told("SUSPECTED"), "supervision confirm_breach")) is EndKind.REVOKED
    assert kind_of(done(told("HALF_TERMINATED"), "requester_approver terminate")) is EndKind.TERMINATED
    assert kind_of(done(a_case(), "office rule_termination")) is EndKind.TERMINATED
    assert kind_of(by_itself(a_case(), OVER)) is EndKind.EXPIRED


def test_an_end_by_both_is_filed_with_the_second_word() -> None:
    first = step_by(a_case(), "provider_approver", "terminate")
    assert (first.event.type, first.event.filing) == ("agreement.termination_signed", None)
    second = step_by(told("HALF_TERMINATED"), "requester_approver", "terminate")
    assert second.event.filing == Filing(kind=FilingKind.TERMINATION, authority=OFFICE)
    assert (second.event.type, second.event.body["end"]) == ("agreement.ended", "terminated")


def test_a_word_on_ending_stands_while_the_agreement_is_suspended_and_resumed() -> None:
    case = done(told("HALF_TERMINATED"), "office suspend")
    assert in_force(done(case, "requester_approver terminate")).state is AgreementState.ENDED
    back = done(case, "office resume", "requester_approver terminate")
    assert in_force(back).state is AgreementState.ENDED


def test_a_ruling_names_its_basis_and_the_group_its_meeting() -> None:
    ruled = step_by(a_case(), "office", "rule_termination", meeting=None)
    assert (ruled.event.body["instrument"], ruled.event.body["clause"]) == ("data-security-law", "38")
    assert ruled.event.filing == Filing(kind=FilingKind.TERMINATION, authority=OFFICE)
    assert refused(a_case(), "office", "rule_termination", clause="999") == ["/clause"]
    assert refused(told("ESCALATED"), "group", "rule_termination", meeting=None) == ["/meeting"]


@pytest.mark.parametrize(("leak", "bureau"), [(True, {SECRECY_BUREAU}), (False, set())])
def test_a_confirmed_breach_is_told_to_supervision_and_a_leak_to_the_bureau(leak: bool, bureau: set[str]) -> None:
    step = step_by(told("SUSPECTED"), "supervision", "confirm_breach", leak=leak)
    assert set(step.event.parties) == BOTH | {OFFICE, SUPERVISION_BUREAU} | bureau
    assert (step.event.body["end"], step.event.body["leak"], step.event.filing) == ("revoked", leak, None)
    assert step.payload is not None


def test_a_suspicion_calls_supervision_and_a_cleared_one_leaves_nothing() -> None:
    step = step_by(a_case(), "provider", "suspect_breach")
    assert set(step.event.parties) == BOTH | {OFFICE, SUPERVISION_BUREAU}
    cleared = in_force(done(told("SUSPECTED"), "supervision clear"))
    assert (cleared.state, cleared.breach) == (AgreementState.ACTIVE, None)
    assert cleared.clock is not None


def test_a_suspension_says_by_when_it_is_reviewed_and_is_marked_after_that_day() -> None:
    case = told("STOPPED_BY_OFFICE")
    clock = in_force(case).clock
    assert clock is not None
    assert (clock.clock, due_at(clock)) == ("suspension_review", end_of(date(2027, 6, 30)))
    late = by_itself(case, end_of(date(2027, 6, 30)) + timedelta(seconds=1))
    agreement = in_force(late)
    assert agreement.clock is not None
    assert (agreement.clock.overdue_since is not None, agreement.state) == (True, AgreementState.SUSPENDED)
    assert refused(a_case(), "office", "suspend", review_by="2027-01-09") == ["/review_by"]
    assert step_by(a_case(), "office", "suspend", review_by="2027-01-10")


def test_a_suspension_of_sensitive_items_is_told_to_the_bureau() -> None:
    secret, plain = (step_by(a_case(secret=secret), "office", "suspend") for secret in (True, False))
    assert set(secret.event.parties) - set(plain.event.parties) == {SECRECY_BUREAU}
    resumed = step_by(told("SECRET_STOPPED"), "office", "resume")
    assert SECRECY_BUREAU in resumed.event.parties


def test_an_ended_agreement_waits_for_the_requester_to_dispose_of_what_it_has() -> None:
    step = step_by(told("ENDED"), "requester", "dispose")
    assert step.event.filing == Filing(kind=FilingKind.DISPOSAL, authority=OFFICE)
    assert set(step.event.parties) == BOTH | {ARCHIVES_BUREAU}
    assert (step.event.body["disposed_on"], step.event.body["remains"]) == ("2027-01-10", False)
    certificate = in_force(told("DISPOSED")).disposal
    assert certificate is not None
    assert certificate.attested_by == "停车管理处处长"


def test_a_certificate_accounts_for_all_of_it() -> None:
    case = done(a_case(), "requester record_custody", "requester fulfil")
    assert refused(case, "requester", "dispose", entrusted=[]) == ["/entrusted"]
    assert refused(case, "requester", "dispose", disposed_on="2027-01-11") == ["/disposed_on"]
    assert refused(case, "requester", "dispose", disposed_on="2027-01-09") == ["/disposed_on"]
    assert refused(case, "requester", "dispose", remains="统计结果") == ["/because"]
    assert refused(case, "requester", "dispose", because="须随档案保存十年") == ["/remains"]
    assert refused(case, "requester", "dispose", remains="统计结果", because="涉密") == ["/because"]
    kept = step_by(case, "requester", "dispose", remains="统计结果", because="须随档案保存十年")
    assert kept.event.body["remains"] is True


def test_custody_is_recorded_anew_as_it_changes_and_the_latest_stands() -> None:
    case = done(a_case(), "requester record_custody")
    step = step_by(case, "requester", "record_custody", place="区级政务云")
    record = in_force(case.after(step.records)).custody
    assert record is not None
    assert (record.number, record.place) == (2, "区级政务云")
    assert step.event.body["retention_until"] == "2027-12-31"
    assert set(step.event.parties) == BOTH
    assert "区级政务云" not in step.event.model_dump_json()
    assert refused(a_case(), "requester", "record_custody", retention_until="2027-01-09") == ["/retention_until"]


def test_the_archives_take_what_is_disposed_of_and_nothing_is_archived_without_a_schedule() -> None:
    case = told("DISPOSED")
    assert in_force(by_itself(case, OVER + timedelta(days=3650))).state is AgreementState.DISPOSED
    archived = in_force(done(case, "archives archive"))
    assert (archived.state, archived.clock) == (AgreementState.ARCHIVED, None)


def test_where_a_city_has_a_schedule_it_is_archived_by_itself() -> None:
    case = told("DISPOSED")
    agreement = in_force(case)
    assert agreement.clock is not None
    lent = in_force(told("STOPPED_BY_OFFICE")).clock
    assert lent is not None
    scheduled = agreement.model_copy(update={"clock": agreement.clock.model_copy(update={"due": lent.due})})
    case = case.after({"agreement": scheduled})
    due = end_of(date(2027, 6, 30))
    assert in_force(by_itself(case, due)).state is AgreementState.DISPOSED
    assert in_force(by_itself(case, due + timedelta(seconds=1))).state is AgreementState.ARCHIVED


@pytest.mark.parametrize("story", STORIES_OF_AGREEMENTS)
def test_what_happens_by_itself_leaves_nothing_due_behind(story: str) -> None:
    for at in (BEGUN, BEGUN + timedelta(days=100), WARNED, LAST + timedelta(seconds=1), OVER + timedelta(days=400)):
        wakes = in_force(by_itself(told(story), at)).wakes_at
        assert wakes is None or wakes >= at


@pytest.mark.parametrize("story", STORIES_OF_AGREEMENTS)
def test_each_stands_on_the_desks_of_whom_it_waits_for_by_the_clock_that_runs_for_them(story: str) -> None:
    agreement = in_force(told(story))
    desks = desks_of("agreement", agreement)
    awaited = [party for party in KINDS["agreement"].machine.awaiting(agreement) if party is not Party.SYSTEM]
    assert set(desks) == {agreement.organisations[party] for party in awaited}
    clocks = {line.clock.clock if line.clock else None for line in desks.values()}
    assert clocks <= CLOCKS[story]
    assert all(line.zh and line.en and line.since for line in desks.values())


CLOCKS: dict[str, set[str | None]] = {
    "AMENDED": {"sign"},
    "HALF_SIGNED": {"sign"},
    "RENEWING": {"sign"},
    "DISPUTED": {"coordination"},
    "HALF_SETTLED": {"coordination"},
    "ESCALATED": {"ruling"},
    "HALF_TERMINATED": {None},
    "STOPPED_BY_PROVIDER": {"suspension_review"},
    "STOPPED_BY_OFFICE": {"suspension_review"},
    "SECRET_STOPPED": {"suspension_review"},
    "SUSPECTED": {"breach_inquiry"},
    "ENDED": {"disposal"},
    "DISPOSED": {"archiving"},
    **{story: set() for story in ("ACTIVE", "SECRET", "SIGNED", "ARCHIVED")},
}


@pytest.mark.parametrize("story", STORIES_OF_AGREEMENTS)
def test_it_is_found_by_its_entry_until_it_is_over_and_in_the_bureau_s_docket_where_sensitive(story: str) -> None:
    agreement = in_force(told(story))
    index = index_of("agreement", agreement)
    over = agreement.state in {AgreementState.ENDED, AgreementState.DISPOSED, AgreementState.ARCHIVED}
    assert index.get("resource") == (None if over else agreement.resource)
    assert index.get("docket") == (f"agreement#{SECRECY_BUREAU}" if story.startswith("SECRET") else None)
    assert index["standing"] == f"agreement#{agreement.state}"


def test_a_signature_that_is_late_is_marked_and_the_version_stays_on_the_table() -> None:
    case, lent = done(provided(), "requester propose_amendment"), in_force(told("STOPPED_BY_OFFICE")).clock
    pending = in_force(case).pending
    assert lent is not None
    assert pending is not None
    assert pending.clock is not None
    timed = pending.model_copy(update={"clock": pending.clock.model_copy(update={"due": lent.due})})
    case = case.after({"agreement": in_force(case).model_copy(update={"pending": timed})})
    late = in_force(by_itself(case, end_of(date(2027, 7, 1)))).pending
    assert late is not None
    assert late.clock is not None
    assert (late.clock.overdue_since, late.terms_hash) == (end_of(date(2027, 6, 30)), pending.terms_hash)
    assert in_force(done(case, "requester drop_amendment")).pending is None


def test_a_clock_that_has_not_run_out_is_not_marked() -> None:
    with pytest.raises(Conflict, match="not overdue"):
        with_mark(in_force(a_case()), BEGUN)


def test_nothing_becomes_an_agreement_without_its_two_filings() -> None:
    request = a_concluded_request()
    for kept in ((), request.filings[:1], request.filings[1:]):
        with pytest.raises(ValueError, match="two filings"):
            agreement_of(request.model_copy(update={"filings": kept}))


def test_an_act_has_an_effect_only_once_its_party_is_known() -> None:
    with pytest.raises(ValueError, match="party"):
        party_of(Act(AgreementAction.FULFIL, None, WHO["requester"], BEGUN))


def test_late_is_told_to_the_office_and_to_whom_it_waits_for_and_decides_nothing() -> None:
    case = done(provided(), "provider report_non_performance", "office escalate")
    escalated, lent = in_force(case), in_force(told("STOPPED_BY_OFFICE")).clock
    ruling = escalated.dispute_clock
    assert ruling is not None
    assert lent is not None
    assert ruling.due is None  # no text gives a number, so nothing is ever late of itself; a city may give one
    timed = escalated.model_copy(update={"dispute_clock": ruling.model_copy(update={"due": lent.due})})
    step = next_of_the_agreement(case.after({"agreement": timed}), end_of(date(2027, 7, 1)))
    assert step is not None
    assert (step.event.type, step.event.body["clock"]) == ("agreement.overdue", "ruling")
    assert set(step.event.parties) == BOTH | {OFFICE, LEADING_GROUP}
    late = step.records["agreement"]
    assert late == timed.model_copy(
        update={
            "dispute_clock": in_force(case.after(step.records)).dispute_clock,
            "version": late.version,
            "case_seq": late.case_seq,
            "changed_at": late.changed_at,
        }
    )
