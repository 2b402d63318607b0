"""The reference data that ships with the product: legal instruments, duties and code lists, each with its source.

Knows no service; what a rule makes of a clause or a code is decided in the rule.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import TypeAdapter

from services.shared.model import Model

DATA = Path(__file__).parents[2] / "data"


class Level(StrEnum):
    """How high an instrument stands among legal sources."""

    LAW = "law"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    STATE_COUNCIL_DOCUMENT = "state_council_document"
    LOCAL_REGULATION = "local_regulation"
    POLICY = "policy"


EXCLUDING_LEVELS = frozenset({Level.LAW, Level.ADMINISTRATIVE_REGULATION, Level.STATE_COUNCIL_DOCUMENT})


class Clause(Model):
    """One clause by its number (`38`) or, in the 2005 policy, its heading (`三(四)`), summed up in a sentence."""

    clause: str
    zh: str
    excludes_sharing: bool


class LegalInstrument(Model):
    """A text that a rule, a refusal or a request can cite; dates and number are None where not known (S-001)."""

    id: str
    zh: str
    en: str
    level: Level
    number: str | None
    issued: date | None
    in_force: date | None
    source: str
    clauses: tuple[Clause, ...]


class Duty(Model):
    """What a body must do by law, the reason for which it may ask for another's information (S-045)."""

    code: str
    organisation: str
    zh: str
    en: str
    legal_instrument: str
    clause: str
    source: str


class Term(Model):
    """One entry of a code list."""

    code: str
    zh: str
    en: str


class Format(Term):
    """A class of formats, the formats in it, and the share methods that agree with it (none: any)."""

    values: tuple[str, ...]
    methods: tuple[str, ...]


class CodeList(Model):
    """A closed list of codes and where it comes from."""

    source: str
    terms: tuple[Term, ...]

    def has(self, code: str) -> bool:
        """Return whether `code` is on the list; codes are compared letter by letter."""
        return any(term.code == code for term in self.terms)


class FormatList(Model):
    """The classes of formats of the 2017 guide."""

    source: str
    terms: tuple[Format, ...]


class Division(Term):
    """A division (项) of the classification by its class and number, `307`.

    `basic_class` is the policy's class of basic information that belongs to it; `source` stands on a local extension.
    """

    basic_class: str | None = None
    source: str | None = None


class DivisionList(Model):
    """The classification of the 2017 guide, and the city's own divisions."""

    source: str
    terms: tuple[Division, ...]


class CollectionStandard(Model):
    """One version of a standard that basic information of a class is collected by; `superseded` is its first day out.

    Days are None where they are not known (S-047).
    """

    id: str
    version: str
    basic_class: str
    zh: str
    en: str
    in_force: date | None
    superseded: date | None
    source: str


class CollectionStandards(Model):
    """Every collection standard, and who sets them."""

    source: str
    standards: tuple[CollectionStandard, ...]


class Vocabulary(Model):
    """Every code list of the catalogue and of a request."""

    purposes: CodeList
    work_areas: CodeList
    key_domains: CodeList
    share_types: CodeList
    update_cycles: CodeList
    share_methods: CodeList
    sensitivities: CodeList
    item_types: CodeList
    catalogues: CodeList
    basic_classes: CodeList
    data_forms: CodeList
    budget_sources: CodeList
    formats: FormatList
    classes: CodeList
    classification: DivisionList
    tags: CodeList
    stub_secrets: CodeList
    escalation_grounds: CodeList


@cache
def legal_instruments() -> Mapping[str, LegalInstrument]:
    """Return every legal instrument by id."""
    adapter = TypeAdapter(tuple[LegalInstrument, ...])
    known = adapter.validate_json((DATA / "legal_instruments.json").read_bytes())
    return MappingProxyType({instrument.id: instrument for instrument in known})


@cache
def duties() -> Mapping[str, Duty]:
    """Return every duty by code."""
    known = TypeAdapter(tuple[Duty, ...]).validate_json((DATA / "duties.json").read_bytes())
    return MappingProxyType({duty.code: duty for duty in known})


def duties_of(organisation: str) -> tuple[Duty, ...]:
    """Return the duties of the organisation with this code; empty when it has none or is not known."""
    return tuple(duty for duty in duties().values() if duty.organisation == organisation)


def find_clause(instrument: str, clause: str) -> Clause | None:
    """Return a clause by instrument id and clause number, or None when either is not known."""
    known = legal_instruments().get(instrument)
    return next((item for item in known.clauses if item.clause == clause), None) if known else None


def excludes_sharing(instrument: str, clause: str) -> bool:
    """Return whether a clause alone can be the basis for not sharing.

    Only a law, an administrative regulation or a State Council decision can (Decree 809 Art. 15).
    """
    cited = find_clause(instrument, clause)
    return cited is not None and cited.excludes_sharing and legal_instruments()[instrument].level in EXCLUDING_LEVELS


@cache
def vocabulary() -> Vocabulary:
    """Return every code list."""
    return Vocabulary.model_validate_json((DATA / "vocabulary.json").read_bytes())


@cache
def collection_standards() -> tuple[CollectionStandard, ...]:
    """Return every version of every collection standard."""
    return CollectionStandards.model_validate_json((DATA / "collection_standards.json").read_bytes()).standards
