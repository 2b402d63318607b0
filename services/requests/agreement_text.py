"""The agreement in Chinese, as people read and sign it: a clause a line, all of it drawn from one value. Pure.

What the sides or the catalogue wrote stands in lines of its own (`quoting.py`): it is never a clause.
`agreement_reading.py` reads the terms back.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from services.requests.agreed import Agreed, Called
from services.requests.quoting import BAR, JOINED, NEW_LINE, quoted
from services.requests.terms import CITY, Content, Method, Purpose, Scope, Validity
from services.shared.organisations import OFFICE, SECRECY_BUREAU, name_at, organisation
from services.shared.reference import CodeList, Term, vocabulary

TITLE = "政务信息资源共享协议"
CONTENT, SCOPE, PURPOSE = "二、内容", "三、范围", "四、用途"
METHOD, VALIDITY = "五、方式", "六、有效期"
WORDS, NO_LIMIT, NO_ROWS, SOME_ROWS = "原文", "不限", "数据行：不限。", "数据行：以下列文字为限。"


def text_of(agreed: Agreed) -> str:
    """Return the agreement's text; two that differ in their terms differ in their texts."""
    terms = agreed.terms
    parts = (
        _head(agreed),
        _basis(agreed),
        _content(agreed, terms.content),
        _scope(terms.scope, agreed.named_on),
        _purpose(terms.purpose),
        _method(terms.method),
        _validity(terms.validity),
        _binding(agreed),
        _duties(agreed),
        _force(agreed),
    )
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def _head(agreed: Agreed) -> Iterator[str]:
    yield TITLE
    yield f"协议编号：{agreed.case}（第{agreed.version}版）"
    yield f"提供单位：{_called(agreed.provider)}"
    yield f"需求单位：{_called(agreed.requester)}"
    yield f"单位名称：以{agreed.named_on}的名称为准。"
    yield f"条款摘要(SHA-256)：{agreed.terms_hash}"
    yield (
        f"说明：以“{BAR}”引出的行逐字照录各方或目录所写的文字，不是条款；"
        f"“{NEW_LINE}”表示原文由此另起一行，“{JOINED}”表示与上一行相连。"
    )


def _basis(agreed: Agreed) -> Iterator[str]:
    yield "一、依据"
    yield f"需求单位履行的职责：{_called(agreed.duty)}"


def _content(agreed: Agreed, content: Content) -> Iterator[str]:
    yield CONTENT
    yield f"信息资源：{agreed.resource}"
    yield from quoted(agreed.title, "名称")
    yield f"信息项共{len(content.items)}项："
    yield from _list(content.items)


def _scope(scope: Scope, day: date) -> Iterator[str]:
    yield SCOPE
    yield f"区域共{len(scope.areas)}个："
    yield from (f"区域：{_area(area, day)}" for area in scope.areas)
    yield f"数据时段：自{scope.period_from or NO_LIMIT}至{scope.period_until or NO_LIMIT}"
    if scope.rows is None:
        yield NO_ROWS
    else:
        yield SOME_ROWS
        yield from quoted(scope.rows, WORDS)
    yield f"使用者共{len(scope.recipients)}个："
    yield from _list(scope.recipients)


def _purpose(purpose: Purpose) -> Iterator[str]:
    yield PURPOSE
    yield f"用途：{_listed(vocabulary().purposes, purpose.code)}"
    yield from quoted(purpose.text, WORDS)


def _method(method: Method) -> Iterator[str]:
    lists = vocabulary()
    yield METHOD
    yield f"共享方式：{_listed(lists.share_methods, method.channel)}"
    yield f"更新频率：{_listed(lists.update_cycles, method.frequency)}"
    yield f"格式：{_named(lists.formats.terms, method.format)}"


def _validity(validity: Validity) -> Iterator[str]:
    yield VALIDITY
    yield f"自{validity.valid_from}起至{validity.valid_until}止，首尾两日均在有效期内。"


def _binding(agreed: Agreed) -> Iterator[str]:
    yield "七、免费"
    yield "依本协议共享信息不收取任何费用（政策三(四)；国发〔2016〕51号第5条）。"
    yield "八、用途和范围限制"
    yield (
        "需求单位只能将所获信息用于本协议载明的用途和范围，不得用于其他目的（政策三(五)；《政务数据共享条例》第25条）。"
    )
    yield "九、不得再提供"
    yield (
        "未经提供单位允许，需求单位不得将所获信息提供给其他任何单位和个人；经允许的，由第三方另行签订协议"
        "（政策三(五)；《政务数据共享条例》第25条）。"
    )
    yield "十、责任"
    yield f"提供责任：{_called(agreed.responsible)}对所提供信息的来源和准确性负责，及时、全面地提供（政策三(四)）。"
    yield f"不能按协议提供的，提供单位将情况和理由报{_office(agreed)}（政策三(四)）。"
    yield f"风险承担：所获信息的安全责任和风险由{_called(agreed.risk_bearer)}承担（政策一(二)；《政务数据共享条例》）。"
    yield "需求单位委托他人处理所获信息的，受托方同受本协议约束，由需求单位负责。"


def _duties(agreed: Agreed) -> Iterator[str]:
    yield "十一、需求单位的义务"
    yield "(一)妥善保管：记录所获信息存放何处、何人可以接触、保存多久，防止泄露、篡改和丢失（政策三(五)）。"
    yield f"(二)使用备案：将使用情况报{_office(agreed)}备案（政策三(四)）；提供单位同样将提供情况备案。"
    yield "(三)效果反馈：将共享效果反馈给提供单位（政策三(四)）。"
    yield "(四)到期处置：有效期满、共享目的实现或者协议终止时停止使用，处置所获信息，并出具处置证明。"
    yield "十二、校核"
    yield (
        "需求单位认为信息有误的，可以向提供单位提出校核；提供单位核查、更正并告知各接收单位，不予更正的说明理由"
        "（《政务数据共享条例》第26条）。"
    )


def _force(agreed: Agreed) -> Iterator[str]:
    yield "十三、安全保密协议"
    if not agreed.confidential:
        yield "本协议不涉及保密要求，不附安全保密协议。"
    else:
        named = agreed.confidentiality_hash or "尚未签订"
        yield (
            "本协议涉及保密要求，附安全保密协议，"
            f"报{_name(SECRECY_BUREAU, agreed.named_on)}备案后方可生效（政策三(五)）。"
        )
        yield f"安全保密协议摘要(SHA-256)：{named}"
    yield "十四、生效"
    if agreed.activated_on:
        yield f"本协议自{agreed.activated_on}起生效。"
    else:
        yield f"本协议由双方签署，报{_office(agreed)}备案并取得回执后生效。"
    yield "本文本与机器可读的协议(ODRL 2.2)出自同一组条款，条款摘要相同；条款变更后，原签署失效。"


def _list(values: Iterable[str]) -> Iterator[str]:
    for place, value in enumerate(values, start=1):
        yield from quoted(value, f"第{place}")


def _called(body: Called) -> str:
    return f"{body.zh}({body.code})"


def _area(code: str, day: date) -> str:
    return f"{'全市' if code == CITY else _name(code, day)}({code})"


def _name(code: str, day: date) -> str:
    body = organisation(code)
    return name_at(body, day).zh if body else code


def _office(agreed: Agreed) -> str:
    return _name(OFFICE, agreed.named_on)


def _listed(codes: CodeList, code: str) -> str:
    return _named(codes.terms, code)


def _named(terms: Iterable[Term], code: str) -> str:
    return f"{next((term.zh for term in terms if term.code == code), code)}({code})"
