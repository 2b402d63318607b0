"""What every agreement binds each side to, whatever its terms (S-009, S-046), each duty with its source. Pure."""

from services.requests.agreement import Agreement
from services.shared.lifecycle import Party
from services.shared.model import Model

POLICY, DECREE = "2005年政策", "《政务数据共享条例》"


class AgreementDuty(Model):
    """One duty of a side."""

    party: Party
    code: str
    zh: str
    en: str
    source: str


def duties_under(agreement: Agreement) -> tuple[AgreementDuty, ...]:
    """Return the duties of both sides under an agreement, the confidentiality agreement's where there is one."""
    return (*EVERY, SECRET) if agreement.confidentiality_hash else EVERY


def _provider(code: str, zh: str, en: str, source: str) -> AgreementDuty:
    return AgreementDuty(party=Party.PROVIDER, code=code, zh=zh, en=en, source=source)


def _requester(code: str, zh: str, en: str, source: str) -> AgreementDuty:
    return AgreementDuty(party=Party.REQUESTER, code=code, zh=zh, en=en, source=source)


SECRET = _requester("confidentiality", "遵守安全保密协议", "keep the confidentiality agreement", f"{POLICY} 三(五)")
EVERY: tuple[AgreementDuty, ...] = (
    _provider(
        "source_and_accuracy",
        "对信息的来源和准确性负责",
        "answer for the source and the accuracy of the information",
        f"{POLICY} 一(二)2",
    ),
    _provider("provide", "及时、全面、免费提供", "provide it in time, in full and free of charge", f"{POLICY} 三(四)"),
    _provider(
        "non_performance_report",
        "不能按协议提供的，将情况和理由报市信息办",
        "report to the office, with situation and reason, what cannot be provided as agreed",
        f"{POLICY} 三(四)",
    ),
    _provider("provision_filing", "将提供情况备案", "file what was provided", f"{POLICY} 三(四)"),
    _requester(
        "risk_and_security",
        "对所获信息承担风险和安全责任，受托方同受约束",
        "bear the risk and the security of what was obtained; entrusted parties are bound alike",
        f"{POLICY} 一(二)2；{DECREE}",
    ),
    _requester(
        "purpose_and_scope",
        "只用于协议指定的用途和范围",
        "use it within the agreed purpose and scope alone",
        f"{POLICY} 三(五)；{DECREE}第25条",
    ),
    _requester(
        "no_onward_provision",
        "未经提供单位允许不得向其他单位和个人提供",
        "give it to nobody else without the provider's permission",
        f"{POLICY} 三(五)；{DECREE}第25条",
    ),
    _requester(
        "custody",
        "妥善保管，记录存放、接触、期限和销毁方式",
        "keep it safely, on record: where, who gets at it, until when, how it is destroyed",
        f"{POLICY} 三(五)",
    ),
    _requester("usage_filing", "将使用情况备案", "file how it was used", f"{POLICY} 三(四)"),
    _requester("effect_feedback", "向提供单位反馈共享效果", "feed the effect back to the provider", f"{POLICY} 三(四)"),
    _requester(
        "disposal",
        "到期、终止或目的实现后停止使用，处置并出具证明",
        "once it has ended stop using it, dispose of it, and certify that",
        DECREE,
    ),
)
