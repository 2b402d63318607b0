"""Makers for tests of agreements: pure or played over HTTP, who acts on one, and what each action takes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from services.requests import agreement_dispute, agreement_steps, api
from services.requests.acts import Draft
from services.requests.agreement import Agreement, activation_of, agreement_of
from services.requests.agreement_acts import BODIES, AgreementAction
from services.requests.by_itself import next_step
from services.requests.case import Case
from services.requests.case_record import CaseRecord, Filed
from services.requests.confidentiality import confidentiality_hash
from services.requests.entry import Sensitivity, published_entry
from services.requests.request import Action, Request, State
from services.requests.request_parts import Signature
from services.requests.steps import first_step
from services.requests.store import request_store
from services.requests.telling import Step, Told, step_of
from services.shared import coordination
from services.shared.callers import ANONYMOUS, SYSTEM, Caller, Claim
from services.shared.canonical import new_id, now
from services.shared.events import FilingKind
from services.shared.lifecycle import Act, Party
from services.shared.organisations import (
    ARCHIVES_BUREAU,
    LEADING_GROUP,
    OFFICE,
    SECRECY_BUREAU,
    SUPERVISION_BUREAU,
)
from services.shared.working_days import day_in_beijing
from tests.sharing import (
    ITEMS,
    NOON,
    PROVIDER,
    REQUESTER,
    STRANGER,
    a_request,
    deliver_receipts,
    draft,
    hear,
    published,
    receipted,
    terms,
)
from tests.support import Reply, call, token

CASE = "0195d7a0-0000-7000-8000-00000000000a"
BEGUN = datetime(2027, 1, 10, 4, 0, tzinfo=UTC)  # a Sunday, ten days into the agreed time
LATER = datetime(2027, 3, 1, 4, 0, tzinfo=UTC)
OVER = datetime(2028, 1, 1, 4, 0, tzinfo=UTC)  # the day after the last
PLAYERS: dict[str, tuple[str, tuple[Claim, ...]]] = {
    "requester": (REQUESTER, (Claim.OFFICER,)),
    "requester_approver": (REQUESTER, (Claim.APPROVER,)),
    "provider": (PROVIDER, (Claim.OFFICER,)),
    "provider_approver": (PROVIDER, (Claim.APPROVER,)),
    "office": (OFFICE, (Claim.OFFICER,)),
    "secrecy": (SECRECY_BUREAU, (Claim.OFFICER,)),
    "supervision": (SUPERVISION_BUREAU, (Claim.OFFICER,)),
    "group": (LEADING_GROUP, (Claim.OFFICER,)),
    "archives": (ARCHIVES_BUREAU, (Claim.OFFICER,)),
    "stranger": (STRANGER, (Claim.OFFICER, Claim.APPROVER)),
}
WHO: dict[str, Caller] = {
    name: Caller(organisation=code, officer=f"o-{name}", claims=frozenset(claims))
    for name, (code, claims) in PLAYERS.items()
} | {"anonymous": ANONYMOUS, "system": SYSTEM}
REPORT = {"situation": "前置机故障，二月起未能推送泊位数据。", "reason": "设备更换须经采购程序，四月到货。"}
CLAUSE = {"instrument": "data-security-law", "clause": "38"}
WORDS: dict[str, dict[str, Any]] = {
    "suspend": {"reason": "发现接口异常调用，先行暂停。", "review_by": "2027-06-30"},
    "resume": {"comment": "已查明，恢复。"},
    "propose_amendment": {"terms": terms(items=ITEMS[:1], until="2027-11-30"), "reason": "车场名称不再需要。"},
    "drop_amendment": {"reason": "改由另一协议约定。"},
    "renew": {"valid_until": "2028-12-31"},
    "report_non_performance": REPORT,
    "suspect_breach": {"evidence": "停车公司网站出现同批数据，见附图。"},
    "clear": {"finding": "系公开渠道自采，与共享无关。"},
    "confirm_breach": {"finding": "经查由需求单位外泄。", "leak": True},
    "fulfil": {"comment": "诱导屏建设完成。"},
    "terminate": {"reason": "职能调整，不再需要。"},
    "rule_termination": CLAUSE | {"reason": "超出法定职责。", "meeting": "领导小组2027年第1次会议"},
    "record_provision": {"provided_on": "2027-01-10"},
    "record_custody": {
        "place": "政务云三区数据库",
        "access": ["停车管理处"],
        "retention_until": "2027-12-31",
        "destruction": "到期覆写删除",
        "entrusted": ["市交通信息中心"],
    },
    "dispose": {
        "method": "覆写删除并核验",
        "disposed_on": "2027-01-10",
        "entrusted": ["市交通信息中心"],
        "attested_by": "停车管理处处长",
    },
    "archive": {},
    "mediate": {"proposal": "四月前按周推送文件。"},
    "settle": {"comment": "同意。"},
    "uphold": CLAUSE | {"reason": "设备故障属实，无他法可替代。"},
    "escalate": {"docket": "协调两次未果，请决定是否继续履行。"},
    "rule_for": {"meeting": "领导小组2027年第1次会议", "reason": "暂不具备条件。"},
    "rule_against": {"meeting": "领导小组2027年第1次会议", "reason": "应按协议提供。"},
    "remand": {"instructions": "先试行文件方式。"},
}
MODELS = {
    **{str(action): body for action, body in BODIES.items()},
    **{str(a): b for a, b in coordination.BODIES.items()},
}
ACTIONS = tuple(MODELS)


@cache
def a_concluded_request(*, secret: bool = False, case: str = CASE, begun: datetime = BEGUN) -> Request:
    """Return a request as it was concluded, with its filings; with `secret`, of items of personal privacy."""
    body = Draft.model_validate(draft(CASE))
    made = first_step(body, published_entry(published(CASE)), caller=WHO["requester"], at=NOON, request_id=case)
    first = made.records["request"]
    assert isinstance(first, Request)
    kind = Sensitivity.PERSONAL_PRIVACY if secret else Sensitivity.NONE
    agreed = first.model_copy(update={"state": State.CONCLUDED, "classification": dict.fromkeys(ITEMS, kind)})
    done = {"submitted_at": NOON, "changed_at": begun, "version": 14, "case_seq": 14, "clock": None}
    signed = {"signatures": signatures(agreed.latest.terms_hash)}
    named = {FilingKind.REQUEST: agreed.latest.terms_hash, FilingKind.RESULT: agreed.latest.terms_hash}
    if secret:
        named[FilingKind.CONFIDENTIALITY] = confidentiality_hash(agreed)
        signed["confidentiality"] = signatures(confidentiality_hash(agreed))
    return agreed.model_copy(update=done | signed | {"filings": tuple(map(_filed, named, named.values()))})


def _filed(kind: FilingKind, named: str) -> Filed:
    authority = SECRECY_BUREAU if kind is FilingKind.CONFIDENTIALITY else OFFICE
    return Filed(kind=kind, authority=authority, event_id=f"e-{kind}", terms_hash=named, at=NOON)


def signatures(named: str) -> tuple[Signature, ...]:
    """Return both sides' signatures over a hash."""
    sides = {Party.PROVIDER: PROVIDER, Party.REQUESTER: REQUESTER}
    return tuple(
        Signature(party=party, organisation=code, officer=f"o-{party}", at=NOON, terms_hash=named)
        for party, code in sides.items()
    )


