"""From an agreement's text back to its terms, so that anyone who holds the text can check the hash it names. Pure.

It reads only what the text says; what codes are called is not looked at.
"""

from datetime import date

from services.requests.agreement_text import (
    CONTENT,
    METHOD,
    NO_LIMIT,
    NO_ROWS,
    PURPOSE,
    SCOPE,
    SOME_ROWS,
    TITLE,
    VALIDITY,
    WORDS,
)
from services.requests.quoting import Lines
from services.requests.terms import Content, Method, Purpose, Scope, Terms, Validity, terms_hash

CODE = r".*\(([A-Za-z0-9_.\-]+)\)"


def read_back(text: str) -> Terms:
    """Return the terms that an agreement's text states.

    Raises ValueError when it is no such text, or names the hash of other terms.
    """
    lines = Lines(text)
    lines.said(f"({TITLE})")
    lines.said("协议编号：(.+)")
    lines.said("提供单位：(.+)")
    lines.said("需求单位：(.+)")
    lines.said("单位名称：(.+)")
    named = lines.said(r"条款摘要\(SHA-256\)：([0-9a-f]{64})")
    terms = Terms(
        content=_content(lines),
        scope=_scope(lines),
        purpose=_purpose(lines),
        method=_method(lines),
        validity=_validity(lines),
    )
    if terms_hash(terms) != named:
        raise ValueError("the text names the hash of other terms")
    return terms


def _content(lines: Lines) -> Content:
    lines.skip_to(CONTENT)
    lines.said("信息资源：(.+)")
    lines.quoted("名称")
    return Content(items=_list(lines, r"信息项共(\d+)项："))


def _scope(lines: Lines) -> Scope:
    lines.skip_to(SCOPE)
    areas = tuple(lines.said(f"区域：{CODE}") for _ in range(int(lines.said(r"区域共(\d+)个："))))
    first, last = _period(lines.said("数据时段：(.+)"))
    rows = lines.quoted(WORDS) if lines.said(f"({SOME_ROWS}|{NO_ROWS})") == SOME_ROWS else None
    recipients = _list(lines, r"使用者共(\d+)个：")
    return Scope(areas=areas, period_from=first, period_until=last, rows=rows, recipients=recipients)


def _purpose(lines: Lines) -> Purpose:
    lines.skip_to(PURPOSE)
    return Purpose(code=lines.said(f"用途：{CODE}"), text=lines.quoted(WORDS))


def _method(lines: Lines) -> Method:
    lines.skip_to(METHOD)
    codes = (lines.said(f"{label}：{CODE}") for label in ("共享方式", "更新频率", "格式"))
    return Method(**dict(zip(("channel", "frequency", "format"), codes, strict=True)))


def _validity(lines: Lines) -> Validity:
    lines.skip_to(VALIDITY)
    first, last = lines.said("自(.+)止，首尾两日均在有效期内。").split("起至")
    return Validity(valid_from=date.fromisoformat(first), valid_until=date.fromisoformat(last))


def _period(said: str) -> tuple[date | None, date | None]:
    days = said.removeprefix("自").split("至")
    first, last = (None if day == NO_LIMIT else date.fromisoformat(day) for day in days)
    return first, last


def _list(lines: Lines, count: str) -> tuple[str, ...]:
    return tuple(lines.quoted(f"第{place}") for place in range(1, int(lines.said(count)) + 1))
