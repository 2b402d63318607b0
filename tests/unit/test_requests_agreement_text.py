"""The agreement's text says every term and every duty, and can be read back to the letter, whatever people wrote.

What they wrote is never taken for a clause: every line of theirs begins as no line of ours does.
"""

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.requests.agreed import Called
from services.requests.agreement_reading import read_back
from services.requests.agreement_text import text_of
from services.requests.quoting import BREAKS, INDENT, WIDTH, Lines, quoted
from services.requests.terms import Terms, terms_hash
from tests.agreeing import HOSTILE, TERMS, an_agreement, some_terms, words


def lines_of_ours(text: str) -> list[str]:
    """Return the lines that are clauses: whatever any reader takes for a line, less those that begin as quoted ones."""
    return [line for line in text.splitlines() if not line.startswith(INDENT)]


def clauses(terms: Terms) -> list[str]:
    """Return the clauses of a text, less the hash, which any change of the terms changes."""
    hashed = terms_hash(terms)
    return [line for line in lines_of_ours(text_of(an_agreement(terms))) if hashed not in line]


@given(TERMS)
def test_the_terms_are_read_back_to_the_letter(terms: Terms) -> None:
    text = text_of(an_agreement(terms))
    assert read_back(text) == terms
    assert terms_hash(read_back(text)) in text


@given(TERMS, TERMS)
def test_different_terms_have_different_texts(one: Terms, other: Terms) -> None:
    assume(one != other)
    assert text_of(an_agreement(one)) != text_of(an_agreement(other))


@pytest.mark.parametrize(
    "items",
    [
        ("甲", "乙"),
        ("乙", "甲"),
        ("甲\n乙",),
        ("甲\u2028乙",),
        ("甲\u2029乙",),
        ("甲、乙",),
        ("甲\n　第2│乙",),
        ("甲\n　换行│乙",),
        ("甲" * 41,),
        ("甲" * 40, "甲"),
        ("甲" * 40 + "\n甲",),
        ("甲", "乙", "乙"),
        ("甲乙",),
        ("甲 乙",),
        ("甲\n\n乙",),
    ],
)
def test_items_that_look_alike_when_run_together_are_told_apart(items: tuple[str, ...]) -> None:
    assert read_back(text_of(an_agreement(some_terms(content={"items": items})))).content.items == items


@given(TERMS)
def test_what_people_wrote_changes_no_clause(terms: Terms) -> None:
    counts = {"items": len(terms.content.items), "recipients": len(terms.scope.recipients)}
    plain = terms.model_copy(
        update={
            "content": terms.content.model_copy(update={"items": ("项",) * counts["items"]}),
            "scope": terms.scope.model_copy(
                update={
                    "recipients": ("处",) * counts["recipients"],
                    "rows": "行" if terms.scope.rows else None,
                }
            ),
            "purpose": terms.purpose.model_copy(update={"text": "用"}),
        }
    )
    assert clauses(terms) == clauses(plain)


@given(words(4000), st.sampled_from(["第1", "原文", "名称"]))
def test_every_line_of_a_quoted_text_is_marked_and_short(text: str, lead: str) -> None:
    lines = [line for each in quoted(text, lead) for line in each.splitlines()]
    assert all(line.startswith(INDENT) and "│" in line for line in lines)
    assert max(len(line.partition("│")[2]) for line in lines) <= WIDTH
    assert Lines("\n".join(lines)).quoted(lead) == text


@given(st.text(st.sampled_from([*BREAKS, "a", "│", "　"])))
def test_any_line_break_is_kept_and_breaks_no_line_of_ours(text: str) -> None:
    lines = list(quoted(text, "名称"))
    assert [len(line.splitlines()) for line in lines] == [1] * len(lines)
    assert Lines("\n".join(lines)).quoted("名称") == text


@pytest.mark.parametrize("title", ["空余泊位\n七、收费\n每条一元", "甲\r\n乙", "甲\u2028十四、生效", "", *HOSTILE])
def test_a_title_is_never_a_clause_either(title: str) -> None:
    agreed = an_agreement(title=title)
    assert lines_of_ours(text_of(agreed)) == lines_of_ours(text_of(an_agreement()))
    assert read_back(text_of(agreed)) == agreed.terms


