"""The life of an agreement (machine C.2), and the coordination (G) that a non-performance opens in it. Pure.

In force means ACTIVE, whatever its marks: a version to come, a non-performance, an end that is near. Marks stop
nothing, but `AGREEMENT` tells whom they wait for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from services.requests.agreement import OVER, RUNNING, Agreement
from services.requests.agreement import AgreementState as S
from services.requests.agreement_acts import AgreementAction as A
from services.requests.agreement_parts import PendingKind
from services.requests.agreement_table import BOTH, SYS, TABLE
from services.requests.case_record import parties_of
from services.shared import coordination
from services.shared.callers import SYSTEM, Caller
from services.shared.coordination import Coordination
from services.shared.lifecycle import Machine, Party
from services.shared.running import Running

COORDINATION = coordination.machine("agreement.coordination")
IN_ARCHIVES = frozenset({S.DISPOSED, S.ARCHIVED})


def relations(agreement: Agreement, caller: Caller) -> frozenset[Party]:
    """Return what a caller is to an agreement.

    The secrecy bureau knows of what was filed with it, the leading group of what was brought before it, the archives of
    what is to come to them.
    """
    if caller == SYSTEM:
        return SYS
    hidden = {
        Party.SYSTEM: True,
        Party.SECRECY: not agreement.known_to_secrecy,
        Party.LEADING_GROUP: not agreement.escalated,
        Party.ARCHIVES: agreement.state not in IN_ARCHIVES,
    }
    return frozenset(party for party in parties_of(agreement, caller) if not hidden.get(party))


def may_see(agreement: Agreement, caller: Caller) -> bool:
    """Return whether a caller may know of an agreement."""
    return bool(relations(agreement, caller) - SYS)


class Matter(NamedTuple):
    """One thing that an agreement waits for: from whom, and by which clock."""

    parties: frozenset[Party]
    clock: Running | None


def open_coordination(agreement: Agreement) -> Coordination | None:
    """Return the coordination that goes on in an agreement, or None; with the agreement it ends too."""
    opened = agreement.coordination
    over = opened is None or opened.state in coordination.ENDS or agreement.state in OVER
    return None if over else opened


def beside(agreement: Agreement) -> Iterator[Matter]:
    """Yield what waits whatever the state: a version to sign, the other side's word on ending it, a coordination."""
    if agreement.pending and agreement.state in RUNNING:
        yield Matter(agreement.pending.unsigned, agreement.pending.clock)
    if half := {done.party for done in agreement.done if done.action == A.TERMINATE}:
        yield Matter(BOTH - half, None)
    if opened := open_coordination(agreement):
        yield Matter(frozenset(COORDINATION.awaiting(opened)), agreement.dispute_clock)


@dataclass(frozen=True)
class AgreementMachine(Machine[Agreement]):
    """C.2 with G inside it: beside its state, its marks say who acts next."""

    def awaiting(self, record: Agreement) -> tuple[Party, ...]:
        """Return the parties that could act next; an active agreement without open matters rests."""
        waiting = self._called_by_the_state(record).union(*(matter.parties for matter in beside(record)))
        return tuple(party for party in Party if party in waiting)

    def actions_for(self, record: Agreement, caller: Caller) -> tuple[str, ...]:
        """Return what this caller may try now, in the coordination too; not what would be refused whatever was sent."""
        own = (action for action in super().actions_for(record, caller) if not in_vain(record, A(action)))
        opened = open_coordination(record)
        return (*own, *(COORDINATION.actions_for(opened, caller) if opened else ()))

    def clock_for(self, record: Agreement, party: Party) -> Running | None:
        """Return the clock that runs for a party that an agreement waits for, None where nothing is timed."""
        if party in self._called_by_the_state(record):
            return record.clock
        return next((matter.clock for matter in beside(record) if party in matter.parties), None)

    def _called_by_the_state(self, record: Agreement) -> frozenset[Party]:
        if record.state is S.SUSPENDED and record.suspension:
            return frozenset({record.suspension.by})
        return frozenset(super().awaiting(record))


def in_vain(agreement: Agreement, action: A) -> bool:
    """Return whether an action would be refused as things stand, whatever was sent with it."""
    pending, opened = agreement.pending, open_coordination(agreement)
    amending = pending is not None and pending.kind is PendingKind.AMENDMENT
    vain = {
        A.PROPOSE_AMENDMENT: pending is not None,
        A.SIGN_AMENDMENT: not amending,
        A.DROP_AMENDMENT: pending is None or not pending.unsigned,
        A.RENEW: amending,
        A.REPORT_NON_PERFORMANCE: opened is not None,
        A.RECORD_PROVISION: agreement.provided_at is not None,
    }
    return vain.get(action, False)


AGREEMENT = AgreementMachine(
    name="agreement",
    table=TABLE,
    relations=relations,
    initial=S.ACTIVE,
    terminal=frozenset({S.ARCHIVED}),
    resting=frozenset({S.ACTIVE}),
)
