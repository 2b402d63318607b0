"""What districts inherit: a district's local elements may add to the city's, and may not conflict with them.

政策五(一): 区、县按全市统一规划、技术标准、采集机制推动本地区共享 (S-126). The city's elements are data.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from services.catalog.clerical import plain
from services.catalog.metadata import Metadata
from services.catalog.parts import Extension
from services.shared.errors import Problem
from services.shared.model import Model
from services.shared.organisations import Tier, organisation
from services.shared.reference import Term, vocabulary

DATA = Path(__file__).parents[2] / "data" / "city_standards.json"
CLAUSE = "政策五(一)"


class Element(Model):
    """An element of the city's metadata: the field that holds it, its name, and what else it is called."""

    field: str
    zh: str
    en: str
    synonyms: tuple[str, ...]


class CityExtension(Model):
    """An extended element that the city defines for all: its values are those of the vocabulary's list `values`."""

    zh: str
    en: str
    synonyms: tuple[str, ...]
    values: str
    source: str


class CityStandards(Model):
    """What every district's entries are held to."""

    source: str
    elements: tuple[Element, ...]
    extensions: tuple[CityExtension, ...]


def conflicts(metadata: Metadata, provider: str) -> Iterator[Problem]:
    """Yield a problem for each local element of a district's entry that conflicts with the city's, with the clause."""
    body = organisation(provider)
    if body is None or body.tier is not Tier.DISTRICT:
        return
    for place, extension in enumerate(metadata.extensions):
        name = plain(extension.name)
        if element := _elements().get(name):
            detail = f"“{extension.name}”是全市统一的元数据，请填{element.zh}（{CLAUSE}） / this is the city's own element '{element.en}': say it there"  # noqa: E501 - one sentence in two languages
            yield Problem(pointer=f"/extensions/{place}/name", detail=detail)
        elif standard := _extensions().get(name):
            yield from _unlike(extension, standard, place)


@cache
def city_standards() -> CityStandards:
    """Return what the city defines for all."""
    return CityStandards.model_validate_json(DATA.read_bytes())


def _unlike(extension: Extension, standard: CityExtension, place: int) -> Iterator[Problem]:
    terms: tuple[Term, ...] = getattr(vocabulary(), standard.values).terms
    if plain(extension.value) not in {plain(word) for term in terms for word in (term.code, term.zh, term.en)}:
        known = "、".join(term.zh for term in terms)
        detail = f"与全市标准不一致，取值为{known}（{CLAUSE}） / conflicts with the city's list {standard.values}"
        yield Problem(pointer=f"/extensions/{place}/value", detail=detail)


@cache
def _elements() -> Mapping[str, Element]:
    return {
        plain(word): each
        for each in city_standards().elements
        for word in (each.field, each.zh, each.en, *each.synonyms)
    }


@cache
def _extensions() -> Mapping[str, CityExtension]:
    return {plain(word): each for each in city_standards().extensions for word in (each.zh, each.en, *each.synonyms)}
