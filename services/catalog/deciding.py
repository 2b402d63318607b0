"""What is done about a hit of a search certificate: reused by a sharing request, or justified (S-071).

The first decision about a hit stands. Pure but for fresh ids and keys.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, NamedTuple

from pydantic import Field

from services.catalog.certificate import Certificate, Choice, Decision, Hit, State, relations
from services.catalog.checking import event_for
from services.catalog.metadata import folded
from services.catalog.names import WORDLESS
from services.catalog.parts import ShareType
from services.catalog.similarity import in_common
from services.shared.canonical import new_id
from services.shared.catalog_bodies import HitJustified, HitReused
from services.shared.errors import Conflict, Problem
from services.shared.event_bodies import ReuseWanted
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.model import Model
from services.shared.reference import duties_of, vocabulary
from services.shared.steps import Step, step_of
from services.shared.texts import Code, Line, Text

SHORTEST_REASON = 10  # characters beside the hit's own name
FEWEST_SIGNS = 5  # different ones: "无无无无无无无无无无" says nothing
MOST_ITEMS = 200  # that a sharing request takes


class Reusable(NamedTuple):
    """A published entry as a reuse needs it; `items` are names."""

    id: str
    provider: str
    items: tuple[str, ...]
    share_type: str | None = None


class Given(NamedTuple):
    """What is at hand when a hit is decided: the entry to reuse, or None; the id that its request will have."""

    entry: Reusable | None = None
    request: str = ""


class Reuse(Model):
    """A reuse: of the hit, or of the entry `resource` where the hit is none, for an own duty and a listed purpose."""

    hit: Code
    resource: Code | None = None
    duty: Code
    purpose: Code
    items: Annotated[tuple[Line, ...], Field(max_length=MOST_ITEMS)] = ()

    @property
    def entry(self) -> str:
        """The entry that is to be shared."""
        return self.resource or self.hit


class Justification(Model):
    """Why a hit does not serve."""

    hit: Code
    reason: Text


def take(certificate: Certificate, act: Act) -> Step[Certificate]:
    """Return the certificate after a decision about a hit. Raises what the machine raises, Conflict once expired."""
    act = replace(act, given=(act.given or Given())._replace(request=new_id()))
    moved = MACHINE.advance(certificate, act)
    event = event_for(moved.move.event, _decided_body(moved.record, act), moved.record, act.caller, act.at)
    words = {"reason": act.body.reason} if act.action is Choice.JUSTIFY else None
    return step_of(moved.record, event, words)


def _still_valid(certificate: Certificate, act: Act) -> Iterable[Problem]:
    if certificate.expires_at <= act.at:
        raise Conflict("this certificate has expired; search again")
    return ()


def _not_decided_yet(certificate: Certificate, act: Act) -> Iterable[Problem]:
    if any(decision.hit == act.body.hit for decision in certificate.decisions):
        raise Conflict(f"{act.body.hit} is decided; the first decision stands")
    if _found(certificate, act.body.hit) is None:
        yield Problem(pointer="/hit", detail="查重结果中没有此项 / not a hit of this certificate")


def _reusable(certificate: Certificate, act: Act) -> Iterator[Problem]:
    hit, entry = _found(certificate, act.body.hit), act.given.entry
    if hit and hit.kind != "resource" and act.body.resource is None:
        yield Problem(pointer="/resource", detail="请指明要共享的目录条目 / name the catalogue entry to be shared")
    elif entry is None:
        yield Problem(pointer="/resource", detail="没有此已公布条目 / the catalogue has no such published entry")
    elif entry.provider == certificate.unit:
        yield Problem(pointer="/resource", detail="本单位自有条目 / this entry is your own")
    elif entry.share_type == ShareType.NOT_SHARED:
        yield Problem(
            pointer="/resource", detail="该条目不予共享,请说明理由 / this entry is not shared: justify instead"
        )
    else:
        yield from _item_faults(certificate, act.body, entry)


def _item_faults(certificate: Certificate, body: Reuse, entry: Reusable) -> Iterator[Problem]:
    for place, item in enumerate(body.items):
        if entry.items and item not in entry.items:
            yield Problem(
                pointer=f"/items/{place}", detail=f"条目中没有此数据项 / '{item}' is not an item of the entry"
            )
    if not _wanted_items(certificate, body, entry):
        yield Problem(
            pointer="/items", detail="条目未列数据项,请写明所需 / the entry lists no items: name what you need"
        )


def _for_own_duty(certificate: Certificate, act: Act) -> Iterator[Problem]:
    if act.body.duty not in {duty.code for duty in duties_of(certificate.unit)}:
        yield Problem(pointer="/duty", detail=f"不是本单位职责 / '{act.body.duty}' is not a duty of your unit")
    if not vocabulary().purposes.has(act.body.purpose):
        yield Problem(pointer="/purpose", detail="not a code of the list purposes in /catalog/vocabulary")


def _of_substance(certificate: Certificate, act: Act) -> Iterator[Problem]:
    hit = _found(certificate, act.body.hit)
    said = _plain(act.body.reason).replace(_plain(hit.title), "") if hit else _plain(act.body.reason)
    if len(said) < SHORTEST_REASON or len(set(said)) < FEWEST_SIGNS:
        detail = f"理由须具体,除名称外不少于{SHORTEST_REASON}字 / say why it does not serve, in {SHORTEST_REASON} characters or more beside its name"  # noqa: E501 - one sentence in two languages
        yield Problem(pointer="/reason", detail=detail)


def _decided(certificate: Certificate, act: Act) -> Certificate:
    reusing = act.action is Choice.REUSE
    decision = Decision(
        hit=act.body.hit,
        choice=Choice(act.action),
        reason=None if reusing else act.body.reason,
        request=act.given.request if reusing else None,
        officer=act.caller.officer,
        at=act.at,
    )
    return certificate.model_copy(update={"decisions": (*certificate.decisions, decision)})


def _decided_body(certificate: Certificate, act: Act) -> Model:
    if act.action is Choice.JUSTIFY:
        return HitJustified(unit=certificate.unit, hit=act.body.hit)
    body: Reuse = act.body
    wanted = ReuseWanted(
        request=act.given.request,
        unit=certificate.unit,
        resource=act.given.entry.id,
        duty=body.duty,
        purpose=body.purpose,
        items=_wanted_items(certificate, body, act.given.entry),
        areas=certificate.subject.areas,
        subject=certificate.subject.name,
    )
    return HitReused(unit=certificate.unit, hit=body.hit, wanted=wanted)


def _wanted_items(certificate: Certificate, body: Reuse, entry: Reusable) -> tuple[str, ...]:
    common = tuple(in_common(entry.items, certificate.subject.items))
    return tuple(dict.fromkeys(body.items or common or entry.items))[:MOST_ITEMS]


def _found(certificate: Certificate, hit_id: str) -> Hit | None:
    return next((hit for hit in certificate.hits if hit.id == hit_id), None)


def _plain(text: str) -> str:
    return WORDLESS.sub("", folded(text))


UNIT = frozenset({Party.UNIT})
ANY = (_still_valid, _not_decided_yet)
MACHINE = Machine[Certificate](
    name="search_certificate",
    table={
        (State.ISSUED, Choice.REUSE): Move(
            UNIT, None, "check.hit_reused", guards=(*ANY, _reusable, _for_own_duty), effect=_decided, awaited=False
        ),
        (State.ISSUED, Choice.JUSTIFY): Move(
            UNIT, None, "check.hit_justified", guards=(*ANY, _of_substance), effect=_decided, awaited=False
        ),
    },
    relations=relations,
    initial=State.ISSUED,
    terminal=frozenset(),
    resting=frozenset({State.ISSUED}),
)
