"""Makers for tests of sharing requests: an entry the catalogue published, a request, and a case played to a state."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from services.requests import api, listen
from services.shared.canonical import new_id
from services.shared.event_bodies import FilingReceipted, PublishedItem, ResourcePublished
from services.shared.events import Event, Origin, event_of
from services.shared.organisations import LEADING_GROUP, OFFICE, SECRECY_BUREAU
from tests.support import Context, Reply, call, sqs_batch, token

REQUESTER, PROVIDER, STRANGER = "transport_commission", "110107", "sports_bureau"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ITEMS = ("空余泊位数", "车场名称")
REFUSAL = {
    "instrument": "data-security-law",
    "clause": "38",
    "situation": "所请求的数据项超出需求单位法定职责。",
    "reason": "依法不得超出法定职责范围收集、使用数据。",
}


def published(entry_id: str, *, items: tuple[str, ...] = ITEMS, sensitivity: str | None = None, seq: int = 1) -> Event:
    """Return the event of a legacy entry of 石景山区 that was imported."""
    return _published(entry_id, "resource.imported", seq, items=_items(items, sensitivity))


def published_with(
    entry_id: str, *, items: tuple[str, ...] = ITEMS, sensitivity: str | None = "NONE", **more: Any
) -> Event:
    """Return the event of a reviewed entry of 石景山区; by default one that everybody may have on its own terms."""
    reviewed = {"share_type": "UNCONDITIONAL", "legacy": False, "source_id": None, "catalogue": None}
    offered = {"share_method": "api", "formats": ("xml",), "update_cycle": "daily"}
    return _published(
        entry_id, "resource.published", 1, items=_items(items, sensitivity), **(reviewed | offered | more)
    )


def _items(names: tuple[str, ...], sensitivity: str | None) -> tuple[PublishedItem, ...]:
    return tuple(PublishedItem(name=item, data_type=None, sensitivity=sensitivity) for item in names)


def _published(entry_id: str, kind: str, seq: int, **said: Any) -> Event:
    known: dict[str, Any] = {
        "state": "LIVE",
        "provider": PROVIDER,
        "entry_version": 1,
        "metadata_hash": "00" * 32,
        "title": "空余泊位发送记录",
        "catalogue": None,
        "share_type": None,
        "legacy": True,
        "source_id": "bj-a0086aa20f",
    }
    body = ResourcePublished(**known | said)
    return event_of(kind, body, Origin(entry_id, seq, OFFICE, "o-office", NOON), parties=(PROVIDER,))


def receipted(case: str, event_id: str, *, kind: str = "request", index: int = 7) -> Event:
    """Return the ledger's word that an event is filed."""
    authority = SECRECY_BUREAU if kind == "confidentiality" else OFFICE
    body = FilingReceipted(
        event_id=event_id, case_seq=1, kind=kind, authority=authority, index=index, checkpoint_size=index + 1
    )
    return event_of("filing.receipted", body, Origin(case, None, OFFICE, "ledger", NOON))


def hear(*events: Event) -> Any:
    """Deliver messages to the requests service; return what it answered."""
    return listen.handler(sqs_batch(events), Context())


def terms(*, items: tuple[str, ...] = ITEMS, area: str = "110107", until: str = "2027-12-31") -> dict[str, Any]:
    """Return a whole set of terms as a client sends it."""
    return {
        "content": {"items": list(items)},
        "scope": {"areas": [area], "rows": "路侧与公共停车场", "recipients": ["停车管理处"]},
        "purpose": {"code": "city_operation", "text": "停车诱导与路侧停车管理"},
        "method": {"channel": "api", "frequency": "daily", "format": "xml"},
        "validity": {"valid_from": "2027-01-01", "valid_until": until},
    }


def draft(entry_id: str, **changes: Any) -> dict[str, Any]:
    """Return a draft request as a client sends it."""
    return {"resource": entry_id, "duty": "parking_management", "terms": terms()} | changes


def redraft(side: "Side", request_id: str) -> dict[str, Any]:
    """Return a draft of the same entry, to revise a request with."""
    return draft(side.get(f"/requests/{request_id}").body["resource"])


class Side:
    """One organisation's officer and approver at the requests API."""

    def __init__(self, organisation: str, *roles: str) -> None:
        self.organisation = organisation
        self.token = token(organisation, *(roles or ("officer", "approver")))

    def get(self, path: str) -> Reply:
        """Read."""
        return call(api.handler, "GET", path, token=self.token)

    def create(self, body: Mapping[str, Any], key: str | None = None) -> Reply:
        """Draft a request."""
        headers = {"Idempotency-Key": key} if key else {}
        return call(api.handler, "POST", "/requests", token=self.token, json=body, headers=headers)

    def act(self, request_id: str, action: str, body: Mapping[str, Any] | None = None, *, version: Any = None) -> Reply:
        """Take an action on the version that stands, or on `version`."""
        seen = version if version is not None else self.get(f"/requests/{request_id}").headers.get("etag", '"0"')
        path = f"/requests/{request_id}/{action}"
        return call(api.handler, "POST", path, token=self.token, json=body or {}, headers={"If-Match": str(seen)})


def a_published_entry(**changes: Any) -> str:
    """Let the requests service hear of a published entry; return its id."""
    entry_id = new_id()
    hear(published(entry_id, **changes))
    return entry_id


