"""A wish to reuse what is there instead of collecting or building again, as the draft of a sharing request (S-071).

The draft is its officer's to revise; nothing leaves the house before the internal body submits it. Pure.
"""

from datetime import timedelta

from pydantic import ValidationError

from services.requests.acts import Draft
from services.requests.entry import Entry
from services.requests.steps import first_step
from services.requests.telling import Step
from services.requests.terms import Content, Method, Purpose, Scope, Terms, Validity
from services.shared.callers import Caller, Claim
from services.shared.errors import Invalid
from services.shared.event_bodies import ReuseWanted
from services.shared.events import Event
from services.shared.inputs import problems_of
from services.shared.working_days import day_in_beijing

MOST_ITEMS = 200
# Where nothing is known of how the entry can be had; the negotiation settles it.
METHOD = Method(channel="api", frequency="irregular", format="json")
VALID_FOR = timedelta(days=364)  # with the first day, a year
BECAUSE = {"check.hit_reused": "查重证明 / search certificate", "database.redirected": "数据库 / database"}


def wanted_in(event: Event) -> ReuseWanted:
    """Return the wish that an event carries."""
    return ReuseWanted.model_validate(event.body["wanted"])


def wished_step(event: Event, entry: Entry) -> Step:
    """Return the draft that an event wishes for, of its officer, at its time. Raises Invalid where no draft can be."""
    wanted = wanted_in(event)
    if not entry.published:
        raise Invalid("this entry is no longer in the catalogue")
    officer = Caller(organisation=wanted.unit, officer=event.actor, claims=frozenset({Claim.OFFICER}))
    try:
        draft = Draft(resource=entry.id, duty=wanted.duty, terms=_terms(event, wanted, entry))
    except ValidationError as error:
        raise Invalid("the wish is no draft of a request", problems_of(error.errors())) from error
    return first_step(draft, entry, caller=officer, at=event.at, request_id=wanted.request)


def _terms(event: Event, wanted: ReuseWanted, entry: Entry) -> Terms:
    first = day_in_beijing(event.at)
    return Terms(
        content=Content(items=_items(wanted, entry)),
        scope=Scope(areas=wanted.areas, recipients=(wanted.unit,)),
        purpose=Purpose(code=wanted.purpose, text=f"{wanted.subject}({BECAUSE[event.type]} {event.case})"),
        method=METHOD,
        validity=Validity(valid_from=first, valid_until=first + VALID_FOR),
    )


def _items(wanted: ReuseWanted, entry: Entry) -> tuple[str, ...]:
    """Return the items that are wanted as far as the entry has them; all it has where it has none of them."""
    listed = tuple(item.name for item in entry.items)
    common = tuple(item for item in wanted.items if not listed or item in listed)
    return (common or listed)[:MOST_ITEMS]