def a_case(*, secret: bool = False) -> Case:
    """Return a case whose agreement has just come into force."""
    request = a_concluded_request(secret=secret)
    return Case({"request": request, "agreement": agreement_of(request)}, {f.event_id: 1 for f in request.filings})


def agreement_of_case(case: Case) -> Agreement:
    """Return the agreement of a case."""
    return agreement_steps.agreement_in(case)


def body_for(case: Case, action: str, **changes: Any) -> Any:
    """Return what an action takes, right for the case: a signature names what is pending."""
    said = WORDS.get(action, {}) | changes
    if action == "sign_amendment":
        pending = agreement_of_case(case).pending
        named = (
            {"terms_hash": "0" * 64}
            if pending is None
            else pending.model_dump(include={"terms_hash", "confidentiality_hash"})
        )
        said = named | changes
    return MODELS[action].model_validate(said)


def step_by(case: Case, who: str, action: str, *, at: datetime = BEGUN, **changes: Any) -> Step:
    """Return what an action by one of WHO leaves behind."""
    body = body_for(case, action, **changes)
    if action in set(coordination.Action):
        return agreement_dispute.coordinate(case, Act(coordination.Action(action), body, WHO[who], at))
    return agreement_steps.take(case, Act(AgreementAction(action), body, WHO[who], at))


def done(case: Case, *acts: str, at: datetime = BEGUN) -> Case:
    """Return the case after acts, each `who action`; `ledger` is every receipt and what comes of it."""
    for act in acts:
        who, _, action = act.partition(" ")
        case = with_receipts(case, at=at) if who == "ledger" else case.after(step_by(case, who, action, at=at).records)
    return case


def with_receipts(case: Case, only: Iterable[str] | None = None, *, at: datetime = BEGUN) -> Case:
    """Return the case with the receipts of its agreement's filings, or of some, and all that it then does by itself."""
    made = [filed.event_id for filed in agreement_of_case(case).filings] if only is None else list(only)
    return by_itself(case._replace(receipts={**case.receipts, **dict.fromkeys(made, 1)}), at)


