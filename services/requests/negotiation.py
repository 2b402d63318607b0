"""The negotiation (C.1) as a table: who may do what to a request, under which guards, and what is filed.

`advance` is the only way a request moves. Pure: time, caller and what was loaded are arguments.
"""

from services.requests import effects, guards
from services.requests.request import Action, Request, State
from services.shared.callers import Caller, Claim
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Machine, Move, Party
from services.shared.organisations import OFFICE

REQ, PRO = frozenset({Party.REQUESTER}), frozenset({Party.PROVIDER})
BOTH, SYS = REQ | PRO, frozenset({Party.SYSTEM})

F_REQUEST = Filing(kind=FilingKind.REQUEST, authority=OFFICE)
F_RESULT = Filing(kind=FilingKind.RESULT, authority=OFFICE)
F_REFUSAL_REPORT = Filing(kind=FilingKind.REFUSAL_REPORT, authority=OFFICE)

S, A = State, Action
Row = Move[Request]

_REVISE = Row(
    REQ,
    None,
    "request.revised",
    guards=(guards.asks_for_the_same_entry, guards.offer_fits_entry, guards.duty_is_own),
    effect=effects.revise,
    awaited=False,
)
_CLASSIFY = Row(
    PRO,
    None,
    "request.items_classified",
    guards=(guards.classifies_requested_items,),
    effect=effects.classify,
    awaited=False,
)
_PRO_COUNTER = Row(PRO, S.PRO_COUNTERED, "request.countered", guards=(guards.offer_fits_entry,), effect=effects.counter)
_REQ_COUNTER = Row(REQ, S.REQ_COUNTERED, "request.countered", guards=(guards.offer_fits_entry,), effect=effects.counter)
_PRO_AGREE = Row(PRO, S.TERMS_AGREED, "request.terms_agreed", guards=(guards.names_latest_offer_of_other_side,))
_REQ_AGREE = Row(REQ, S.TERMS_AGREED, "request.terms_agreed", guards=(guards.names_latest_offer_of_other_side,))
_REFUSE = Row(
    PRO,
    S.REFUSED,
    "request.refused",
    guards=(guards.has_statutory_basis,),
    effect=effects.refuse,
    filing=F_REFUSAL_REPORT,
)
_REOPEN = Row(BOTH, S.UNDER_REVIEW, "request.reopened", effect=effects.reopen, awaited=False)
_WITHDRAW_UNSEEN = Row(REQ, S.WITHDRAWN, "request.withdrawn", effect=effects.say_why, awaited=False)
_WITHDRAW = Row(REQ, S.WITHDRAWN, "request.withdrawn", effect=effects.say_why, filing=F_RESULT, awaited=False)

TABLE: dict[tuple[State, Action], Row] = {
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
    (S.SUBMITTED, A.ACCEPT_FOR_PROCESSING): Row(PRO, S.UNDER_REVIEW, "request.accepted_for_processing"),
    (S.UNDER_REVIEW, A.AGREE): _PRO_AGREE,
    (S.REQ_COUNTERED, A.AGREE): _PRO_AGREE,
    (S.UNDER_REVIEW, A.COUNTER): _PRO_COUNTER,
    (S.REQ_COUNTERED, A.COUNTER): _PRO_COUNTER,
    (S.PRO_COUNTERED, A.AGREE): _REQ_AGREE,
    (S.PRO_COUNTERED, A.COUNTER): _REQ_COUNTER,
    **{(state, A.REFUSE): _REFUSE for state in (S.SUBMITTED, S.UNDER_REVIEW, S.REQ_COUNTERED)},
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
    (S.TERMS_AGREED, A.DRAFT): Row(
        PRO, S.AGREEMENT_DRAFTED, "request.agreement_drafted", guards=(guards.every_item_classified,)
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
    (S.READY, A.ACTIVATE): Row(
        SYS, S.CONCLUDED, "agreement.activated", guards=(guards.both_receipts_in, guards.no_sensitive_item)
    ),
    **{(state, A.REOPEN): _REOPEN for state in (S.AGREEMENT_DRAFTED, S.PRO_SIGNED, S.CONF_PENDING)},
    **{(state, A.WITHDRAW): _WITHDRAW_UNSEEN for state in (S.DRAFT, S.INTERNAL_APPROVAL)},
    **{
        (state, A.WITHDRAW): _WITHDRAW
        for state in (
            S.SUBMITTED,
            S.UNDER_REVIEW,
            S.PRO_COUNTERED,
            S.REQ_COUNTERED,
            S.REFUSED,
            S.TERMS_AGREED,
            S.AGREEMENT_DRAFTED,
            S.PRO_SIGNED,
        )
    },
}


def relations(request: Request, caller: Caller) -> frozenset[Party]:
    """Return what a caller is to a request. Until it is submitted, only the requester knows of it."""
    if caller.organisation == "system":
        return SYS
    found = REQ if caller.organisation == request.requester else frozenset()
    if request.submitted_at is not None:
        found |= PRO if caller.organisation == request.provider else frozenset()
        found |= {Party.OFFICE} if caller.organisation == OFFICE else frozenset()
    return found


NEGOTIATION: Machine[Request] = Machine(
    name="sharing_request",
    table=TABLE,
    relations=relations,
    initial=State.DRAFT,
    terminal=frozenset({S.CONCLUDED, S.CLOSED_REFUSED, S.WITHDRAWN}),
)
SYSTEM_ACTIONS = frozenset(action for (_, action), move in TABLE.items() if move.by == SYS)


def may_see(request: Request, caller: Caller) -> bool:
    """Return whether a caller may know of a request: its parties, and the office once it is submitted."""
    return bool(relations(request, caller) - SYS)


def may_read(request: Request, caller: Caller, parties: tuple[str, ...]) -> bool:
    """Return whether a caller may read one event: its parties, and the office whatever the provider may read too."""
    shared = request.provider in parties and Party.OFFICE in relations(request, caller)
    return caller.organisation in parties or shared