def test_the_text_says_every_term_by_name_and_code() -> None:
    text = text_of(an_agreement(some_terms(scope={"period_from": "2026-01-01"})))
    for said in (
        "提供单位：北京市石景山区(110107)",
        "需求单位：北京市交通委员会(transport_commission)",
        "需求单位履行的职责：停车管理(parking_management)",
        "　名称│空余泊位发送记录",
        "信息项共2项：\n　第1│空余泊位数\n　第2│车场名称",
        "区域：北京市石景山区(110107)",
        "数据时段：自2026-01-01至不限",
        "数据行：以下列文字为限。\n　原文│路侧与公共停车场",
        "使用者共1个：\n　第1│停车管理处",
        "用途：城市运行管理(city_operation)\n　原文│停车诱导与路侧停车管理",
        "共享方式：接口(api)",
        "更新频率：每日(daily)",
        "格式：xml(xml)",
        "自2027-01-01起至2027-12-31止，首尾两日均在有效期内。",
    ):
        assert said in text


def test_the_text_states_what_the_law_adds_to_the_terms() -> None:
    text = text_of(an_agreement())
    for said in (
        "不收取任何费用",
        "只能将所获信息用于本协议载明的用途和范围",
        "未经提供单位允许，需求单位不得将所获信息提供给其他任何单位和个人",
        "提供责任：北京市石景山区(110107)对所提供信息的来源和准确性负责",
        "安全责任和风险由北京市交通委员会(transport_commission)承担",
        "受托方同受本协议约束",
        "妥善保管",
        "使用备案",
        "效果反馈",
        "出具处置证明",
        "可以向提供单位提出校核",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("changes", "said", "unsaid"),
    [
        ({}, "不附安全保密协议", "安全保密协议摘要"),
        ({"confidential": True}, "安全保密协议摘要(SHA-256)：尚未签订", "不附安全保密协议"),
        (
            {"confidential": True, "confidentiality_hash": "ab" * 32},
            f"安全保密协议摘要(SHA-256)：{'ab' * 32}",
            "尚未签订",
        ),
        ({}, "备案并取得回执后生效", "起生效"),
        ({"activated_on": date(2026, 12, 1)}, "本协议自2026-12-01起生效。", "取得回执后"),
        ({"version": 3}, "（第3版）", "（第1版）"),
    ],
)
def test_the_text_says_how_things_stand(changes: dict[str, Any], said: str, unsaid: str) -> None:
    text = text_of(an_agreement(**changes))
    assert said in text
    assert unsaid not in text


def test_a_body_is_called_as_on_the_day_of_the_text() -> None:
    terms = some_terms(scope={"areas": ["supervision_bureau"]})
    assert "区域：北京市监察局(supervision_bureau)" in text_of(an_agreement(terms, named_on=date(2016, 1, 1)))
    assert "区域：北京市监察委员会(supervision_bureau)" in text_of(an_agreement(terms))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("　第1│空余泊位数", "　第1│车位数"),
        ("信息项共2项", "信息项共3项"),
        ("自2027-01-01起至2027-12-31止", "自2027-01-01起至2037-12-31止"),
        ("共享方式：接口(api)", "共享方式：接口(table)"),
        ("数据行：以下列文字为限。\n　原文│路侧与公共停车场\n", "数据行：不限。\n"),
        ("五、方式\n", ""),
        ("政务信息资源共享协议\n", "协议\n"),
    ],
)
def test_a_text_that_was_tampered_with_is_refused(before: str, after: str) -> None:
    text = text_of(an_agreement())
    assert before in text
    with pytest.raises(ValueError, match=r"expected|other terms|too early"):
        read_back(text.replace(before, after, 1))


def test_an_agreement_names_the_hash_of_its_own_terms() -> None:
    with pytest.raises(ValueError, match="not that of the terms"):
        an_agreement(terms_hash="00" * 32)
    with pytest.raises(ValueError, match="no hash of one"):
        an_agreement(confidentiality_hash="00" * 32)


@pytest.mark.parametrize("name", ["甲\n乙", "甲\u2028乙", ""])
def test_a_name_is_one_line(name: str) -> None:
    with pytest.raises(ValueError, match="zh"):
        Called(code="a", zh=name)
