"""From an act to a figure after it and the one event that records it. Pure but for fresh ids and keys."""

from datetime import datetime
from typing import Any

from services.catalog.figure import Figure, FormerVersion, Meaning, State, Version
from services.catalog.figure_life import MACHINE, Action, meaning_faults, relations
from services.catalog.reviewing import Commented, Gaps, Reasoned
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import new_id
from services.shared.catalog_bodies import FigureMoved, FigurePublished
from services.shared.errors import Forbidden, NotFound, refuse_if
from services.shared.events import Event, Origin, event_of
from services.shared.lifecycle import Act, Moved, Party
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from services.shared.steps import Step, step_of
from services.shared.working_days import day_in_beijing

WITH_WORDS = (Gaps, Commented, Reasoned)  # what people wrote is sealed beside the event


def create(meaning: Meaning, caller: Caller, at: datetime) -> Step[Figure]:
    """Return a new figure of the caller's organisation with a first draft.

    Raises Forbidden without the officer's role, Invalid with everything wrong at once.
    """
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may propose a figure")
    refuse_if(meaning_faults(meaning, caller.organisation), "cannot propose this figure: not valid")
    version = _first_state(new_id(), meaning, caller, at, number=1, seq=1)
    figure = Figure(
        id=version.id, state=State.DRAFT, version=1, case_seq=1, changed_at=at, unit=caller.organisation, open=version
    )
    return step_of(figure, _event("figure.created", version, caller, at))


def take(figure: Figure, act: Act) -> Step[Figure]:
    """Return the figure after an act on the version it concerns.

    Raises NotFound when the caller may see neither version, and what the machine raises.
    """
    version, seq = _concerned(figure, act), figure.case_seq
    moved = MACHINE.advance(version.model_copy(update={"case_seq": seq}), act)
    after = _next_draft(figure, moved) if _starts_a_version(moved) else moved.record
    event = _event(moved.move.event, after, act.caller, act.at)
    words = act.body.model_dump(mode="json") if isinstance(act.body, WITH_WORDS) else None
    update = _settled(figure, after, act) | {"version": seq + 1, "case_seq": seq + 1, "changed_at": act.at}
    settled = figure.model_copy(update=update)
    face = settled.live or settled.open
    return step_of(settled.model_copy(update={"state": face.state if face else figure.state}), event, words)


def open_for(figure: Figure, caller: Caller) -> Version | None:
    """Return the open version if this caller may see it: its unit, and the reviewers once it was submitted."""
    if figure.open is None:
        return None
    mine = relations(figure.open, caller)
    reviewing = figure.open.submitted_at is not None and mine & {Party.OFFICE, Party.STATISTICS}
    return figure.open if Party.UNIT in mine or reviewing else None


def follows(figure: Figure, caller: Caller) -> bool:
    """Return whether this caller may read what happened to the figure, not only how it stands."""
    if open_for(figure, caller):
        return True
    submitted = figure.live or (figure.open and figure.open.submitted_at)
    reviewing = caller.organisation in {OFFICE, STATISTICS_BUREAU}
    return caller.organisation == figure.unit or bool(submitted and reviewing)


def concerned(figure: Figure, action: Action, caller: Caller) -> Version | None:
    """Return the version that an action of this caller is about, or None when they may see neither."""
    opened = open_for(figure, caller)
    return (figure.live or opened) if action is Action.WITHDRAW else (opened or figure.live)


def _concerned(figure: Figure, act: Act) -> Version:
    version = concerned(figure, Action(act.action), act.caller)
    if version is None:
        raise NotFound("there is no such figure")
    return version


def _starts_a_version(moved: Moved[Version]) -> bool:
    return moved.act.action is Action.REVISE and moved.record.state is State.PUBLISHED


def _next_draft(figure: Figure, moved: Moved[Version]) -> Version:
    act, seq = moved.act, moved.record.case_seq
    return _first_state(figure.id, act.body, act.caller, act.at, number=figure.next_number, seq=seq)


def _first_state(case: str, meaning: Meaning, caller: Caller, at: datetime, *, number: int, seq: int) -> Version:
    return Version(
        id=case,
        state=State.DRAFT,
        version=seq,
        case_seq=seq,
        number=number,
        unit=caller.organisation,
        meaning=meaning,
        changed_at=at,
    )


def _settled(figure: Figure, version: Version, act: Act) -> dict[str, object]:
    if act.action is Action.PUBLISH:
        ended = _ended(figure.live, Action.SUPERSEDE, act.at)
        return {"live": version, "open": None, "former": (*figure.former, *ended)}
    if act.action is Action.WITHDRAW:
        ended = _ended(figure.open, Action.DROP, act.at)
        return {"live": version, "open": None, "former": (*figure.former, *ended)}
    if act.action is Action.DISCARD and figure.live:
        ended = (FormerVersion(number=version.number, state=version.state, at=act.at),)
        return {"open": None, "former": (*figure.former, *ended)}
    return {"open": version}


def _ended(version: Version | None, action: Action, at: datetime) -> tuple[FormerVersion, ...]:
    if version is None:
        return ()
    ended = MACHINE.advance(version, Act(action, None, SYSTEM, at)).record
    return (FormerVersion(number=ended.number, state=ended.state, at=at),)


def _event(kind: str, version: Version, caller: Caller, at: datetime) -> Event:
    body = _published_body(version) if kind == "figure.published" else FigureMoved(**_moved(version))
    seen = version.submitted_at is not None
    parties = (version.unit, *((OFFICE, STATISTICS_BUREAU) if seen else ()))
    return event_of(
        kind, body, Origin(version.id, version.case_seq, caller.organisation, caller.officer, at), parties=parties
    )


def _moved(version: Version) -> dict[str, Any]:
    return {
        "state": version.state,
        "unit": version.unit,
        "figure_version": version.number,
        "definition_hash": version.definition_hash,
    }


def _published_body(version: Version) -> FigurePublished:
    meaning = version.meaning
    return FigurePublished(
        **_moved(version),
        name=meaning.name,
        authority=str(meaning.authority),
        cycle=str(meaning.cycle),
        updated=day_in_beijing(version.published_at or version.changed_at),
    )
