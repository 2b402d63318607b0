"""The rows of C.1 until terms are agreed or the case is given up: the application, its clock, the rounds."""

from services.requests import effects, evidence_guards, guards, time_guards
from services.requests.negotiation_parts import (
    A_REFUSAL,
    AGREES,
    F_REFUSAL_REPORT,
    F_REQUEST,
    F_RESULT,
    MIO,
    OFFER_FITS,
    PRO,
    REPLY_IS_DUE,
    REQ,
    SYS,
    TERMINAL,
    UNSEEN,
    WELL_DRAFTED,
    A,
    Row,
    S,
)
from services.requests.request import Action, State
from services.shared.callers import Claim

_REVISE = Row(REQ, None, "request.revised", guards=WELL_DRAFTED, effect=effects.revise, awaited=False)
_CLASSIFY = Row(
    PRO,
    None,
    "request.items_classified",
    guards=(guards.classifies_requested_items,),
    effect=effects.classify,
    awaited=False,
)
_PRO_COUNTER = Row(PRO, S.PRO_COUNTERED, "request.countered", guards=OFFER_FITS, effect=effects.counter)
_REQ_COUNTER = Row(REQ, S.REQ_COUNTERED, "request.countered", guards=OFFER_FITS, effect=effects.counter)
_PRO_AGREE = Row(PRO, S.TERMS_AGREED, "request.terms_agreed", guards=AGREES)
_REQ_AGREE = Row(REQ, S.TERMS_AGREED, "request.terms_agreed", guards=AGREES)
_REFUSE = Row(PRO, S.REFUSED, "request.refused", guards=A_REFUSAL, effect=effects.refuse, filing=F_REFUSAL_REPORT)
_WITHDRAW_UNSEEN = Row(REQ, S.WITHDRAWN, "request.withdrawn", effect=effects.say_why, awaited=False)
_WITHDRAW = Row(REQ, S.WITHDRAWN, "request.withdrawn", effect=effects.say_why, filing=F_RESULT, awaited=False)
_MARK_OVERDUE = Row(
    SYS, None, "request.overdue", guards=(time_guards.day_has_passed,), effect=effects.mark_overdue, awaited=False
)

APPLICATION: dict[tuple[State, Action], Row] = {
    (S.DRAFT, A.REVISE): _REVISE,
    (S.DRAFT, A.PROPOSE): Row(REQ, S.INTERNAL_APPROVAL, "request.proposed", guards=(guards.duty_is_own,)),
    (S.INTERNAL_APPROVAL, A.SEND_BACK): Row(
        REQ, S.DRAFT, "request.sent_back", claim=Claim.APPROVER, effect=effects.say_why
    ),
    (S.INTERNAL_APPROVAL, A.SUBMIT): Row(
        REQ,
        S.SUBMITTED,
        "request.submitted",
        claim=Claim.APPROVER,
        guards=(guards.duty_is_own, guards.entry_stands),
        effect=effects.submit,
        filing=F_REQUEST,
    ),
    (S.SUBMITTED, A.RETURN): Row(
        PRO | MIO,
        S.RETURNED,
        "request.returned",
        guards=(guards.is_returned_once,),
        effect=effects.give_notice,
        awaited=False,
    ),
    (S.RETURNED, A.SUPPLEMENT): Row(
        REQ, S.SUBMITTED, "request.supplemented", guards=WELL_DRAFTED, effect=effects.supplement
    ),
    (S.SUBMITTED, A.ACCEPT_FOR_PROCESSING): Row(PRO, S.UNDER_REVIEW, "request.accepted_for_processing"),
    (S.SUBMITTED, A.ROUTE): Row(
        SYS,
        S.TERMS_AGREED,
        "request.routed",
        guards=(evidence_guards.standard_terms_are_met,),
        effect=effects.route,
        awaited=False,
    ),
}

TIME: dict[tuple[State, Action], Row] = {
    **{
        (state, A.REQUEST_EXTENSION): Row(
            PRO,
            None,
            "request.extension_requested",
            guards=(time_guards.extension_is_asked_once,),
            effect=effects.ask_for_time,
            awaited=False,
        )
        for state in REPLY_IS_DUE
    },
    **{
        (state, A.GRANT_EXTENSION): Row(
            time_guards.decides_extension, None, "request.extension_granted", effect=effects.give_time
        )
        for state in REPLY_IS_DUE
    },
    **{
        (state, A.DENY_EXTENSION): Row(
            time_guards.decides_extension, None, "request.extension_denied", effect=effects.deny_time
        )
        for state in REPLY_IS_DUE
    },
    **{
        (state, A.RECORD_SILENCE): Row(
            MIO,
            None,
            "request.silence_recorded",
            guards=(time_guards.clock_gives_no_day,),
            effect=effects.note_silence,
            awaited=False,
        )
        for state in REPLY_IS_DUE
    },
    **{(state, A.MARK_OVERDUE): _MARK_OVERDUE for state in State if state not in TERMINAL},
}

ROUNDS: dict[tuple[State, Action], Row] = {
    (S.UNDER_REVIEW, A.AGREE): _PRO_AGREE,
    (S.REQ_COUNTERED, A.AGREE): _PRO_AGREE,
    (S.UNDER_REVIEW, A.COUNTER): _PRO_COUNTER,
    (S.REQ_COUNTERED, A.COUNTER): _PRO_COUNTER,
    (S.PRO_COUNTERED, A.AGREE): _REQ_AGREE,
    (S.PRO_COUNTERED, A.COUNTER): _REQ_COUNTER,
    **{(state, A.REFUSE): _REFUSE for state in REPLY_IS_DUE},
    **{
        (state, A.CLASSIFY): _CLASSIFY
        for state in (S.SUBMITTED, S.UNDER_REVIEW, S.PRO_COUNTERED, S.REQ_COUNTERED, S.TERMS_AGREED)
    },
    (S.REFUSED, A.ACCEPT_REFUSAL): Row(
        REQ,
        S.CLOSED_REFUSED,
        "request.refusal_accepted",
        guards=(evidence_guards.refusal_report_delivered,),
        filing=F_RESULT,
    ),
}

WITHDRAWAL: dict[tuple[State, Action], Row] = {
    **{(state, A.WITHDRAW): _WITHDRAW_UNSEEN for state in UNSEEN},
    **{
        (state, A.WITHDRAW): _WITHDRAW
        for state in (
            S.SUBMITTED,
            S.RETURNED,
            S.UNDER_REVIEW,
            S.PRO_COUNTERED,
            S.REQ_COUNTERED,
            S.REFUSED,
            S.COORDINATION,
            S.ESCALATED,
            S.TERMS_AGREED,
            S.AGREEMENT_DRAFTED,
            S.PRO_SIGNED,
        )
    },
}
