"""The exchange catalogue, derived: which entries are shared now, through which channels, how often (四(一)¶2).

An entry stands there while an agreement on it is in force; that an agreement has ended by its own day is computed
where it is read. Pure.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from services.catalog.catalogues import Listed
from services.shared.events import Event
from services.shared.model import Model


class Term(Model):
    """How and until when one agreement lets an entry be shared; both days are within it."""

    channel: str
    frequency: str
    valid_from: date
    valid_until: date

    def in_force(self, day: date) -> bool:
        """Return whether it is within its validity on a day."""
        return self.valid_from <= day <= self.valid_until


class Agreement(Term):
    """One agreement on an entry, by the id of its case: who receives, and the code of what for.

    While it is `paused`, suspended or under suspicion, it stands and nothing flows. One that `ended` is kept until its
    last day, so that an event that comes late does not bring it back.
    """

    id: str
    requester: str
    provider: str
    purpose: str
    edition: int = 1
    paused: bool = False
    ended: bool = False

    @property
    def title(self) -> str:
        """What the agreement is called among its parties: codes, no text that a person wrote."""
        return f"{self.requester}→{self.purpose}"


class Exchange(Model):
    """Every agreement on one entry that has not ended, by their own events; `version` counts the writes."""

    entry: str
    version: int = 0
    agreements: tuple[Agreement, ...] = ()

    def in_force(self, day: date) -> tuple[Agreement, ...]:
        """Return the agreements in force on a day."""
        return tuple(one for one in self.agreements if one.in_force(day) and not one.ended)


class Line(Listed):
    """An entry's line as it is kept: with the terms from which a reader's day decides what is shown."""

    terms: tuple[Term, ...]


def activated(exchange: Exchange, event: Event) -> Exchange:
    """Return the exchange with the terms that an event brings into force, an agreement's first or another edition.

    One that is known in the same or a later edition stays as it is; what ended by its own day is not carried along.
    """
    known = {agreement.id: agreement for agreement in exchange.agreements if agreement.valid_until >= event.at.date()}
    said = {name: event.body[name] for name in TERMS} | {"edition": event.body.get("edition", 1)}
    before = known.get(event.case)
    marks = before.model_dump(include=MARKS) if before else {}
    agreement = Agreement.model_validate({"id": event.case, **said, **marks})
    if before is None or agreement.edition > before.edition:
        known[event.case] = agreement
    return exchange.model_copy(update={"agreements": tuple(known.values())})


def paused(exchange: Exchange, event: Event) -> Exchange:
    """Return the exchange with an agreement under which nothing flows for now."""
    return _with(exchange, event.case, paused=True)


def resumed(exchange: Exchange, event: Event) -> Exchange:
    """Return the exchange with an agreement under which it flows again."""
    return _with(exchange, event.case, paused=False)


def ended(exchange: Exchange, event: Event) -> Exchange:
    """Return the exchange with an agreement that is over."""
    return _with(exchange, event.case, ended=True)


def _with(exchange: Exchange, case: str, **said: object) -> Exchange:
    changed = (one.model_copy(update=said) if one.id == case else one for one in exchange.agreements)
    return exchange.model_copy(update={"agreements": tuple(changed)})


TERMS = ("requester", "provider", "purpose", "channel", "frequency", "valid_from", "valid_until")
MARKS = {"paused", "ended"}
# What each event of an agreement does to the exchange catalogue.
HEARD: dict[str, Callable[[Exchange, Event], Exchange]] = {
    "agreement.activated": activated,
    "agreement.amended": activated,
    "agreement.suspended": paused,
    "agreement.breach_suspected": paused,
    "agreement.resumed": resumed,
    "agreement.breach_cleared": resumed,
    "agreement.ended": ended,
}


def line_of(exchange: Exchange, entry: Listed) -> Line:
    """Return the line that is kept for an entry."""
    flowing = (agreement for agreement in exchange.agreements if not (agreement.paused or agreement.ended))
    terms = tuple(Term(**agreement.model_dump(include=set(Term.model_fields))) for agreement in flowing)
    return Line(**entry.model_dump(include=set(Listed.model_fields)), terms=terms)


def shown(lines: Iterable[Line], day: date) -> Iterator[Listed]:
    """Yield what the exchange catalogue shows on a day: the entries with a live channel."""
    for line in lines:
        terms = [term for term in line.terms if term.in_force(day)]
        if terms:
            yield _listed(line, terms)


def _listed(line: Line, terms: list[Term]) -> Listed:
    ways = {
        "channels": sorted({term.channel for term in terms}),
        "frequencies": sorted({term.frequency for term in terms}),
    }
    return Listed(**line.model_dump(exclude={"terms", *ways, "agreements"}), **ways, agreements=len(terms))
