"""Players of a negotiation for its tests: one act at a time, at a moment of one's choice, and what the case then is."""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.requests.acts import BODIES, Commented, Draft, Nothing, Reasoned
from services.requests.case_work import go_on
from services.requests.entry import Entry, published_entry
from services.requests.guards import Given
from services.requests.request import Action, Request, State
from services.requests.steps import first_step, take
from services.requests.store import request_store
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.events import Event
from services.shared.lifecycle import Act as Attempt
from services.shared.model import Model
from tests.routes import items_of
from tests.sharing import (
    DOCKET,
    GAPS,
    HASH,
    ITEMS,
    NOON,
    PLAYERS,
    REFUSAL,
    REQUESTER,
    RULING,
    STORIES,
    Act,
    Side,
    draft,
    hear,
    named_in,
    published,
    published_with,
    terms,
)
from tests.support import Reply, events_in

CLAIMS = frozenset({Claim.OFFICER, Claim.APPROVER})
# What the system may do to a request beside marking that it is late: it goes on with what was agreed or receipted.
TIMELESS = frozenset(
    {"request.routed", "request.agreement_drafted", "request.filings_receipted", "agreement.activated"}
)
LATE = timedelta(days=60)  # past every reply clock, extended or not
WHY = {"reason": "双方对数据范围有分歧，请协调。"}
ONE_IS_PUBLIC = {"items": {ITEMS[0]: "NONE"}}
ONE_IS_PRIVATE = {"items": {ITEMS[0]: "PERSONAL_PRIVACY"}}
RULED: list[Act] = [*STORIES["ESCALATED"], ("group", "rule_share", RULING)]
SIGNED_AND_FILED: list[Act] = [
    ("giving", "draft", {}),
    ("giving", "sign", HASH),
    ("asking", "sign", HASH),
    ("giving", "file_result", HASH),
    ("asking", "file_result", HASH),
]


def do(request_id: str, who: str, action: str, body: Mapping[str, Any] | None = None) -> Reply:
    """Let a player try an action over HTTP; a hash to name is that of what is on the table."""
    return Side(PLAYERS[who]).act(request_id, action, _named(request_id, who, action, body or {}))


def do_at(request_id: str, who: str, action: str, at: datetime, body: Mapping[str, Any] | None = None) -> None:
    """Do what the API does for a player, at another moment than now; raises what the table raises."""
    store, known = request_store(), Action(action)
    case = store.get(request_id)
    given = Given(receipts=case.seen, entry=store.entry(case.request.entry.id))
    caller = Caller(organisation=PLAYERS[who], officer="o-1", claims=CLAIMS)
    said = BODIES[known].model_validate(_named(request_id, who, action, body or {}))
    store.save(take(case.request, Attempt(known, said, caller, at, given)))


def a_request_in(state: State, entry: Entry | None = None) -> Request:
    """Return a request that nothing happened to but that it stands in a state, as if it was submitted."""
    asked = entry or published_entry(published("0195d7a0-0000-7000-8000-000000000001"))
    asking = Caller(organisation=REQUESTER, officer="o-1", claims=CLAIMS)
    drafted = first_step(Draft.model_validate(draft(asked.id)), asked, caller=asking, at=NOON).records["request"]
    assert isinstance(drafted, Request)
    return drafted.model_copy(update={"state": state, "submitted_at": NOON})


def seen(request_id: str, who: str = "asking") -> Any:
    """Return a request as a player sees it."""
    return Side(PLAYERS[who]).get(f"/requests/{request_id}").body


def let_time_pass(request_id: str, at: datetime | None = None) -> int:
    """Let a case go on by itself as if much time had passed; return how many steps that were."""
    return go_on(request_id, at or now() + LATE)


def events_of(request_id: str) -> list[Event]:
    """Return a case's events in order."""
    return [event for event in events_in(os.environ["REQUESTS_TABLE"]) if event.case == request_id]


def types_of(request_id: str) -> list[str]:
    """Return what happened in a case, in order."""
    return [event.type for event in events_of(request_id)]


def desk_of(request_id: str) -> set[str]:
    """Return on whose desks a case lies."""
    table = os.environ["REQUESTS_TABLE"]
    return {item["desk"] for item in items_of(table, request_id) if item["sk"].startswith("DESK#")}


def hear_last(request_id: str) -> None:
    """Deliver the case's latest event to the requests service, as the topic does."""
    assert hear(events_of(request_id)[-1]) == {"batchItemFailures": []}


def _named(request_id: str, who: str, action: str, body: Mapping[str, Any]) -> dict[str, Any]:
    named = named_in(seen(request_id, who), action) if body.get("terms_hash") == "" else None
    return dict(body) | ({"terms_hash": named} if named else {})


def entries_of_each_kind() -> list[Entry]:
    """Return what may be asked for: conditional and of unknown sensitivity; unconditional, known and unknown."""
    same = "0195d7a0-0000-7000-8000-000000000001"
    said = (published(same), published_with(same), published_with(same, sensitivity=None))
    return [published_entry(event) for event in said]


def _inputs() -> dict[Action, list[Model]]:
    """Return, for each action that takes more than a hash, some input: right ones first."""
    offers = [terms(items=ITEMS[:1], until=day) for day in ("2027-12-31", "2027-06-30")] + [terms(items=("不存在",))]
    drafts = [draft("0195d7a0-0000-7000-8000-000000000001", terms=offer) for offer in offers]
    urgency = {"work_area": "city_management", "reason": "汛期前须完成停车疏导"}
    drafts += [drafts[0] | {"urgency": urgency}, drafts[0] | {"kind": "return_flow"}, draft("another", terms=offers[0])]
    refusals = [REFUSAL, REFUSAL | {"clause": "1"}, REFUSAL | {"reason": "涉密"}]
    kinds = ("NONE", "PERSONAL_PRIVACY", "ENTERPRISE_SECRET", "STATE_SECRET")
    said: dict[Action, list[dict[str, Any]]] = {
        **dict.fromkeys((Action.REVISE, Action.SUPPLEMENT), drafts),
        **dict.fromkeys((Action.REFUSE, Action.UPHOLD_REFUSAL), refusals),
        Action.RETURN: [GAPS],
        Action.CLASSIFY: [{"items": {ITEMS[0]: kind}} for kind in kinds] + [{"items": {ITEMS[1]: "NONE"}}],
        Action.COUNTER: [{"terms": offer} for offer in offers],
        Action.MEDIATE: [{"terms": offer, "comment": "折中"} for offer in offers],
        Action.ESCALATE: [DOCKET | {"ground": ground} for ground in ("major_matter", "unsettled", "second_failure")],
        Action.RULE_SHARE: [RULING | {"terms": offer} for offer in offers],
        Action.RULE_REFUSE: [refusal | {"meeting": RULING["meeting"]} for refusal in refusals],
        Action.REMAND: [{"instructions": "请再协调"}],
    }
    fits: dict[type[Model], dict[str, Any]] = {Nothing: {}, Reasoned: WHY, Commented: {}}
    others = {action: [fits[body]] for action, body in BODIES.items() if body in fits}
    return {action: list(map(BODIES[action].model_validate, sent)) for action, sent in (said | others).items()}


INPUTS = _inputs()
