"""The security and confidentiality agreement (安全保密协议): when it is needed, what it says, the hash that is signed.

It is drawn from the agreed terms, names what is sensitive and who keeps it, and is filed with the secrecy bureau,
which sees this and no more (三(五)). Pure.
"""

from datetime import date

from services.requests.entry import Sensitivity
from services.requests.request import Request
from services.shared.canonical import digest
from services.shared.model import Model
from services.shared.organisations import name_at, organisations
from services.shared.reference import vocabulary
from services.shared.working_days import day_in_beijing


class ConfidentialityTerms(Model):
    """What both sides sign: sensitive items by their kind, for what, until when, and the terms it goes with."""

    request: str
    requester: str
    provider: str
    resource: str
    items: dict[str, Sensitivity]
    purpose: str
    recipients: tuple[str, ...]
    valid_from: date
    valid_until: date
    terms_hash: str


def is_sensitive(request: Request) -> bool:
    """Return whether any item is anything but known to be harmless: what nobody classified counts as sensitive."""
    return any(sensitivity is not Sensitivity.NONE for sensitivity in request.sensitivities().values())


def confidentiality_of(request: Request) -> ConfidentialityTerms:
    """Return what goes with the terms on the table; an item that nobody has classified yet is none of it."""
    terms = request.latest.terms
    known = {item: kind for item, kind in request.sensitivities().items() if kind and kind is not Sensitivity.NONE}
    return ConfidentialityTerms(
        request=request.id,
        requester=request.requester,
        provider=request.provider,
        resource=request.entry.id,
        items=known,
        purpose=terms.purpose.code,
        recipients=terms.scope.recipients,
        valid_from=terms.validity.valid_from,
        valid_until=terms.validity.valid_until,
        terms_hash=request.latest.terms_hash,
    )


def confidentiality_hash(request: Request) -> str:
    """Return the hash that both sides sign: SHA-256 of the canonical JSON (RFC 8785) of the confidentiality terms."""
    return digest(confidentiality_of(request))


def confidentiality_text(request: Request) -> str:
    """Return it in Chinese; each item and recipient is one line behind a dash, so that none can be a clause."""
    said, lists, day = confidentiality_of(request), vocabulary(), day_in_beijing(request.changed_at)
    kinds = {term.code: term.zh for term in lists.sensitivities.terms}
    purposes = {term.code: term.zh for term in lists.purposes.terms}
    items = [f"  - {_one_line(item)}({kinds.get(kind, kind)})" for item, kind in said.items.items()]
    people = [f"  - {_one_line(recipient)}" for recipient in said.recipients]
    clauses = (
        f"安全保密协议({said.request})",
        f"提供单位:{name_at(organisations()[said.provider], day).zh}({said.provider})",
        f"接收单位:{name_at(organisations()[said.requester], day).zh}({said.requester})",
        "涉及保密要求的数据项:",
        *items,
        f"用途:{purposes.get(said.purpose, said.purpose)}({said.purpose}),不得用于其他用途",
        "可以接触的人员和部门:",
        *people,
        "保管:接收单位妥善保管,记录存放位置、可访问人员和保存期限;受托方同受约束",
        "不得向其他单位和个人提供;发生泄露须立即采取补救措施并向提供单位和市保密局报告",
        f"期限:{said.valid_from} 至 {said.valid_until};到期或终止后按共享协议处置并出具证明",
        "本协议报市保密局备案",
        f"共享条款摘要(SHA-256):{said.terms_hash}",
        f"本协议摘要(SHA-256):{confidentiality_hash(request)}",
    )
    return "\n".join(clauses) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())
