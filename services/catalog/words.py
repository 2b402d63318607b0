"""The words everybody may use with the catalogue: code lists, texts to cite, duties, clocks and the calendar. Pure."""

from collections.abc import Iterator
from datetime import date, datetime

from services.catalog import codes
from services.catalog.conditions import Obstructions, obstructions
from services.catalog.districts import CityStandards, city_standards
from services.catalog.scope import CITY, districts
from services.catalog.staleness import FreshnessTerms, freshness_terms
from services.shared.clock_words import CalendarView, Clocks, calendar_view, clocks
from services.shared.model import Model
from services.shared.organisations import name_at, organisations
from services.shared.reference import (
    CollectionStandard,
    Duty,
    LegalInstrument,
    Term,
    Vocabulary,
    collection_standards,
    duties,
    legal_instruments,
    vocabulary,
)
from services.shared.working_days import day_in_beijing


class Codes(Model):
    """How resource codes are made; `in_force` is the profile that this deployment gives out codes by."""

    in_force: str
    profiles: tuple[codes.CodeProfile, ...]


class Words(Vocabulary):
    """Every code list, with what can be cited and named, what the city holds its districts to, how time is counted.

    `areas` are the codes of a scope: the whole city and its districts (GB/T 2260), by the names of today.
    """

    legal_instruments: tuple[LegalInstrument, ...]
    duties: tuple[Duty, ...]
    collection_standards: tuple[CollectionStandard, ...]
    city_standards: CityStandards
    obstructions: Obstructions
    areas: tuple[Term, ...]
    staleness: FreshnessTerms
    resource_codes: Codes
    clocks: Clocks
    working_days: CalendarView


def words(at: datetime) -> Words:
    """Return all of it, as it is at a moment."""
    lists = {name: getattr(vocabulary(), name) for name in Vocabulary.model_fields}
    return Words(
        **lists,
        legal_instruments=tuple(legal_instruments().values()),
        duties=tuple(duties().values()),
        collection_standards=collection_standards(),
        city_standards=city_standards(),
        obstructions=obstructions(),
        areas=tuple(_areas(day_in_beijing(at))),
        staleness=freshness_terms(),
        resource_codes=Codes(in_force=codes.profile_in_force().profile, profiles=tuple(codes.code_profiles().values())),
        clocks=clocks(),
        working_days=calendar_view(),
    )


def _areas(day: date) -> Iterator[Term]:
    yield Term(code=CITY, zh="全市", en="the whole city")
    for code in sorted(districts()):
        name = name_at(organisations()[code], day)
        yield Term(code=code, zh=name.zh, en=name.en)