def by_itself(case: Case, at: datetime) -> Case:
    """Return the case after everything that it does by itself at a moment."""
    while step := next_step(case, at):
        case = case.after(step.records)
    return case


AMENDED = ("requester propose_amendment",)
SIGNED = (*AMENDED, "provider_approver sign_amendment", "requester_approver sign_amendment")
DISPUTED = ("provider report_non_performance",)
# Each way that an agreement can stand in, and how it came there; what begins with SECRET has sensitive items.
STORIES_OF_AGREEMENTS: dict[str, tuple[str, ...]] = {
    "ACTIVE": (),
    "SECRET": (),
    "AMENDED": AMENDED,
    "HALF_SIGNED": SIGNED[:2],
    "SIGNED": SIGNED,
    "RENEWING": ("requester_approver renew",),
    "DISPUTED": DISPUTED,
    "HALF_SETTLED": (*DISPUTED, "requester settle"),
    "ESCALATED": (*DISPUTED, "office escalate"),
    "HALF_TERMINATED": ("provider_approver terminate",),
    "STOPPED_BY_PROVIDER": ("provider suspend",),
    "STOPPED_BY_OFFICE": ("office suspend",),
    "SECRET_STOPPED": ("secrecy suspend",),
    "SUSPECTED": ("provider suspect_breach",),
    "ENDED": ("requester fulfil",),
    "DISPOSED": ("requester fulfil", "requester dispose"),
    "ARCHIVED": ("requester fulfil", "requester dispose", "archives archive"),
}


def told(story: str) -> Case:
    """Return the case of an agreement as a story tells it."""
    return done(a_case(secret=story.startswith("SECRET")), *STORIES_OF_AGREEMENTS[story])


def get(path: str, who: str) -> Reply:
    """Read over HTTP as one of PLAYERS."""
    return call(api.handler, "GET", path, token=bearer(who))


def act(case: str, who: str, action: str, *, version: str | None = None, **changes: Any) -> Reply:
    """Act over HTTP on the version that stands, or on `version`; a signature names what is pending."""
    seen = get(f"/agreements/{case}", "office")
    said: Mapping[str, Any] = WORDS.get(action, {}) | today_in(action) | changes
    if action == "sign_amendment" and not changes:
        said = {name: seen.body["pending"][name] for name in ("terms_hash", "confidentiality_hash")}
    headers = {"If-Match": version or seen.etag}
    return call(api.handler, "POST", f"/agreements/{case}/{action}", token=bearer(who), json=said, headers=headers)


def today_in(action: str) -> dict[str, str]:
    """Return the day that an action says it was done on: over HTTP it is done today."""
    fields = {"dispose": "disposed_on", "record_provision": "provided_on"}
    return {fields[action]: day_in_beijing(now()).isoformat()} if action in fields else {}


def played(case: str, *acts: str) -> str:
    """Play acts over HTTP, each `who action`; `ledger` is every receipt. Return the case's id."""
    for one in acts:
        who, _, action = one.partition(" ")
        if who == "ledger":
            hear_receipts(case)
            continue
        reply = act(case, who, action)
        assert reply.status == 200, (one, reply.body)
    return case


def hear_receipts(case: str) -> None:
    """Play the ledger: every filing of an agreement gets its receipt."""
    for filing in get(f"/agreements/{case}", "office").body["filing"]:
        hear(receipted(case, filing["event_id"], kind=filing["kind"]))


def an_agreement(*, secret: bool = False, requester: str = REQUESTER) -> str:
    """Write a case whose agreement has just come into force, for playing it takes long; return its id."""
    request = a_concluded_request(secret=secret, case=new_id(), begun=now())
    request = request.model_copy(update={"requester": requester})
    agreement = agreement_of(request)
    act_of_the_system = Act(Action.ACTIVATE, None, SYSTEM, now())
    told_as = Told("agreement.activated", activation_of(agreement, request.duty), (requester, PROVIDER))
    made: dict[str, tuple[CaseRecord | None, CaseRecord]] = {"request": (None, request), "agreement": (None, agreement)}
    request_store().save(step_of(request.id, made, act_of_the_system, told_as))
    for filed in request.filings:
        hear(receipted(request.id, filed.event_id, kind=filed.kind))
    return request.id


def a_played_agreement(*, secret: bool = False) -> str:
    """Play a case from its draft until its agreement is in force; return its id."""
    case, asking, _ = a_request("CONF_FILED" if secret else "CONCLUDED")
    deliver_receipts(case, asking)
    return case


def bearer(who: str) -> str | None:
    """Return the token of one of PLAYERS; nobody's for `anonymous`."""
    if who not in PLAYERS:
        return None
    organisation, claims = PLAYERS[who]
    return token(organisation, *claims)
