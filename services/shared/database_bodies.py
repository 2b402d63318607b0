"""What each type of event of a database carries: codes, titles, numbers and hashes; never free text."""

from datetime import date

from pydantic import AwareDatetime

from services.shared.event_bodies import ReuseWanted
from services.shared.model import Model


class DatabaseMoved(Model):
    """A step in the life of a database, or of one of its lifecycle cases: then `kind` and `case_state` say of which.

    `description_hash` is the hash of what the database, or the case about it, says; `coordination` the state of the
    coordination that the step was taken in.
    """

    state: str
    unit: str
    description_hash: str
    kind: str | None = None
    case_state: str | None = None
    coordination: str | None = None


class DatabaseStands(DatabaseMoved):
    """A database as its catalogue now shows it; `dependants` are the ids of the entries that come from it.

    `dependants` names the first 500 of `dependant_count`.
    """

    title: str
    number: str | None
    basic_class: str | None
    edition: int
    dependants: tuple[str, ...] = ()
    dependant_count: int = 0


class DatabaseReported(DatabaseMoved):
    """An operation report (S-064): `availability` in thousandths of the period; incidents are in the payload."""

    period_from: date
    period_until: date
    status: str
    record_count: int
    updated_at: AwareDatetime
    availability: int


class DatabaseRedirected(DatabaseMoved):
    """A database is not built: the sharing request that is wanted instead (S-071)."""

    wanted: ReuseWanted


class DatabaseArchived(DatabaseStands):
    """What the archives took over: the package's reference, its SHA-256, and the receipt's number."""

    package: str
    package_sha256: str
    receipt_number: str


# Each type with its body and the services that listen.
TYPES: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    **{
        f"database.{step}": (DatabaseMoved, ())
        for step in (
            "planned",
            "revised",
            "case_opened",
            "case_revised",
            "case_filed",
            "case_review_started",
            "case_returned",
            "case_supplemented",
            "case_key_given",
            "approved_to_build",
            "case_declined",
            "case_contested",
            "case_decline_accepted",
            "case_withdrawn",
            "coordination_mediated",
            "coordination_agreed",
            "coordination_settled",
            "coordination_upheld",
            "coordination_escalated",
            "coordination_ruled_for",
            "coordination_ruled_against",
            "coordination_remanded",
            "abandoned",
        )
    },
    "database.redirected": (DatabaseRedirected, ("requests",)),
    "database.registered": (DatabaseStands, ("catalog",)),
    "database.changed": (DatabaseStands, ("catalog", "requests")),
    "database.deregistered": (DatabaseStands, ("catalog", "requests")),
    "database.went_live": (DatabaseStands, ()),
    "database.reported": (DatabaseReported, ()),
    "database.suspended": (DatabaseStands, ("requests",)),
    "database.resumed": (DatabaseStands, ("requests",)),
    "database.archived": (DatabaseArchived, ()),
}
