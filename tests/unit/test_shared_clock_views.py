"""A clock as it is shown: what is timed, by which number, until when, and why in both languages, whatever befell it."""

from datetime import UTC, datetime

import pytest

from services.shared.clock_views import explained
from services.shared.clocks import Clock, profiles
from services.shared.running import Running, extend, mark_overdue, pause, record_silence, resume, start


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T04:00:00+00:00")


def reply(day: str = "2026-11-23", profile: str = "reg-2025") -> Running:
    return start("reply_conditional", noon(day), profile=profile)


def paused(running: Running, day: str, until: str | None = None) -> Running:
    stopped = pause(running, noon(day))
    return resume(stopped, noon(until)) if until else stopped


@pytest.mark.parametrize(
    ("running", "zh", "en"),
    [
        (
            reply(),
            "不晚于2026-12-07：自2026-11-23起10个工作日，规则 reply_conditional",
            "due 2026-12-07: 10 working days from 2026-11-23, rule reply_conditional",
        ),
        (
            extend(reply()),
            "不晚于2026-12-21：自2026-11-23起10个工作日，延长10个工作日，规则 reply_conditional",
            "due 2026-12-21: 10 working days from 2026-11-23, extended by 10, rule reply_conditional",
        ),
        (
            paused(reply(), "2026-12-01"),
            "自2026-12-01起暂停，余4个工作日，规则 reply_conditional",
            "paused from 2026-12-01, 4 working days left, rule reply_conditional",
        ),
        (
            paused(reply(), "2026-12-01", "2026-12-07"),
            "不晚于2026-12-11：自2026-12-07起余4个工作日（曾暂停），规则 reply_conditional",
            "due 2026-12-11: 4 working days left from 2026-12-07 after a pause, rule reply_conditional",
        ),
        (
            extend(paused(reply(), "2026-12-04", "2026-12-22"), 1),
            "不晚于2026-12-24：自2026-12-22起余2个工作日（曾暂停并延长1个工作日），规则 reply_conditional",
            "due 2026-12-24: 2 working days left from 2026-12-22 after a pause and an extension by 1, "
            "rule reply_conditional",
        ),
        (
            paused(extend(reply()), "2026-12-18", "2026-12-31"),
            "不晚于2027-01-01：自2026-12-31起余1个工作日（曾暂停并延长10个工作日），规则 reply_conditional，暂定",
            "due 2027-01-01: 1 working day left from 2026-12-31 after a pause and an extension by 10, "
            "rule reply_conditional, provisional",
        ),
        (
            paused(extend(reply()), "2026-12-18"),
            "自2026-12-18起暂停，余1个工作日，曾延长10个工作日，规则 reply_conditional",
            "paused from 2026-12-18, 1 working day left, extended by 10 before, rule reply_conditional",
        ),
        (
            paused(reply(), "2026-12-09"),
            "自2026-12-09起暂停，此前已过期限2026-12-07，规则 reply_conditional",
            "paused from 2026-12-09, past its due day 2026-12-07 by then, rule reply_conditional",
        ),
        (
            paused(start("search_certificate", noon("2026-11-23")), "2026-11-28", "2026-12-05"),
            "不晚于2026-12-30：自2026-12-05起余25日（曾暂停），规则 search_certificate",
            "due 2026-12-30: 25 days left from 2026-12-05 after a pause, rule search_certificate",
        ),
        (
            reply(profile="policy-2005"),
            "2026-11-23开始计时，policy-2005 未给出 reply_conditional 的天数",
            "begun 2026-11-23, policy-2005 gives no number for reply_conditional",
        ),
        (
            paused(reply(profile="policy-2005"), "2026-12-01"),
            "自2026-12-01起暂停，2026-11-23开始计时，policy-2005 未给出 reply_conditional 的天数",
            "paused from 2026-12-01, begun 2026-11-23, policy-2005 gives no number for reply_conditional",
        ),
        (
            record_silence(reply(profile="policy-2005"), noon("2027-01-04")),
            "2026-11-23开始计时，policy-2005 未给出 reply_conditional 的天数，2027-01-04记录未答复",
            "begun 2026-11-23, policy-2005 gives no number for reply_conditional, silence recorded 2027-01-04",
        ),
    ],
)
def test_a_clock_says_why_in_both_languages(running: Running, zh: str, en: str) -> None:
    shown = explained(running)
    assert (shown.zh, shown.en) == (zh, en)


def test_a_clock_is_shown_with_its_number_its_source_and_how_sure_that_is() -> None:
    shown = explained(reply())
    assert (shown.clock, shown.name_zh, shown.profile) == ("reply_conditional", "有条件共享答复", "reg-2025")
    assert shown.name_en == "reply to a request for conditionally shared information"
    assert (shown.since, shown.due_at) == (noon("2026-11-23"), datetime(2026, 12, 7, 15, 59, 59, tzinfo=UTC))
    assert (shown.article, shown.confidence, shown.provisional, shown.paused) == (None, "high", False, False)
    assert shown.source is not None
    assert "809" in shown.source


def test_a_paused_clock_shows_no_day_and_none_that_may_move() -> None:
    shown = explained(paused(extend(reply("2026-12-10")), "2026-12-18"))
    assert (shown.due_at, shown.paused, shown.provisional) == (None, True, False)


def test_a_marked_clock_shows_since_when_and_still_its_due_day() -> None:
    shown = explained(mark_overdue(reply(), noon("2026-12-09")))
    assert shown.overdue_since == shown.due_at == datetime(2026, 12, 7, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("clock", profiles().clocks, ids=lambda clock: clock.code)
@pytest.mark.parametrize("profile", ["policy-2005", "reg-2025"])
def test_every_clock_under_every_profile_can_be_shown_with_a_source_where_it_has_a_number(
    clock: Clock, profile: str
) -> None:
    running = start(clock.code, noon("2026-11-23"), profile=profile)
    shown = explained(running)
    assert (shown.name_zh, shown.name_en) == (clock.zh, clock.en)
    assert (shown.due_at is None) is (shown.source is None) is (shown.confidence is None) is (running.due is None)
    assert clock.code in shown.zh
    assert clock.code in shown.en
