"""Where a record is found by others: in its parties' lists, in the offices', and on the desks of whom it waits for.

Pure: attributes and lines, as the indexes of the table hold them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import AwareDatetime

from services.requests.agreement import OVER, Agreement
from services.requests.agreement_life import AGREEMENT
from services.requests.case_record import CaseRecord
from services.requests.kinds import KINDS, address_of, kind_of
from services.requests.request import Request
from services.shared.clock_views import ClockView, explained
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.organisations import SECRECY_BUREAU, name_at, organisations
from services.shared.running import Running
from services.shared.working_days import day_in_beijing

NEVER = "9999"


class DeskLine(Model):
    """One line of a desk: what waits, for whom, since when, until when and by which rule.

    `zh` and `en` say all of it in a sentence; `clock` is null where nothing is timed, `provider` while there is none.
    """

    case: str
    kind: str
    address: str
    state: str
    title: str
    requester: str
    provider: str | None
    party: Party
    since: AwareDatetime
    urgent: bool
    overdue: bool
    clock: ClockView | None
    zh: str
    en: str


def index_of(name: str, record: CaseRecord) -> dict[str, str]:
    """Return the attributes that put a record into the lists of its two sides, of the offices, and of the sweep.

    Until it is submitted a request is in its requester's list alone.
    """
    kind, changed = kind_of(name), record.changed_at.isoformat()
    unseen = isinstance(record, Request) and record.submitted_at is None
    sides = {party.value: f"{kind}#{code}" for party, code in record.sides.items()}
    lists = {"requester": sides["requester"]} if unseen else sides | {"standing": f"{kind}#{record.state}"}
    return {**lists, "changed_at": changed, "place": changed, **_of_its_kind(record), **sweep_of(kind, record)}


def desks_of(name: str, record: CaseRecord) -> dict[str, DeskLine]:
    """Return a line for each organisation that the record waits for, by its code."""
    machine = KINDS[kind_of(name)].machine
    waiting = [party for party in machine.awaiting(record) if party is not Party.SYSTEM]
    return {record.organisations[party]: _line(name, record, party) for party in waiting}


def place_of(line: DeskLine) -> str:
    """Return where a line stands on its desk: the overdue first, then the urgent, then by the day it is due."""
    due = line.clock.due_at.isoformat() if line.clock and line.clock.due_at else NEVER
    return f"{int(not line.overdue)}{int(not line.urgent)}#{due}#{line.since.isoformat()}"


def sweep_of(kind: str, record: CaseRecord) -> dict[str, str]:
    """Return the attributes that let the sweep find a record when something is due in it; none while nothing is."""
    wakes = record.wakes_at
    return {"clock": kind, "due_at": wakes.isoformat()} if wakes else {}


def _line(name: str, record: CaseRecord, party: Party) -> DeskLine:
    timed, since = _waiting(record, party)
    clock = explained(timed) if timed else None
    overdue = bool(timed and timed.overdue_since)
    zh, en = _sentence(record, party, clock, since=since, overdue=overdue)
    return DeskLine(
        case=record.id,
        kind=kind_of(name),
        address=address_of(name, record.id),
        state=record.state,
        title=record.title,
        requester=record.sides[Party.REQUESTER],
        provider=record.sides.get(Party.PROVIDER),
        party=party,
        since=since,
        urgent=record.urgent,
        overdue=overdue,
        clock=clock,
        zh=zh,
        en=en,
    )


def _waiting(record: CaseRecord, party: Party) -> tuple[Running | None, datetime]:
    """Return by which clock a party is waited for, and since when; an agreement waits for several things at once."""
    if not isinstance(record, Agreement):
        return record.clock, record.waits_since
    timed = AGREEMENT.clock_for(record, party)
    return timed, timed.since if timed else record.changed_at


def _sentence(
    record: CaseRecord, party: Party, clock: ClockView | None, *, since: datetime, overdue: bool
) -> tuple[str, str]:
    code = record.organisations[party]
    who, day = _names(code, record), day_in_beijing(since)
    what = (clock.name_zh, clock.name_en) if clock else ("处理", "act")
    late = ("已逾期；", "overdue; ") if overdue else ("", "")
    why = (clock.zh, clock.en) if clock else ("未设期限", "no day is set")
    return (
        f"{late[0]}自{day}起等待{who[0]}{what[0]}：{why[0]}",
        f"{late[1]}waiting since {day} for {who[1]} to {what[1]}: {why[1]}",
    )


def _names(code: str, record: CaseRecord) -> tuple[str, str]:
    known = organisations().get(code)
    if known is None:
        return code, code
    name = name_at(known, day_in_beijing(record.changed_at))
    return name.zh, name.en


def _of_its_kind(record: CaseRecord) -> Mapping[str, str]:
    return dict(_agreements_own(record)) if isinstance(record, Agreement) else {}


def _agreements_own(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Yield where an agreement is found beside its sides' lists: by its entry until it is over, by who follows it."""
    if agreement.state not in OVER:
        yield "resource", agreement.resource
    if agreement.known_to_secrecy:
        yield "docket", f"agreement#{SECRECY_BUREAU}"
