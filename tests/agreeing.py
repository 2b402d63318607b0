"""Makers for tests of agreements: any valid terms, hostile words in every free text, and what was agreed on them."""

import unicodedata
from datetime import date
from typing import Any

from hypothesis import strategies as st

from services.requests.agreed import Agreed, Called
from services.requests.terms import Content, Method, Purpose, Scope, Terms, Validity, terms_hash
from services.shared.reference import vocabulary
from tests import sharing

CASE = "0195d7a0-0000-7000-8000-000000000001"
PROVIDER = Called(code="110107", zh="北京市石景山区")
REQUESTER = Called(code="transport_commission", zh="北京市交通委员会")
BIDI = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
# Pieces that try to pass for our own lines, or to end the text that they stand in.
HOSTILE = (
    "\n",
    "\n\n",
    "\u2028",
    "\u2029",
    "\t",
    "　",
    " " * 60,
    "│",
    "\n　第2│",
    "\n　换行│",
    "\n　接上│",
    "　原文│",
    "\n六、有效期\n自2000-01-01起至2099-12-31止，首尾两日均在有效期内。\n",
    "\n数据行：不限。",
    "使用者共1个：",
    "有效期：永久",
    "用途：统计分析(statistical_analysis)",
    "、",
    "；",
    "(api)",
    '"',
    "'",
    "\\",
    "{}[]<>",
    '{"@id": "urn:x"}',
    '","@type":"xsd:date"',
    "2027-01-01",
    "</script><script>alert(1)</script>",
    "# 标题\n- 项\n> 引",
    "🅿️🚗",
    "مواقف",
    "חניה",
    "\u200b",
    "\u200f",
    "e\u0301",
    "\ufeff",
)
SIGNS = st.characters(exclude_categories=("Cs", "Co", "Cn", "Cc"), exclude_characters=BIDI)


def words(longest: int) -> st.SearchStrategy[str]:
    """Return what people may write, as it is kept: not blank, and never over `longest` letters."""
    pieces = st.lists(st.sampled_from(HOSTILE) | st.text(SIGNS, max_size=6), min_size=1, max_size=6)
    return pieces.map(lambda parts: "".join(parts)[:longest].strip()).filter(_is_text)


def _is_text(text: str) -> bool:
    return bool(text) and len(unicodedata.normalize("NFKC", text).encode()) < 1_500


def codes(*known: str) -> st.SearchStrategy[str]:
    """Return codes: those that are listed, and others of the right shape."""
    return st.sampled_from(known) | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,9}", fullmatch=True)


LINES, DAYS = words(200), st.dates()
SCOPES = st.builds(
    Scope,
    areas=st.lists(codes("110000", "110107"), min_size=1, max_size=3).map(tuple),
    period_from=st.none() | DAYS,
    period_until=st.none() | DAYS,
    rows=st.none() | words(4000),
    recipients=st.lists(LINES, min_size=1, max_size=3).map(tuple),
)
TERMS: st.SearchStrategy[Terms] = st.builds(
    Terms,
    content=st.builds(Content, items=st.lists(LINES, min_size=1, max_size=4).map(tuple)),
    scope=SCOPES,
    purpose=st.builds(Purpose, code=codes(*(term.code for term in vocabulary().purposes.terms)), text=words(4000)),
    method=st.builds(
        Method,
        channel=codes(*(term.code for term in vocabulary().share_methods.terms)),
        frequency=codes(*(term.code for term in vocabulary().update_cycles.terms)),
        format=codes("xml", "spreadsheet"),
    ),
    validity=st.builds(Validity, valid_from=DAYS, valid_until=DAYS),
)


def some_terms(**changes: dict[str, Any]) -> Terms:
    """Return a whole set of terms, with changes in its parts: `scope={"rows": None}`."""
    sent = sharing.terms()
    return Terms.model_validate({part: said | changes.get(part, {}) for part, said in sent.items()})


def an_agreement(terms: Terms | None = None, **changes: Any) -> Agreed:
    """Return what was agreed on some terms."""
    agreed = terms or some_terms()
    said = {
        "case": CASE,
        "requester": REQUESTER,
        "provider": PROVIDER,
        "resource": "0195d7a0-0000-7000-8000-00000000000a",
        "title": "空余泊位发送记录",
        "duty": Called(code="parking_management", zh="停车管理"),
        "terms": agreed,
        "terms_hash": terms_hash(agreed),
        "responsible": PROVIDER,
        "risk_bearer": REQUESTER,
        "confidential": False,
        "named_on": date(2026, 11, 23),
    }
    return Agreed.model_validate(said | changes)
