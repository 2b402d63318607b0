"""An agreement as a machine reads it: an ODRL 2.2 policy of the same terms as the text (`odrl_reading.py` reads it).

Content and scope narrow the target (areas, period and rows are of the data), recipients, purpose, method and validity
narrow the use. Sharing is free: there is no duty to pay, and no word for one (S-082). Pure.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from services.requests.agreed import Agreed
from services.requests.odrl_model import (
    CONTEXT,
    Constraint,
    Day,
    Duty,
    Listed,
    Name,
    Operand,
    Operator,
    Permission,
    Policy,
    Prohibition,
    Right,
    Target,
    Words,
)
from services.requests.terms import Terms
from services.shared.organisations import OFFICE

RESOURCES = "urn:govshare:catalog:resources:"
ORGANISATIONS = "urn:govshare:identity:organisations:"
VOCABULARY = "urn:govshare:catalog:vocabulary"
AREAS, PURPOSES, DUTIES = f"{VOCABULARY}:areas:", f"{VOCABULARY}:purposes:", f"{VOCABULARY}:duties:"
CHANNELS, FREQUENCIES = f"{VOCABULARY}:share_methods:", f"{VOCABULARY}:update_cycles:"
FORMATS = f"{VOCABULARY}:formats:"


class _Names(NamedTuple):
    """Who and what an agreement is about, by IRI."""

    giver: str
    taker: str
    target: str


def odrl_of(agreed: Agreed) -> Policy:
    """Return an agreement as a policy; its uid is the case's."""
    giver, taker = ORGANISATIONS + agreed.provider.code, ORGANISATIONS + agreed.requester.code
    names = _Names(giver, taker, RESOURCES + agreed.resource)
    return Policy(
        context=dict(CONTEXT),
        uid=f"urn:uuid:{agreed.case}",
        agreement_version=agreed.version,
        terms_hash=agreed.terms_hash,
        legal_duty=DUTIES + agreed.duty.code,
        responsible=ORGANISATIONS + agreed.responsible.code,
        risk_bearer=ORGANISATIONS + agreed.risk_bearer.code,
        confidential=agreed.confidential,
        confidentiality_hash=agreed.confidentiality_hash,
        activated_on=agreed.activated_on,
        permission=(_permission(agreed, names),),
        prohibition=tuple(_prohibitions(names)),
        obligation=tuple(_duties(names, agreed.terms)),
    )


def refinements(terms: Terms) -> Iterator[Constraint]:
    """Yield what narrows the target: which items, and of them which areas, period and rows."""
    scope = terms.scope
    yield _holds(Operand.ITEM, Operator.ANY_OF, _words(terms.content.items))
    yield _holds(Operand.SPATIAL, Operator.ANY_OF, Listed(values=tuple(Name(id=AREAS + area) for area in scope.areas)))
    if scope.period_from:
        yield _on(Operator.FROM, scope.period_from)
    if scope.period_until:
        yield _on(Operator.UNTIL, scope.period_until)
    if scope.rows:
        yield _holds(Operand.ROWS, Operator.EQUAL, Words(value=scope.rows))


def constraints(terms: Terms) -> Iterator[Constraint]:
    """Yield what narrows the use: who, what for, how and when (S-097)."""
    purpose, method, validity = terms.purpose, terms.method, terms.validity
    yield _holds(Operand.RECIPIENT, Operator.ANY_OF, _words(terms.scope.recipients))
    yield _holds(Operand.PURPOSE, Operator.EQUAL, Name(id=PURPOSES + purpose.code))
    yield _holds(Operand.PURPOSE_TEXT, Operator.EQUAL, Words(value=purpose.text))
    yield _holds(Operand.CHANNEL, Operator.EQUAL, Name(id=CHANNELS + method.channel))
    yield _holds(Operand.FREQUENCY, Operator.EQUAL, Name(id=FREQUENCIES + method.frequency))
    yield _holds(Operand.FORMAT, Operator.EQUAL, Name(id=FORMATS + method.format))
    yield _on(Operator.FROM, validity.valid_from)
    yield _on(Operator.UNTIL, validity.valid_until)


def _permission(agreed: Agreed, names: _Names) -> Permission:
    target = Target(source=names.target, title=agreed.title, refinement=tuple(refinements(agreed.terms)))
    return Permission(
        assigner=names.giver, assignee=names.taker, target=target, constraint=tuple(constraints(agreed.terms))
    )


def _prohibitions(names: _Names) -> Iterator[Prohibition]:
    """Yield that nothing goes to anybody else (S-098); a permission to do so is an agreement of its own."""
    giver, taker, target = names
    yield Prohibition(assigner=giver, assignee=taker, action="odrl:distribute", target=target)
    yield Prohibition(assigner=giver, assignee=taker, action="odrl:transfer", target=target)


def _duties(names: _Names, terms: Terms) -> Iterator[Duty]:
    """Yield what the provider must do, then the recipient's duties (S-046, S-089 to S-091, S-094)."""
    office, ended = ORGANISATIONS + OFFICE, _on(Operator.AFTER, terms.validity.valid_until)
    yield _duty(names, names.giver, action="gs:provide")
    yield _duty(names, names.giver, action="odrl:inform", informed_party=office, about="gs:provisionFiling")
    yield _duty(names, names.taker, action="gs:keepInCustody")
    yield _duty(names, names.taker, action="odrl:inform", informed_party=office, about="gs:usageFiling")
    yield _duty(names, names.taker, action="odrl:inform", informed_party=names.giver, about="gs:effectFeedback")
    yield _duty(names, names.taker, action="odrl:delete", about="gs:disposalCertificate", constraint=(ended,))


def _duty(names: _Names, assignee: str, **said: object) -> Duty:
    assigner = names.taker if assignee == names.giver else names.giver
    return Duty.model_validate({"assigner": assigner, "assignee": assignee, "target": names.target} | said)


def _holds(left: Operand, operator: Operator, right: Right) -> Constraint:
    return Constraint(left_operand=left, operator=operator, right_operand=right)


def _on(operator: Operator, day: date) -> Constraint:
    return _holds(Operand.DATE_TIME, operator, Day(value=day, type="xsd:date"))


def _words(texts: Iterable[str]) -> Listed:
    return Listed(values=tuple(Words(value=text) for text in texts))
