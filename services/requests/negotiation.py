"""The negotiation (C.1) as a table: who may do what to a request, under which guards, and what is filed.

`NEGOTIATION.advance` is the only way a request moves. Pure: time, caller and what was loaded are arguments.
"""

from services.requests import effects, guards
from services.requests.request import Action, Request, State
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Machine, Move, Party
from services.shared.organisations import LEADING_GROUP, OFFICE, SECRECY_BUREAU

REQ, PRO = frozenset({Party.REQUESTER}), frozenset({Party.PROVIDER})
MIO, LG = frozenset({Party.OFFICE}), frozenset({Party.LEADING_GROUP})
BOTH, SYS = REQ | PRO, frozenset({Party.SYSTEM})

F_REQUEST = Filing(kind=FilingKind.REQUEST, authority=OFFICE)
F_RESULT = Filing(kind=FilingKind.RESULT, authority=OFFICE)
F_REFUSAL_REPORT = Filing(kind=FilingKind.REFUSAL_REPORT, authority=OFFICE)
F_CONFIDENTIALITY = Filing(kind=FilingKind.CONFIDENTIALITY, authority=SECRECY_BUREAU)

S, A = State, Action
Row = Move[Request]

TERMINAL = frozenset({S.CONCLUDED, S.CLOSED_REFUSED, S.WITHDRAWN})
UNSEEN = (S.DRAFT, S.INTERNAL_APPROVAL)
REPLY_IS_DUE = (S.SUBMITTED, S.UNDER_REVIEW, S.REQ_COUNTERED)
# Beyond the specification's rows: terms that a classification shows to break a rule are negotiated anew.
OPEN_AGAIN = (S.TERMS_AGREED, S.AGREEMENT_DRAFTED, S.PRO_SIGNED, S.CONF_PENDING)
OFFER_FITS = (guards.offer_fits_entry,)
WELL_DRAFTED = (
    guards.asks_for_the_same_entry,
    guards.offer_fits_entry,
    guards.duty_is_own,
    guards.flows_back_to_a_district,
    guards.urgency_has_reason,
)
AGREES = (guards.names_latest_offer_of_other_side, guards.offer_still_fits)
A_REFUSAL = (guards.has_statutory_basis, guards.says_why_in_words)

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
_COORDINATE = Row(
    BOTH | MIO, S.COORDINATION, "request.coordination_opened", effect=effects.open_coordination, awaited=False
)
_COORDINATE_SILENCE = Row(
    BOTH | MIO,
    S.COORDINATION,
    "request.coordination_opened",
    guards=(guards.reply_is_overdue,),
    effect=effects.open_coordination,
    awaited=False,
)
_REOPEN = Row(
    BOTH, S.UNDER_REVIEW, "request.reopened", guards=(guards.no_ruling_binds,), effect=effects.reopen, awaited=False
)
_WITHDRAW_UNSEEN = Row(REQ, S.WITHDRAWN, "request.withdrawn", effect=effects.say_why, awaited=False)
_WITHDRAW = Row(REQ, S.WITHDRAWN, "request.withdrawn", effect=effects.say_why, filing=F_RESULT, awaited=False)
_MARK_OVERDUE = Row(
    SYS, None, "request.overdue", guards=(guards.day_has_passed,), effect=effects.mark_overdue, awaited=False
)

_APPLICATION: dict[tuple[State, Action], Row] = {
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
        guards=(guards.standard_terms_are_met,),
        effect=effects.route,
        awaited=False,
    ),
}

_TIME: dict[tuple[State, Action], Row] = {
    **{
        (state, A.REQUEST_EXTENSION): Row(
            PRO,
            None,
            "request.extension_requested",
            guards=(guards.extension_is_asked_once,),
            effect=effects.ask_for_time,
            awaited=False,
        )
        for state in REPLY_IS_DUE
    },
    **{
        (state, A.GRANT_EXTENSION): Row(
            guards.decides_extension, None, "request.extension_granted", effect=effects.give_time
        )
        for state in REPLY_IS_DUE
    },
    **{
        (state, A.DENY_EXTENSION): Row(
            guards.decides_extension, None, "request.extension_denied", effect=effects.deny_time
        )
        for state in REPLY_IS_DUE
    },
    **{
        (state, A.RECORD_SILENCE): Row(
            MIO,
            None,
            "request.silence_recorded",
            guards=(guards.clock_gives_no_day,),
            effect=effects.note_silence,
            awaited=False,
        )
        for state in REPLY_IS_DUE
    },
    **{(state, A.MARK_OVERDUE): _MARK_OVERDUE for state in State if state not in TERMINAL},
}

_ROUNDS: dict[tuple[State, Action], Row] = {
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
        guards=(guards.refusal_report_delivered,),
        filing=F_RESULT,
    ),
}

_DISPUTE: dict[tuple[State, Action], Row] = {
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

_AGREEMENT: dict[tuple[State, Action], Row] = {
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
        SYS, S.READY, "request.filings_receipted", guards=(guards.both_receipts_in, guards.no_sensitive_item)
    ),
    (S.RESULT_FILED, A.PROCEED_CONFIDENTIAL): Row(
        SYS, S.CONF_PENDING, "request.filings_receipted", guards=(guards.both_receipts_in, guards.sensitive_item)
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
        SYS, S.READY, "request.filings_receipted", guards=(guards.both_receipts_in, guards.secrecy_receipt_in)
    ),
    (S.READY, A.ACTIVATE): Row(
        SYS, S.CONCLUDED, "agreement.activated", guards=(guards.both_receipts_in, guards.secrecy_receipt_in)
    ),
    **{(state, A.REOPEN): _REOPEN for state in OPEN_AGAIN},
}

_WITHDRAWAL: dict[tuple[State, Action], Row] = {
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

TABLE: dict[tuple[State, Action], Row] = {
    **_APPLICATION,
    **_TIME,
    **_ROUNDS,
    **_DISPUTE,
    **_AGREEMENT,
    **_WITHDRAWAL,
}
SYSTEM_ACTIONS = (A.ROUTE, A.PROCEED, A.PROCEED_CONFIDENTIAL, A.ACTIVATE, A.MARK_OVERDUE)
BY_ITSELF = (*SYSTEM_ACTIONS, A.DRAFT)  # what the system tries, in this order


def relations(request: Request, caller: Caller) -> frozenset[Party]:
    """Return what a caller is to a request.

    Until it is submitted only the requester knows of it; the leading group knows of what was brought before it.
    """
    if caller.organisation == SYSTEM.organisation:
        return SYS
    found = REQ if caller.organisation == request.requester else frozenset()
    if request.submitted_at is not None:
        found |= PRO if caller.organisation == request.provider else frozenset()
        found |= MIO if caller.organisation == OFFICE else frozenset()
    if request.escalated_at is not None:
        found |= LG if caller.organisation == LEADING_GROUP else frozenset()
    return found


NEGOTIATION: Machine[Request] = Machine(
    name="sharing_request",
    table=TABLE,
    relations=relations,
    initial=State.DRAFT,
    terminal=TERMINAL,
)


def may_see(request: Request, caller: Caller) -> bool:
    """Return whether a caller may know of a request: its parties, the office once it is submitted."""
    return bool(relations(request, caller) - SYS)


def may_read(request: Request, caller: Caller, parties: tuple[str, ...]) -> bool:
    """Return whether a caller may read one event: its parties, and the offices whatever the provider may read too."""
    offices = relations(request, caller) & (MIO | LG)
    return caller.organisation in parties or (request.provider in parties and bool(offices))
