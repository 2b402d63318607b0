"""The sharing rules of the four basic databases, held against the terms of each request (S-023). Pure.

The rules are data (data/sharing_rules.json), each with its source and how sure it is; a city corrects its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from services.requests.entry import Sensitivity
from services.requests.terms import Terms, free_texts
from services.shared.clocks import Confidence
from services.shared.errors import Problem
from services.shared.model import Model
from services.shared.obstructions import first_of
from services.shared.reference import CodeList, vocabulary

DATA = Path(__file__).parents[2] / "data" / "sharing_rules.json"


class Limits(Model):
    """What a rule holds terms to that name an item of `sensitivities`; without them, any item. Empty: not limited."""

    sensitivities: tuple[Sensitivity, ...] = ()
    channels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    longest_days: int | None = None
    most_recipients: int | None = None
    rows_stated: bool = False
    no_conditions: bool = False


class SharingRule(Model):
    """A rule about one class of basic information; `confidence` is of what the source says, `local` the city's own.

    `instrument` and `clause` are None where the register of legal instruments has none to cite.
    """

    basic_class: str
    code: str
    zh: str
    en: str
    instrument: str | None
    clause: str | None
    source: str
    confidence: Confidence
    limits: Limits


class SharingRules(Model):
    """Every rule; `condition_words` are how a text says that something is shared only on a condition."""

    source: str
    condition_words: tuple[str, ...]
    rules: tuple[SharingRule, ...]


@cache
def sharing_rules() -> SharingRules:
    """Return every sharing rule."""
    return SharingRules.model_validate_json(DATA.read_bytes())


def rule_faults(
    terms: Terms, basic_class: str | None, sensitivities: Mapping[str, Sensitivity | None]
) -> Iterator[Problem]:
    """Yield everything that the rules of a basic class forbid in terms, each fault citing its rule.

    `sensitivities` are of the entry's items by name. An item that nobody has classified is held to what goes for all
    items: the terms are to be checked again once it is classified.
    """
    for rule in sharing_rules().rules:
        if rule.basic_class == basic_class and _bears_on(rule.limits, terms, sensitivities):
            for check in CHECKS:
                yield from (_cited(fault, rule) for fault in check(terms, rule.limits))


def _bears_on(limits: Limits, terms: Terms, sensitivities: Mapping[str, Sensitivity | None]) -> bool:
    named = (sensitivities.get(item) for item in terms.content.items)
    return not limits.sensitivities or any(each in limits.sensitivities for each in named)


def _cited(fault: Problem, rule: SharingRule) -> Problem:
    chinese, english = fault.detail.split(" / ", 1)
    detail = f"{chinese}（{rule.zh}；{rule.source.split(' / ')[0]}） / {english} ({rule.en})"
    return Problem(pointer=fault.pointer, detail=detail)


def _channel(terms: Terms, limits: Limits) -> Iterator[Problem]:
    yield from _not_among(terms.method.channel, limits.channels, vocabulary().share_methods, "/terms/method/channel")


def _purpose(terms: Terms, limits: Limits) -> Iterator[Problem]:
    yield from _not_among(terms.purpose.code, limits.purposes, vocabulary().purposes, "/terms/purpose/code")


def _validity(terms: Terms, limits: Limits) -> Iterator[Problem]:
    days = (terms.validity.valid_until - terms.validity.valid_from).days + 1
    most = limits.longest_days
    if most is not None and days > most:
        detail = f"共{days}日，最长{most}日 / {days} days; {most} is the most"
        yield Problem(pointer="/terms/validity/valid_until", detail=detail)


def _recipients(terms: Terms, limits: Limits) -> Iterator[Problem]:
    count, most = len(terms.scope.recipients), limits.most_recipients
    if most is not None and count > most:
        detail = f"共{count}个，最多{most}个 / {count} recipients; {most} is the most"
        yield Problem(pointer="/terms/scope/recipients", detail=detail)


def _rows(terms: Terms, limits: Limits) -> Iterator[Problem]:
    if limits.rows_stated and terms.scope.rows is None:
        yield Problem(pointer="/terms/scope/rows", detail="须写明数据行 / say which rows")


def _conditions(terms: Terms, limits: Limits) -> Iterator[Problem]:
    for pointer, text in free_texts(terms) if limits.no_conditions else ():
        if found := first_of(sharing_rules().condition_words, text):
            yield Problem(pointer=pointer, detail=f"“{found}”是另加的条件 / '{found}' adds a condition")


def _not_among(code: str, allowed: Iterable[str], codes: CodeList, pointer: str) -> Iterator[Problem]:
    if allowed and code not in allowed:
        listed = [term for term in codes.terms if term.code in allowed]
        chinese = "、".join(term.zh for term in listed)
        detail = f"只能是{chinese} / one of {', '.join(term.code for term in listed)}"
        yield Problem(pointer=pointer, detail=detail)


CHECKS: tuple[Callable[[Terms, Limits], Iterator[Problem]], ...] = (
    _channel,
    _purpose,
    _validity,
    _recipients,
    _rows,
    _conditions,
)
