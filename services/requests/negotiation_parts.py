"""What the rows of the negotiation are written in: who acts, what is filed, and the guards that go together."""

from services.requests import guards
from services.requests.request import Action, Request, State
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Move, Party
from services.shared.organisations import OFFICE, SECRECY_BUREAU

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
