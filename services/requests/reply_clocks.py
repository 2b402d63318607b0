"""Which clock runs in which state of a request, and what becomes of it when the request moves (Decree 809; R6, R7).

The provider's reply clock stands still while the requester supplements, and goes on through the provider's review.
"""

from services.requests.request import Request, State
from services.shared import running
from services.shared.lifecycle import Act
from services.shared.running import Running

S = State
REPLY = "reply"  # one of the two below, by the entry
REPLIES = {True: "reply_unconditional", False: "reply_conditional"}
CLOCKS: dict[State, str] = {
    S.DRAFT: "draft_request",
    S.INTERNAL_APPROVAL: "internal_approval",
    S.SUBMITTED: REPLY,
    S.RETURNED: "supplement",
    S.UNDER_REVIEW: REPLY,
    S.REQ_COUNTERED: REPLY,
    S.PRO_COUNTERED: "reply_counter",
    S.REFUSED: "answer_refusal",
    S.COORDINATION: "coordination",
    S.ESCALATED: "ruling",
    S.TERMS_AGREED: "draft_agreement",
    S.AGREEMENT_DRAFTED: "sign",
    S.PRO_SIGNED: "sign",
    S.SIGNED: "filing_result",
    S.RESULT_FILED: "receipt",
    S.CONF_PENDING: "secrecy_filing",
    S.CONF_FILED: "receipt",
    S.READY: "activation",
}


def clocked(before: Request | None, after: Request, act: Act) -> Request:
    """Return the request with the clock of its state; one that stays where it was keeps its own."""
    if before is not None and before.state is after.state:
        return after
    if after.state not in CLOCKS:
        return after.model_copy(update={"clock": None, "held": None})
    if before is not None and (before.state, after.state) == (S.SUBMITTED, S.RETURNED) and before.clock:
        return _set(after, _started(after, act), held=running.pause(before.clock, act.at))
    if before is not None and (before.state, after.state) == (S.RETURNED, S.SUBMITTED) and before.held:
        return _set(after, running.resume(before.held, act.at))
    if before is not None and (before.state, after.state) == (S.SUBMITTED, S.UNDER_REVIEW):
        return after
    # Another round has a reply of its own, and with it another extension.
    return _set(after, _started(after, act)).model_copy(update={"extension": None})


def _set(request: Request, clock: Running, *, held: Running | None = None) -> Request:
    return request.model_copy(update={"clock": clock, "held": held})


def _started(request: Request, act: Act) -> Running:
    code = CLOCKS[request.state]
    return running.start(REPLIES[request.entry.is_unconditional] if code == REPLY else code, act.at)
