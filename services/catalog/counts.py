"""How many things are published, by unit, catalogue, key domain, share type and class of basic information. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from services.catalog.catalogues import TITLES, Listed, Shelf
from services.catalog.reports import CountLine
from services.catalog.search import Summary
from services.shared.organisations import name_at, organisation
from services.shared.reference import CodeList, vocabulary


class Counted(NamedTuple):
    """One value of one thing."""

    kind: str
    by: str
    code: str | None


ALL = "total"
BY = (ALL, "unit", "catalogue", "key_domain", "share_type", "basic_class")
LISTS: Mapping[str, Callable[[], CodeList]] = {
    "key_domain": lambda: vocabulary().key_domains,
    "share_type": lambda: vocabulary().share_types,
    "basic_class": lambda: vocabulary().basic_classes,
}
CATALOGUES = {name.shelf.value: title for name, title in TITLES.items()}
NOT_SAID = ("未说明", "not stated")


def counts_of(entries: Iterable[Summary], listed: Iterable[tuple[Shelf, Listed]], day: date) -> Iterator[CountLine]:
    """Yield a line for each value that published things have: those of most things first within each kind.

    An entry counts where it says nothing, too; only basic information has a class. What stands in the exchange
    catalogue counts there alone: it is an entry that counts already.
    """
    found = Counter(value for entry in entries for value in _of_entry(entry))
    found.update(value for shelf, line in listed for value in _of_line(shelf, line))
    for counted in sorted(found, key=lambda one: (BY.index(one.by), one.kind, -found[one], one.code or "")):
        zh, en = _names(counted, day)
        yield CountLine(**counted._asdict(), zh=zh, en=en, count=found[counted])


def _of_entry(entry: Summary) -> Iterator[Counted]:
    said = {ALL: None, "unit": entry.provider, "catalogue": entry.catalogue, "key_domain": entry.key_domain}
    said |= {"share_type": entry.share_type} | ({"basic_class": entry.basic_class} if entry.basic_class else {})
    return (Counted("resource", by, code) for by, code in said.items())


def _of_line(shelf: Shelf, line: Listed) -> Iterator[Counted]:
    yield Counted(line.kind, "catalogue", shelf)
    if shelf is Shelf.EXCHANGE:
        return
    yield Counted(line.kind, ALL, None)
    said = {"unit": line.unit, "key_domain": line.key_domain, "basic_class": line.basic_class}
    yield from (Counted(line.kind, by, code) for by, code in said.items() if code)


def _names(counted: Counted, day: date) -> tuple[str, str]:
    if counted.by == ALL:
        return "合计", "total"
    if counted.code is None:
        return NOT_SAID
    if counted.by in LISTS:
        term = next((term for term in LISTS[counted.by]().terms if term.code == counted.code), None)
        return (term.zh, term.en) if term else (counted.code, counted.code)
    if counted.by == "catalogue":
        return CATALOGUES.get(counted.code, (counted.code, counted.code))
    body = organisation(counted.code)
    name = name_at(body, day) if body else None
    return (name.zh, name.en) if name else (counted.code, counted.code)
