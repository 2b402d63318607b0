"""Who takes part: every organisation, found by its function, its names data with validity dates.

Reads the seed that ships with the product; knows no service, no table and no caller.
"""

import json
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from pydantic import TypeAdapter

from services.shared.model import Model

DATA = Path(__file__).parents[2] / "data"
OFFICE = "informatization_office"
STATISTICS_BUREAU = "statistics_bureau"
SECRECY_BUREAU = "secrecy_bureau"
SUPERVISION_BUREAU = "supervision_bureau"
ARCHIVES_BUREAU = "archives_bureau"
LEADING_GROUP = "leading_group"


class Tier(StrEnum):
    """Where an organisation stands; a district's own units stand in the district's tier."""

    MUNICIPAL = "municipal"
    DISTRICT = "district"


class Name(Model):
    """One name from `valid_from` up to, not including, `valid_until`; None where the day is not known."""

    zh: str
    en: str
    valid_from: date | None
    valid_until: date | None


class Organisation(Model):
    """A body with a code that outlives its names; `names` stand oldest first."""

    code: str
    tier: Tier
    parent: str | None = None
    functions: tuple[str, ...]
    names: tuple[Name, ...]
    aliases: tuple[str, ...]
    uscc: str | None
    active: bool = True


class Listed(Protocol):
    """The three fields of an older catalogue's row that say whose it is."""

    @property
    def provider(self) -> str:
        """Where the row stands on the open-data site: a body's spelling, or a shelf."""

    @property
    def provider_in_summary(self) -> str:
        """The spelling that the row's summary uses; empty when it uses none."""

    @property
    def archived(self) -> bool:
        """Whether the row stands on the shelf of past years."""


@cache
def organisations() -> Mapping[str, Organisation]:
    """Return every organisation by code, in the order of the seed."""
    seed = TypeAdapter(tuple[Organisation, ...]).validate_json((DATA / "organisations.json").read_bytes())
    return MappingProxyType({organisation.code: organisation for organisation in seed})


def organisation(code: str) -> Organisation | None:
    """Return the organisation with this code, or None when there is none."""
    return organisations().get(code)


def name_at(organisation: Organisation, day: date) -> Name:
    """Return the newest name whose known dates allow `day`; the newest of all when none does."""
    allowed = [name for name in organisation.names if _covers(name, day)]
    return (allowed or organisation.names)[-1]


def resolve(spelling: str) -> str | None:
    """Return the code of the one organisation that a spelling names, or None when it names none."""
    return _spellings().get(_plain(spelling))


def named_provider(row: Listed) -> str | None:
    """Return the organisation that a row names, or None; an archive shelf is none, so there the summary speaks."""
    return resolve(row.provider_in_summary if row.archived else row.provider)


def provider_of(row: Listed) -> str:
    """Return whose a row is: a row that names nobody is the office's until someone claims it."""
    return named_provider(row) or OFFICE


def _covers(name: Name, day: date) -> bool:
    started = name.valid_from is None or name.valid_from <= day
    return started and (name.valid_until is None or day < name.valid_until)


def _plain(spelling: str) -> str:
    return "".join(unicodedata.normalize("NFKC", spelling).split())


@cache
def _spellings() -> Mapping[str, str | None]:
    clipped = json.loads((DATA / "provider_aliases.json").read_bytes())
    known: dict[str, str | None] = {_plain(entry["spelling"]): entry["code"] for entry in clipped}
    for body in organisations().values():
        known |= {_plain(spelling): body.code for spelling in (*(name.zh for name in body.names), *body.aliases)}
    return known
