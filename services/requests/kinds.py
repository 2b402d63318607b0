"""Every kind of record that a case can hold: its model, its machine, and where it is found.

A record's name begins with its kind; where a case holds several of a kind a number or a period follows
(`objection-2`). Pure.
"""

from typing import Any, NamedTuple

from services.requests.agreement import Agreement
from services.requests.agreement_life import AGREEMENT
from services.requests.case_record import CaseRecord
from services.requests.demand import Demand
from services.requests.demand_life import MACHINE as DEMAND
from services.requests.feedback import Feedback
from services.requests.feedback_life import FEEDBACK
from services.requests.negotiation import NEGOTIATION
from services.requests.objection import Objection
from services.requests.objection_life import OBJECTION
from services.requests.onward import OnwardPermission
from services.requests.onward_life import ONWARD_PERMISSION
from services.requests.period import Period
from services.requests.period_life import PERIOD
from services.requests.request import Request
from services.shared.lifecycle import Machine


class Kind(NamedTuple):
    """One kind of record; `collection` is where it is found, inside the case's own where that names the case."""

    model: type[CaseRecord]
    machine: Machine[Any]
    collection: str


KINDS: dict[str, Kind] = {
    "request": Kind(Request, NEGOTIATION, "/requests"),
    "agreement": Kind(Agreement, AGREEMENT, "/agreements"),
    "period": Kind(Period, PERIOD, "/agreements/{case}/periods"),
    "feedback": Kind(Feedback, FEEDBACK, "/agreements/{case}/feedback"),
    "objection": Kind(Objection, OBJECTION, "/objections"),
    "onward_permission": Kind(OnwardPermission, ONWARD_PERMISSION, "/onward-permissions"),
    # A demand is a case of its own, without a request.
    "demand": Kind(Demand, DEMAND, "/demands"),
}


def kind_of(name: str) -> str:
    """Return the kind of the record with this name."""
    return name.partition("-")[0]


def address_of(name: str, case: str) -> str:
    """Return where a record is found: of what a case holds several of, the number stands behind the case's id."""
    kind, _, number = name.partition("-")
    where = KINDS[kind].collection
    if "{case}" in where:
        return f"{where.format(case=case)}/{number}"
    return f"{where}/{case}.{number}" if number else f"{where}/{case}"
