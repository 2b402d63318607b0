"""The clocks of a negotiation: days that are shown with their rule, pauses, extensions, lateness that decides nothing.

Decree 809 (R6, R7): ten working days for a conditional reply, one for an unconditional one; one notice, one extension.
Acts are taken at moments of November and December 2026 in Beijing; 23 November is a Monday.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.requests.kinds import KINDS
from services.requests.sweep import sweep
from services.shared.canonical import new_id
from services.shared.errors import Invalid
from services.shared.organisations import OFFICE
from tests.negotiating import WHY, do, do_at, events_of, hear_last, let_time_pass, seen, types_of
from tests.sharing import (
    GAPS,
    HASH,
    NOON,
    PROVIDER,
    REQUESTER,
    Side,
    a_published_entry,
    a_request,
    draft,
    hear,
    published_with,
    redraft,
    terms,
)
from tests.stack import Calls

pytestmark = pytest.mark.usefixtures("data_stack")

END_OF_DAY = timedelta(hours=15, minutes=59, seconds=59)  # in Beijing, as UTC says it


def end_of(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC) + END_OF_DAY


def noon_of(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


def submitted(at: datetime = NOON, **changes: Any) -> str:
    """Return a request that was submitted at a moment."""
    request_id, _, _ = a_request("INTERNAL_APPROVAL", **changes)
    do_at(request_id, "asking", "submit", at)
    return request_id


def due(request_id: str) -> datetime | None:
    day = seen(request_id)["due_at"]
    return datetime.fromisoformat(day) if day else None


def test_a_conditional_request_is_due_in_ten_working_days_and_says_by_which_rule() -> None:
    view = seen(submitted())
    clock = view["clock"]
    assert view["due_at"] == clock["due_at"] == "2026-12-07T15:59:59Z"
    assert clock["zh"] == "不晚于2026-12-07：自2026-11-23起10个工作日，规则 reply_conditional"
    assert clock["en"] == "due 2026-12-07: 10 working days from 2026-11-23, rule reply_conditional"
    assert (clock["clock"], clock["profile"], clock["confidence"]) == ("reply_conditional", "reg-2025", "high")
    assert "809" in clock["source"]
    assert (view["overdue_since"], clock["paused"]) == (None, False)


def test_an_unconditional_entry_is_answered_within_one_working_day() -> None:
    entry = new_id()
    hear(published_with(entry))
    view = seen(submitted(datetime(2026, 11, 27, 4, tzinfo=UTC), resource=entry))
    assert view["due_at"] == "2026-11-30T15:59:59Z"  # from a Friday to the Monday after
    assert view["clock"]["clock"] == "reply_unconditional"


def test_a_return_pauses_the_reply_and_the_supplement_resumes_what_was_left() -> None:
    request_id = submitted()
    do_at(request_id, "giving", "return", noon_of(11, 25), GAPS)
    assert seen(request_id)["clock"]["clock"] == "supplement"
    assert due(request_id) is None
    assert let_time_pass(request_id) == 0

    do_at(request_id, "asking", "supplement", noon_of(12, 1), redraft(Side(REQUESTER), request_id))

    assert due(request_id) == end_of(12, 11)  # eight of the ten days were left
    assert "曾暂停" in seen(request_id)["clock"]["zh"]


def test_everything_that_is_missing_is_told_in_one_notice_and_only_once() -> None:
    request_id = submitted()
    several = {"gaps": [*GAPS["gaps"], {"pointer": "/terms/scope/rows", "detail": "请写明所需数据行"}]}
    assert do(request_id, "giving", "return", {"gaps": []}).status == 422
    do_at(request_id, "giving", "return", noon_of(11, 25), several)
    told = seen(request_id)["gaps"]
    assert ([gap["pointer"] for gap in told["gaps"]], told["by"]) == (
        ["/terms/purpose/text", "/terms/scope/rows"],
        "provider",
    )
    do_at(request_id, "asking", "supplement", noon_of(11, 26), redraft(Side(REQUESTER), request_id))
    for who in ("giving", "office"):
        again = do(request_id, who, "return", GAPS)
        assert (again.status, again.pointers) == (422, ["/gaps"])
    assert seen(request_id)["gaps"] == told


def test_a_supplement_with_other_terms_is_another_offer_and_with_the_same_terms_none() -> None:
    same, other = submitted(), submitted()
    for request_id, sent in ((same, terms()), (other, terms(until="2027-06-30"))):
        do_at(request_id, "giving", "return", NOON, GAPS)
        entry = seen(request_id)["resource"]
        do_at(request_id, "asking", "supplement", NOON, draft(entry, terms=sent))
    assert [len(seen(request_id)["offers"]) for request_id in (same, other)] == [1, 2]


def test_an_extension_that_is_granted_moves_the_day_and_the_requester_is_told() -> None:
    request_id = submitted()
    do_at(request_id, "giving", "request_extension", noon_of(11, 30), WHY)
    assert due(request_id) == end_of(12, 7)
    do_at(request_id, "office", "grant_extension", noon_of(12, 1), {"comment": "同意延期"})
    assert due(request_id) == end_of(12, 21)
    assert "延长10个工作日" in seen(request_id)["clock"]["zh"]
    assert (seen(request_id)["extension"]["granted"], seen(request_id)["extension"]["comment"]) == (True, "同意延期")

    hear_last(request_id)

    for organisation in (REQUESTER, PROVIDER):
        notices = Side(organisation).get("/requests/inbox").body["items"]
        assert [notice["type"] for notice in notices] == ["request.extension_granted"]


def test_an_extension_that_is_denied_leaves_the_day_as_it_was() -> None:
    request_id = submitted()
    do_at(request_id, "giving", "request_extension", noon_of(11, 30), WHY)
    do_at(request_id, "office", "deny_extension", noon_of(12, 1), {"reason": "数据已在平台上"})
    assert due(request_id) == end_of(12, 7)
    word = seen(request_id)["extension"]
    assert (word["granted"], word["comment"]) == (False, "数据已在平台上")
    assert do(request_id, "office", "grant_extension").status == 403


def test_an_extension_is_asked_once_and_not_when_it_is_too_late() -> None:
    twice, late = submitted(), submitted()
    do_at(twice, "giving", "request_extension", noon_of(11, 30), WHY)
    do_at(twice, "office", "deny_extension", noon_of(12, 1), WHY)
    sweep(noon_of(12, 8))
    for request_id in (twice, late):
        with pytest.raises(Invalid) as refused:
            do_at(request_id, "giving", "request_extension", noon_of(12, 9), WHY)
        assert {problem.pointer for problem in refused.value.problems} == {"/reason"}


def test_a_reply_that_no_rule_extends_is_not_asked_to_be_extended() -> None:
    entry = new_id()
    hear(published_with(entry))
    reply = do(submitted(resource=entry), "giving", "request_extension", WHY)
    assert (reply.status, reply.pointers) == (422, ["/reason"])


def test_the_next_round_has_a_reply_and_an_extension_of_its_own() -> None:
    request_id = submitted()
    do_at(request_id, "giving", "request_extension", noon_of(11, 24), WHY)
    do_at(request_id, "office", "grant_extension", noon_of(11, 24), {})
    do_at(request_id, "giving", "accept_for_processing", noon_of(11, 25))
    assert due(request_id) == end_of(12, 21)
    do_at(request_id, "giving", "counter", noon_of(11, 26), {"terms": terms(until="2027-06-30")})
    assert due(request_id) is None
    do_at(request_id, "asking", "counter", noon_of(11, 30), {"terms": terms(until="2027-09-30")})
    assert due(request_id) == end_of(12, 14)
    do_at(request_id, "giving", "request_extension", noon_of(12, 1), WHY)
    assert seen(request_id)["extension"]["granted"] is None


def test_the_sweep_marks_what_is_due_and_nothing_else_and_decides_nothing() -> None:
    first, extended, paused, later = submitted(), submitted(), submitted(), submitted(noon_of(11, 30))
    drafted, _, _ = a_request("DRAFT")
    do_at(extended, "giving", "request_extension", noon_of(11, 24), WHY)
    do_at(extended, "office", "grant_extension", noon_of(11, 24), {})
    do_at(paused, "giving", "return", noon_of(11, 24), GAPS)
    everything = (first, extended, paused, later, drafted)
    states = [seen(request_id)["state"] for request_id in everything]

    assert sweep(end_of(12, 7))["steps"] == 0
    assert sweep(noon_of(12, 8)) == {"cases": 1, "steps": 1}
    assert sweep(noon_of(12, 8)) == {"cases": 0, "steps": 0}
    assert sweep(noon_of(12, 15)) == {"cases": 1, "steps": 1}

    marked = [seen(request_id)["overdue_since"] for request_id in everything]
    assert marked == ["2026-12-07T15:59:59Z", None, None, "2026-12-14T15:59:59Z", None]
    assert [seen(request_id)["state"] for request_id in everything] == states
    mark = events_of(first)[-1]
    assert (mark.type, mark.organisation, types_of(first).count("request.overdue")) == ("request.overdue", "system", 1)
    assert (mark.body["clock"], mark.body["due_at"]) == ("reply_conditional", "2026-12-07T15:59:59Z")
    assert {REQUESTER, PROVIDER, OFFICE} <= set(mark.parties)


def test_a_late_provider_may_still_answer_and_is_asked_in_time_again_in_the_next_round() -> None:
    request_id = submitted()
    sweep(noon_of(12, 8))
    do_at(request_id, "giving", "accept_for_processing", noon_of(12, 9))
    assert seen(request_id)["overdue_since"] == "2026-12-07T15:59:59Z"
    do_at(request_id, "giving", "agree", noon_of(12, 9), HASH)
    assert (seen(request_id)["state"], seen(request_id)["overdue_since"]) == ("TERMS_AGREED", None)


def test_the_policy_of_2005_gives_no_day_and_the_office_records_a_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_PROFILE", "policy-2005")
    request_id = submitted()
    monkeypatch.setenv("CLOCK_PROFILE", "reg-2025")  # a clock that runs keeps the profile that it was started under
    view = seen(request_id)
    assert (view["due_at"], view["clock"]["profile"]) == (None, "policy-2005")
    assert "policy-2005 gives no number" in view["clock"]["en"]
    assert sweep(datetime(2030, 1, 1, tzinfo=UTC)) == {"cases": 0, "steps": 0}
    assert do(request_id, "asking", "coordinate", WHY).status == 422

    do_at(request_id, "office", "record_silence", noon_of(12, 30), {"comment": "一个月未答复"})

    recorded = seen(request_id)
    assert (recorded["state"], recorded["overdue_since"]) == ("SUBMITTED", "2026-12-30T04:00:00Z")
    assert events_of(request_id)[-1].body["due_at"] is None
    again = do(request_id, "office", "record_silence")
    assert (again.status, again.pointers) == (422, ["/comment"])
    assert do(request_id, "asking", "coordinate", WHY).body["state"] == "COORDINATION"


def test_a_pause_under_the_policy_of_2005_has_no_day_to_come_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_PROFILE", "policy-2005")
    request_id = submitted()
    do_at(request_id, "office", "return", noon_of(11, 25), GAPS)
    monkeypatch.setenv("CLOCK_PROFILE", "reg-2025")
    do_at(request_id, "asking", "supplement", noon_of(12, 1), redraft(Side(REQUESTER), request_id))
    assert (seen(request_id)["clock"]["profile"], due(request_id)) == ("policy-2005", None)


def test_of_fifty_open_cases_the_sweep_reads_the_two_that_are_due(aws_calls: Calls) -> None:
    entry = a_published_entry()
    cases = [submitted(NOON if number < 2 else noon_of(11, 30), resource=entry) for number in range(50)]
    aws_calls.clear()
    assert sweep(noon_of(12, 8)) == {"cases": 2, "steps": 2}
    # A query for each kind of record, and of each case: as it was, the mark, as it is then.
    assert Counter(aws_calls.names) == {"Query": len(KINDS) + 2 * 2, "TransactWriteItems": 2}
    assert [seen(request_id)["overdue_since"] is not None for request_id in cases[:3]] == [True, True, False]
