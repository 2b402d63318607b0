"""Who sees what of an agreement and of its history (S-032). Pure.

Both sides, the office and the supervision bureau see all of it, the leading group what was brought before it, the
archives what is to come to them. The secrecy bureau sees what is sensitive, for whom, for what and until when, that it
is suspended or has ended, and its own filings: no other terms, and nothing of what the two negotiate.
"""

from collections.abc import Mapping

from services.requests.agreement import Agreement, AgreementState
from services.requests.agreement_life import IN_ARCHIVES, relations
from services.shared.callers import Caller
from services.shared.events import Event, readers_of
from services.shared.lifecycle import Party
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SUPERVISION_BUREAU

ONLY_SECRECY = frozenset({Party.SECRECY})
WATCHING = frozenset({Party.OFFICE, Party.SUPERVISION, Party.LEADING_GROUP, Party.ARCHIVES})
OF_AN_AGREEMENT = frozenset({"agreement", "report", "feedback"})
NOT_FOR_SECRECY: Mapping[str, object] = {
    "pending": None,
    "done": (),
    "breach": None,
    "non_performance": None,
    "coordination": None,
    "dispute_clock": None,
    "custody": None,
    "disposal": None,
    "former": (),
    "provided_at": None,
    "reported_until": None,
}


def sees_in_part(agreement: Agreement, caller: Caller) -> bool:
    """Return whether a caller sees no more of an agreement than the secrecy bureau."""
    return relations(agreement, caller) == ONLY_SECRECY


def in_part(agreement: Agreement) -> Agreement:
    """Return an agreement as far as its marks and its story are the secrecy bureau's to see; its terms are left."""
    end = agreement.end
    if end is not None and not end.leak:
        end = end.model_copy(update={"reason": None, "meeting": None})
    clock = None if agreement.state is AgreementState.ACTIVE else agreement.clock
    return agreement.model_copy(update={**NOT_FOR_SECRECY, "end": end, "clock": clock})


def may_list(state: AgreementState, organisation: str) -> bool:
    """Return whether an organisation lists all agreements in a state."""
    return organisation in {OFFICE, SUPERVISION_BUREAU} or (organisation == ARCHIVES_BUREAU and state in IN_ARCHIVES)


def may_read(agreement: Agreement, caller: Caller, event: Event) -> bool:
    """Return whether a caller may read one event: its readers, and the offices what both sides of an agreement read."""
    if caller.organisation in readers_of(event):
        return True
    watches = bool(relations(agreement, caller) & WATCHING) and agreement.provider in event.parties
    return watches and event.type.partition(".")[0] in OF_AN_AGREEMENT
