"""The negotiation (C.1) as a table: who may do what to a request, under which guards, and what is filed.

`NEGOTIATION.advance` is the only way a request moves. Pure: time, caller and what was loaded are arguments.
"""

from services.requests.agreement_rows import AGREEMENT
from services.requests.dispute_rows import DISPUTE
from services.requests.negotiation_parts import LG, MIO, PRO, REQ, SYS, TERMINAL, A, Row
from services.requests.negotiation_rows import APPLICATION, ROUNDS, TIME, WITHDRAWAL
from services.requests.request import Action, Request, State
from services.shared.callers import SYSTEM, Caller
from services.shared.events import Event
from services.shared.lifecycle import Machine, Party
from services.shared.organisations import LEADING_GROUP, OFFICE

TABLE: dict[tuple[State, Action], Row] = {
    **APPLICATION,
    **TIME,
    **ROUNDS,
    **DISPUTE,
    **AGREEMENT,
    **WITHDRAWAL,
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


def may_read(request: Request, caller: Caller, event: Event) -> bool:
    """Return whether a caller may read one event of the case.

    Its parties do, the office whatever the provider may read too, and the leading group the negotiation as far.
    """
    mine, of_it = relations(request, caller), event.type.startswith("request.")
    watches = bool(mine & MIO) or (of_it and bool(mine & LG))
    return caller.organisation in event.parties or (request.provider in event.parties and watches)
