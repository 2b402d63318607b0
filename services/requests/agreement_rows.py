"""The rows of C.1 from agreed terms to the agreement in force: drafted, signed, filed, kept confidential."""

from services.requests import effects, evidence_guards, guards
from services.requests.negotiation_parts import BOTH, F_CONFIDENTIALITY, F_RESULT, PRO, REQ, SYS, A, Row, S
from services.requests.request import Action, State
from services.shared.callers import Claim

# Beyond the specification's rows: terms that a classification shows to break a rule are negotiated anew.
OPEN_AGAIN = (S.TERMS_AGREED, S.AGREEMENT_DRAFTED, S.PRO_SIGNED, S.CONF_PENDING)
_REOPEN = Row(
    BOTH, S.UNDER_REVIEW, "request.reopened", guards=(guards.no_ruling_binds,), effect=effects.reopen, awaited=False
)

AGREEMENT: dict[tuple[State, Action], Row] = {
    (S.TERMS_AGREED, A.DRAFT): Row(
        guards.who_drafts,
        S.AGREEMENT_DRAFTED,
        "request.agreement_drafted",
        guards=(guards.every_item_classified, guards.offer_still_fits),
    ),
    (S.AGREEMENT_DRAFTED, A.SIGN): Row(
        PRO,
        S.PRO_SIGNED,
        "request.signed",
        claim=Claim.APPROVER,
        guards=(guards.names_agreed_terms,),
        effect=effects.sign,
    ),
    (S.PRO_SIGNED, A.SIGN): Row(
        REQ,
        S.SIGNED,
        "request.signed",
        claim=Claim.APPROVER,
        guards=(guards.names_agreed_terms,),
        effect=effects.sign,
    ),
    (S.SIGNED, A.FILE_RESULT): Row(
        BOTH,
        S.RESULT_FILED,
        "request.result_filed",
        guards=(guards.names_agreed_terms,),
        filing=F_RESULT,
        each_once=True,
    ),
    (S.RESULT_FILED, A.PROCEED): Row(
        SYS, S.READY, "request.filings_receipted", guards=(evidence_guards.both_receipts_in, guards.no_sensitive_item)
    ),
    (S.RESULT_FILED, A.PROCEED_CONFIDENTIAL): Row(
        SYS,
        S.CONF_PENDING,
        "request.filings_receipted",
        guards=(evidence_guards.both_receipts_in, guards.sensitive_item),
    ),
    (S.CONF_PENDING, A.SIGN_CONFIDENTIALITY): Row(
        BOTH,
        S.CONF_FILED,
        "request.confidentiality_signed",
        claim=Claim.APPROVER,
        guards=(guards.names_confidentiality_terms,),
        effect=effects.sign_confidentiality,
        filing=F_CONFIDENTIALITY,
        each_once=True,
    ),
    (S.CONF_FILED, A.PROCEED): Row(
        SYS,
        S.READY,
        "request.filings_receipted",
        guards=(evidence_guards.both_receipts_in, evidence_guards.secrecy_receipt_in),
    ),
    (S.READY, A.ACTIVATE): Row(
        SYS,
        S.CONCLUDED,
        "agreement.activated",
        guards=(evidence_guards.both_receipts_in, evidence_guards.secrecy_receipt_in),
    ),
    **{(state, A.REOPEN): _REOPEN for state in OPEN_AGAIN},
}
