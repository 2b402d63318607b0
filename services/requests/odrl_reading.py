"""From a policy back to the terms of the agreement that it states, so that anyone can check the hash it names. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date

from services.requests.odrl import constraints, refinements
from services.requests.odrl_model import Constraint, Listed, Name, Operand, Operator, Policy, Right
from services.requests.terms import Terms, terms_hash

Value = str | date | tuple[str, ...]
Said = Mapping[tuple[Operand, Operator], Value]


def terms_from(policy: Policy) -> Terms:
    """Return the terms that a policy states.

    Raises ValueError when it says less or more than terms do, or names the hash of other terms.
    """
    permission = policy.permission[0]
    target, use = permission.target.refinement, permission.constraint
    terms = _terms(_said(target), _said(use))
    if (target, use) != (tuple(refinements(terms)), tuple(constraints(terms))):
        raise ValueError("the policy says something that is no term")
    if terms_hash(terms) != policy.terms_hash:
        raise ValueError("the policy names the hash of other terms")
    return terms


def _terms(target: Said, use: Said) -> Terms:
    content = {"items": target.get((Operand.ITEM, Operator.ANY_OF))}
    scope = {
        "areas": target.get((Operand.SPATIAL, Operator.ANY_OF)),
        "period_from": target.get((Operand.DATE_TIME, Operator.FROM)),
        "period_until": target.get((Operand.DATE_TIME, Operator.UNTIL)),
        "rows": target.get((Operand.ROWS, Operator.EQUAL)),
        "recipients": use.get((Operand.RECIPIENT, Operator.ANY_OF)),
    }
    purpose = {
        "code": use.get((Operand.PURPOSE, Operator.EQUAL)),
        "text": use.get((Operand.PURPOSE_TEXT, Operator.EQUAL)),
    }
    method = {
        "channel": use.get((Operand.CHANNEL, Operator.EQUAL)),
        "frequency": use.get((Operand.FREQUENCY, Operator.EQUAL)),
        "format": use.get((Operand.FORMAT, Operator.EQUAL)),
    }
    validity = {
        "valid_from": use.get((Operand.DATE_TIME, Operator.FROM)),
        "valid_until": use.get((Operand.DATE_TIME, Operator.UNTIL)),
    }
    said = {"content": content, "scope": scope, "purpose": purpose, "method": method, "validity": validity}
    return Terms.model_validate(said)


def _said(constraints: Iterable[Constraint]) -> Said:
    return {(each.left_operand, each.operator): _value(each.right_operand) for each in constraints}


def _value(right: Right) -> Value:
    if isinstance(right, Listed):
        return tuple(_code(each) if isinstance(each, Name) else each.value for each in right.values)
    return _code(right) if isinstance(right, Name) else right.value


def _code(name: Name) -> str:
    """Return the code that a name ends in; no code holds a colon."""
    return name.id.rpartition(":")[2]
