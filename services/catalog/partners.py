"""What could be the same as something: the candidates of a duplicate check, by name and by data items. Pure.

How alike they are is decided in `similarity.py`.
"""

from collections.abc import Iterable, Sequence

from services.catalog.asking import MOST_WANTED, asked, terms_of
from services.catalog.findable import Findable
from services.catalog.finding import find_by
from services.catalog.likeness import Thing
from services.catalog.names import core_of
from services.catalog.retrieval import Engine, Facet, Plan, Wanted, Wording
from services.catalog.similarity import MOST
from services.catalog.wording import plain


def alike(engine: Engine, subject: Thing, kinds: Sequence[str], *, most: int = MOST) -> list[Findable]:
    """Return what could be the same as a subject: the best by name and the best by data items, of these kinds."""
    within = ((Facet.KIND, tuple(kinds)),)
    plans = (named_like(subject.title), itemised_like(subject.items))
    found = (find_by(engine, plan, within, most) for plan in plans if plan.wanted)
    return list({row.id: row for rows in found for row in rows}.values())


def named_like(title: str) -> Plan:
    """Return what finds things of a like name, wherever and whenever they are of."""
    return asked(core_of(title).said)._replace(loose=True)


def itemised_like(items: Iterable[str]) -> Plan:
    """Return what finds things with like data items."""
    each = dict.fromkeys(terms_of(plain(name)) for name in items)
    wanted = (Wanted((Wording(terms, len(terms), len(terms), 0.0, 1.0),)) for terms in each if terms)
    return Plan(tuple(wanted)[:MOST_WANTED])


def thing_of(row: Findable) -> Thing:
    """Return a row of the index as it is compared."""
    provider = "" if row.nobodys else row.unit
    return Thing(row.title, row.items, provider, row.basic_class, row.districts)
