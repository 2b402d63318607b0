"""What a caller sees of a collection responsibility: the public register's face, and the case behind it. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from pydantic import AwareDatetime

from services.catalog.collection import Collection, Decline, Pending, State
from services.catalog.collection_claims import Book
from services.catalog.collection_sight import actions_for, due_at, follows, waiting_for
from services.catalog.collection_statement import StandardCited, Statement
from services.catalog.metadata import LegalBasis
from services.catalog.responsibility import FILED
from services.catalog.reviewing import Gap, Review
from services.catalog.search import provider_name
from services.shared.callers import Caller
from services.shared.model import Model
from services.shared.views import FilingView, Waiting, filing_view


class Rival(Model):
    """Another claim on the same item over shared ground, and where it stands."""

    id: str
    unit: str
    unit_name: str
    title: str
    areas: tuple[str, ...]
    state: State


class PendingView(Model):
    """What a published duty is to say next, and how its review stands; `waits` are whose key is missing."""

    state: State
    statement: Statement
    statement_hash: str
    reviews: tuple[Review, ...]
    gaps: tuple[Gap, ...]
    declined: Decline | None
    waits: tuple[Waiting, ...]


class CaseView(Model):
    """The case behind the public face, for its unit, the two reviewers, and the leading group once it decides.

    `rivals` are the claims that conflict now, `recorded_rivals` the cases that did when it was applied for.
    """

    statement: Statement
    statement_hash: str
    rivals: tuple[Rival, ...]
    recorded_rivals: tuple[str, ...]
    reviews: tuple[Review, ...]
    gaps: tuple[Gap, ...]
    declined: Decline | None
    pending: PendingView | None
    redirected_to: tuple[str, ...]
    reason: str | None
    applied_at: AwareDatetime | None
    heard_at: AwareDatetime | None
    escalated_at: AwareDatetime | None
    designated_at: AwareDatetime | None


class Link(Model):
    """Something that it is linked with: a database that holds the item, the duty that it went over to."""

    kind: str
    id: str
    title: str


class CollectionView(Model):
    """A responsibility; its three mandatory fields are `title`, `unit` and `data_form` (四(一), S-112).

    `lag_seconds` is how long a designation waited to be published; `case` is null for those who do not follow it.
    """

    id: str
    version: int
    state: State
    number: str | None
    basic_class: str | None
    title: str
    unit: str
    unit_name: str
    data_form: str | None
    areas: tuple[str, ...]
    standard: StandardCited | None
    update_cycle: str | None
    valid_from: date | None
    valid_until: date | None
    edition: int
    edition_at: AwareDatetime | None
    registered_at: AwareDatetime | None
    published_at: AwareDatetime | None
    lag_seconds: int | None
    successor: str | None
    basis: LegalBasis | None
    related: tuple[Link, ...]
    case: CaseView | None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    actions: tuple[str, ...]
    filing: FilingView | None
    changed_at: AwareDatetime


class Beside(NamedTuple):
    """What is shown with a case: its receipts, by event id to ledger index, its links, and its item's book."""

    receipts: Mapping[str, int]
    related: tuple[Link, ...]
    book: Book


def view_of(collection: Collection, beside: Beside, caller: Caller, at: datetime) -> CollectionView:
    """Return a responsibility as this caller sees it; whether they see anything is decided before."""
    statement, mine = collection.statement, follows(collection, caller)
    of_case = CollectionView.model_fields.keys() & Collection.model_fields.keys()
    of_statement = CollectionView.model_fields.keys() & Statement.model_fields.keys()
    return CollectionView(
        **{name: getattr(collection, name) for name in of_case},
        **{name: getattr(statement, name) for name in of_statement},
        title=collection.title,
        unit_name=provider_name(collection.unit, at),
        lag_seconds=collection.lag_seconds,
        related=beside.related,
        case=_case_view(collection, beside.book, at) if mine else None,
        awaiting=waiting_for(collection) if mine else (),
        due_at=due_at(collection) if mine else None,
        actions=actions_for(collection, caller) if mine else (),
        filing=_filing_of(collection, beside.receipts),
    )


def _case_view(collection: Collection, book: Book, at: datetime) -> CaseView:
    same = CaseView.model_fields.keys() & Collection.model_fields.keys() - {"rivals", "pending"}
    return CaseView(
        **{name: getattr(collection, name) for name in same},
        statement_hash=collection.statement.statement_hash,
        rivals=tuple(_rivals(collection, book, at)),
        recorded_rivals=collection.rivals,
        pending=_pending_view(collection, collection.pending) if collection.pending else None,
    )


def _rivals(collection: Collection, book: Book, at: datetime) -> Iterable[Rival]:
    for claim in book.rivals_of(collection):
        yield Rival(**claim.model_dump(), unit_name=provider_name(claim.unit, at))


def _pending_view(collection: Collection, pending: Pending) -> PendingView:
    reviewed = collection.under_review
    return PendingView(
        **{name: getattr(pending, name) for name in ("state", "statement", "reviews", "gaps", "declined")},
        statement_hash=pending.statement.statement_hash,
        waits=waiting_for(reviewed) if reviewed else (),
    )


def _filing_of(collection: Collection, receipts: Mapping[str, int]) -> FilingView | None:
    return filing_view(FILED, collection.filed_as, receipts) if collection.filed_as else None
