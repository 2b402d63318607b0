"""The exchange catalogue, derived: which entries are shared now, through which channels, how often (四(一)¶2).

An entry stands there while an agreement on it is in force; that an agreement has ended by its own day is computed
where it is read. Pure.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from services.catalog.catalogues import Listed
from services.shared.event_bodies import AgreementActivated
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
    """One agreement on an entry, by the id of its case: who receives, and the code of what for."""

    id: str
    requester: str
    provider: str
    purpose: str

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
        return tuple(agreement for agreement in self.agreements if agreement.in_force(day))


class Line(Listed):
    """An entry's line as it is kept: with the terms from which a reader's day decides what is shown."""

    terms: tuple[Term, ...]


def activated(exchange: Exchange, event: Event) -> Exchange:
    """Return the exchange with the agreement that an event brings into force; one known before stays as it is."""
    body = AgreementActivated.model_validate(dict(event.body))
    known = {agreement.id: agreement for agreement in exchange.agreements if agreement.valid_until >= event.at.date()}
    named = {"requester", "provider", "purpose", "channel", "frequency", "valid_from", "valid_until"}
    agreement = Agreement(id=event.case, **body.model_dump(include=named))
    return exchange.model_copy(update={"agreements": tuple({agreement.id: agreement, **known}.values())})


# What each event of an agreement does to the exchange catalogue; the end of one is one more line.
HEARD: dict[str, Callable[[Exchange, Event], Exchange]] = {"agreement.activated": activated}


def line_of(exchange: Exchange, entry: Listed) -> Line:
    """Return the line that is kept for an entry."""
    terms = tuple(Term(**agreement.model_dump(include=set(Term.model_fields))) for agreement in exchange.agreements)
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
