"""What does not agree in a report period: both reports, what the exchange saw, and what was agreed. Pure.

Completeness and timeliness of what was provided are measured here (S-083, S-084). A difference is no fault: it is to be
explained, and decides nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from services.requests.delivery_cycles import whole_cycles
from services.requests.period_parts import Difference, DifferenceKind, Facts, Provision, Usage
from services.requests.terms import Terms

K = DifferenceKind
NAMES = {
    "deliveries": ("交付次数", "deliveries"),
    "rows": ("数据行数", "rows"),
    "items": ("信息项", "items"),
    "first_on": ("首次交付日", "first day of delivery"),
    "last_on": ("末次交付日", "last day of delivery"),
}
COUNTED = ("deliveries", "rows")  # what both reports say
SEEN = {"provision": tuple(NAMES), "usage": COUNTED}  # of each report, what the exchange sees too
WHO = {"provision": ("提供单位", "the provider"), "usage": ("需求单位", "the requester")}
MOST_NAMED = 10  # items of a list that a sentence names
NOTHING = "—"
Value = int | date | tuple[str, ...] | None


class Compared(NamedTuple):
    """What is held against each other; `facts` None where no exchange told of this period's deliveries.

    `onward_allowed`: whether the provider allowed that it goes to a third party.
    """

    provision: Provision
    usage: Usage
    terms: Terms
    first: date
    last: date
    facts: Facts | None = None
    onward_allowed: bool = False


def differences(compared: Compared) -> Iterator[Difference]:
    """Yield everything that does not agree, each once; nothing when the period is in order."""
    for rule in RULES:
        yield from rule(compared)


def _received(of: Compared) -> Iterator[Difference]:
    for field in COUNTED:
        given, got = getattr(of.provision, field), getattr(of.usage, field)
        if given != got:
            zh, en = NAMES[field]
            yield Difference(
                kind=K.RECEIVED,
                pointer=f"/usage/{field}",
                against=f"/provision/{field}",
                zh=f"{zh}：提供单位报{given}，需求单位报{got}",
                en=f"{en}: the provider filed {given}, the requester {got}",
            )


def _seen(of: Compared) -> Iterator[Difference]:
    """Yield where a report differs from what the exchange saw, if it saw anything."""
    for report, fields in SEEN.items() if of.facts else ():
        for field in fields:
            filed, seen = getattr(getattr(of, report), field), getattr(of.facts, field)
            if _unordered(filed) != _unordered(seen):
                (zh, en), (who_zh, who_en) = NAMES[field], WHO[report]
                yield Difference(
                    kind=K.DELIVERY_FACTS,
                    pointer=f"/{report}/{field}",
                    against=f"/facts/{field}",
                    zh=f"{zh}：{who_zh}报{_said(filed)}，交换记录为{_said(seen)}",
                    en=f"{en}: {who_en} filed {_said(filed)}, the exchange saw {_said(seen)}",
                )


def _complete(of: Compared) -> Iterator[Difference]:
    if not of.provision.deliveries:
        return  # what was not delivered at all is late, not incomplete
    missing = [item for item in of.terms.content.items if item not in of.provision.items]
    if missing:
        yield Difference(
            kind=K.COMPLETENESS,
            pointer="/provision/items",
            against="/terms/content/items",
            zh=f"约定的信息项未提供{len(missing)}项：{_listed(missing)}",
            en=f"{len(missing)} agreed items were not provided: {_listed(missing)}",
        )
    elif of.provision.incomplete:
        yield Difference(
            kind=K.COMPLETENESS,
            pointer="/provision/incomplete",
            against="/terms/content/items",
            zh="提供单位报称提供不完整",
            en="the provider says that it was not complete",
        )


def _timely(of: Compared) -> Iterator[Difference]:
    valid, frequency = of.terms.validity, of.terms.method.frequency
    expected = whole_cycles(frequency, max(of.first, valid.valid_from), min(of.last, valid.valid_until))
    made = (of.facts or of.provision).deliveries
    if made < expected:
        yield Difference(
            kind=K.TIMELINESS,
            pointer="/provision/deliveries",
            against="/terms/method/frequency",
            zh=f"按约定频率（{frequency}）应至少交付{expected}次，实为{made}次",
            en=f"agreed is {frequency}, at least {expected} deliveries; there were {made}",
        )


def _purposes(of: Compared) -> Iterator[Difference]:
    for place, purpose in enumerate(of.usage.purposes):
        if purpose != of.terms.purpose.code:
            yield Difference(
                kind=K.PURPOSE,
                pointer=f"/usage/purposes/{place}",
                against="/terms/purpose/code",
                zh=f"用途“{purpose}”未经约定",
                en=f"the purpose '{purpose}' was not agreed",
            )


def _recipients(of: Compared) -> Iterator[Difference]:
    for place, recipient in enumerate(of.usage.recipients):
        if recipient not in of.terms.scope.recipients:
            yield Difference(
                kind=K.RECIPIENT,
                pointer=f"/usage/recipients/{place}",
                against="/terms/scope/recipients",
                zh=f"使用者“{recipient}”未经约定",
                en=f"the recipient '{recipient}' was not agreed",
            )


def _onward(of: Compared) -> Iterator[Difference]:
    if of.usage.shared_onward and not of.onward_allowed:
        yield Difference(
            kind=K.ONWARD_PROVISION,
            pointer="/usage/shared_onward",
            against=None,
            zh="已向第三方提供，未经提供单位允许",
            en="it went to a third party, and the provider had not allowed that",
        )


def _custody(of: Compared) -> Iterator[Difference]:
    if not of.usage.custody_confirmed:
        yield Difference(
            kind=K.CUSTODY,
            pointer="/usage/custody_confirmed",
            against=None,
            zh="需求单位未确认妥善保管",
            en="the requester does not confirm that it is kept safely",
        )


def _unordered(value: Value) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def _said(value: Value) -> str:
    if isinstance(value, tuple):
        return _listed(value) or NOTHING
    return NOTHING if value is None else str(value)


def _listed(names: Sequence[str]) -> str:
    more = "…" if len(names) > MOST_NAMED else ""
    return "、".join(names[:MOST_NAMED]) + more


RULES: tuple[Callable[[Compared], Iterator[Difference]], ...] = (
    _received,
    _seen,
    _complete,
    _timely,
    _purposes,
    _recipients,
    _onward,
    _custody,
)