def a_request(state: str, **changes: Any) -> tuple[str, Side, Side]:
    """Play a case until it is in `state`; return its id, the requester and the provider."""
    asking, giving = Side(REQUESTER), Side(PROVIDER)
    created = asking.create(draft(a_published_entry()) | changes)
    assert created.status == 201, created.body
    request_id = created.body["id"]
    play(request_id, STORIES[state])
    return request_id, asking, giving


def play(request_id: str, story: "list[Act]") -> None:
    """Let each act of a story be done by its player; a hash to name is that of the terms on the table."""
    for who, action, body in story:
        if who == "ledger":
            deliver_receipts(request_id, Side(REQUESTER))
            continue
        at, sent = Side(PLAYERS[who]), dict(body)
        if "terms_hash" in sent:
            sent["terms_hash"] = named_in(at.get(f"/requests/{request_id}").body, action)
        reply = at.act(request_id, action, sent)
        assert reply.status == 200, (action, reply.body)


def named_in(view: Mapping[str, Any], action: str) -> str:
    """Return the hash that an action must name: the terms on the table, or the confidentiality agreement."""
    of = view["confidentiality"] if action == "sign_confidentiality" else view
    return str(of["terms_hash"])


def deliver_receipts(request_id: str, side: Side) -> None:
    """Play the ledger: every filing of the case gets its receipt."""
    for filing in side.get(f"/requests/{request_id}").body["filing"]:
        hear(receipted(request_id, filing["event_id"], kind=filing["kind"]))


Act = tuple[str, str, Mapping[str, Any]]
PLAYERS = {"asking": REQUESTER, "giving": PROVIDER, "office": OFFICE, "group": LEADING_GROUP}
REASON = {"reason": "双方对数据范围有分歧,请协调。"}
DOCKET = {
    "ground": "major_matter",
    "matter": "停车泊位数据共享范围",
    "requester_position": "需要全部泊位数据用于停车诱导",
    "provider_position": "仅同意提供路侧泊位",
    "tried": "双方协商一轮,协调一次",
    "question": "是否共享全部泊位数据",
}
GAPS = {"gaps": [{"pointer": "/terms/purpose/text", "detail": "请写明使用的业务系统"}]}
HASH = {"terms_hash": ""}
COUNTER = {"terms": terms(items=("空余泊位数",))}
PUBLIC = {"items": dict.fromkeys(ITEMS, "NONE")}
PRIVATE = {"items": dict.fromkeys(ITEMS, "PERSONAL_PRIVACY")}
RULING = {"meeting": "领导小组2026年第3次会议", "reason": "属停车管理职责所需"} | COUNTER
_SUBMITTED: list[Act] = [("asking", "propose", {}), ("asking", "submit", {})]
_REVIEWED: list[Act] = [*_SUBMITTED, ("giving", "accept_for_processing", {}), ("giving", "classify", PUBLIC)]
_COUNTERED: list[Act] = [*_REVIEWED, ("giving", "counter", COUNTER)]
_AGREED: list[Act] = [*_COUNTERED, ("asking", "agree", HASH)]
_DRAFTED: list[Act] = [*_AGREED, ("giving", "draft", {})]
_HALF: list[Act] = [*_DRAFTED, ("giving", "sign", HASH)]
_SIGNED: list[Act] = [*_HALF, ("asking", "sign", HASH)]
_FILED: list[Act] = [*_SIGNED, ("giving", "file_result", HASH), ("asking", "file_result", HASH)]
_REFUSED: list[Act] = [*_SUBMITTED, ("giving", "refuse", REFUSAL)]
_DISPUTED: list[Act] = [*_REFUSED, ("asking", "coordinate", REASON)]
_ESCALATED: list[Act] = [*_DISPUTED, ("office", "escalate", DOCKET)]
_SECRET: list[Act] = [
    *_REVIEWED,
    ("giving", "classify", PRIVATE),
    *_AGREED[len(_REVIEWED) :],
    *_FILED[len(_AGREED) :],
    ("ledger", "", {}),
]
_SWORN: list[Act] = [
    *_SECRET,
    ("giving", "sign_confidentiality", HASH),
    ("asking", "sign_confidentiality", HASH),
]
STORIES: dict[str, list[Act]] = {
    "DRAFT": [],
    "INTERNAL_APPROVAL": _SUBMITTED[:1],
    "SUBMITTED": _SUBMITTED,
    "RETURNED": [*_SUBMITTED, ("giving", "return", GAPS)],
    "UNDER_REVIEW": _REVIEWED,
    "PRO_COUNTERED": _COUNTERED,
    "REQ_COUNTERED": [*_COUNTERED, ("asking", "counter", {"terms": terms(until="2027-06-30")})],
    "TERMS_AGREED": _AGREED,
    "AGREEMENT_DRAFTED": _DRAFTED,
    "PRO_SIGNED": _HALF,
    "SIGNED": _SIGNED,
    "RESULT_FILED": _FILED,
    "CONCLUDED": [*_FILED, ("ledger", "", {})],
    "REFUSED": _REFUSED,
    "COORDINATION": _DISPUTED,
    "ESCALATED": _ESCALATED,
    "CONF_PENDING": _SECRET,
    "CONF_FILED": _SWORN,
    "CLOSED_REFUSED": [*_REFUSED, ("ledger", "", {}), ("asking", "accept_refusal", {})],
    "WITHDRAWN": [*_SUBMITTED, ("asking", "withdraw", {"reason": "需求变化"})],
}


def fresh_key() -> str:
    """Return an Idempotency-Key nobody used."""
    return uuid4().hex
