"""The rows of C.1 where the two do not agree: coordination by the office, the leading group's ruling."""

from services.requests import effects, guards, time_guards
from services.requests.negotiation_parts import A_REFUSAL, BOTH, F_RESULT, LG, MIO, OFFER_FITS, REQ, A, Row, S
from services.requests.request import Action, State

_COORDINATE = Row(
    BOTH | MIO, S.COORDINATION, "request.coordination_opened", effect=effects.open_coordination, awaited=False
)
_COORDINATE_SILENCE = Row(
    BOTH | MIO,
    S.COORDINATION,
    "request.coordination_opened",
    guards=(time_guards.reply_is_overdue,),
    effect=effects.open_coordination,
    awaited=False,
)

DISPUTE: dict[tuple[State, Action], Row] = {
    **{(state, A.COORDINATE): _COORDINATE for state in (S.REFUSED, S.PRO_COUNTERED, S.REQ_COUNTERED)},
    **{(state, A.COORDINATE): _COORDINATE_SILENCE for state in (S.SUBMITTED, S.UNDER_REVIEW)},
    (S.COORDINATION, A.MEDIATE): Row(MIO, None, "request.mediated", guards=OFFER_FITS, effect=effects.mediate),
    (S.COORDINATION, A.COUNTER): Row(
        REQ, S.REQ_COUNTERED, "request.countered", guards=OFFER_FITS, effect=effects.counter, awaited=False
    ),
    (S.COORDINATION, A.UPHOLD_REFUSAL): Row(
        MIO,
        S.CLOSED_REFUSED,
        "request.refusal_upheld",
        guards=A_REFUSAL,
        effect=effects.refuse,
        filing=F_RESULT,
        awaited=False,
    ),
    (S.COORDINATION, A.ESCALATE): Row(
        MIO,
        S.ESCALATED,
        "request.escalated",
        guards=(guards.ground_is_given,),
        effect=effects.escalate,
        awaited=False,
    ),
    (S.ESCALATED, A.RULE_SHARE): Row(
        LG, S.TERMS_AGREED, "request.ruled_to_share", guards=OFFER_FITS, effect=effects.rule_share
    ),
    (S.ESCALATED, A.RULE_REFUSE): Row(
        LG,
        S.CLOSED_REFUSED,
        "request.ruled_to_refuse",
        guards=A_REFUSAL,
        effect=effects.rule_refuse,
        filing=F_RESULT,
    ),
    (S.ESCALATED, A.REMAND): Row(LG, S.COORDINATION, "request.remanded", effect=effects.remand, awaited=False),
}
