"""The story of `make demo`: from looking for data to evidence that nobody can alter unseen, over the HTTP API alone.

Read `play` from top to bottom. It needs a running stack with the sample loaded, and may be played again.
"""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tools.govshare.evidence import read_policy
from tools.govshare.failures import EXIT_CODES, NOT_DONE
from tools.govshare.running import RunningStack, running_stack
from tools.proof import prove
from tools.stage import Person, Record, Unexpected, expect, receipted, say

TITLE, PROVIDER, REQUESTER, OFFICE = "空余泊位发送记录", "110107", "transport_commission", "informatization_office"
NEED = "我想建一个全市空余停车位的数据库"
ITEMS = ("空余泊位数", "车场名称")
HARMLESS = {"items": dict.fromkeys(ITEMS, "NONE")}
YEAR, HALF_A_YEAR = timedelta(days=365), timedelta(days=182)
REFUSAL = {
    "instrument": "data-security-law",
    "clause": "38",
    "situation": "需求单位就同一资源再次提出申请,范围超出已签协议。",
    "reason": "收集、使用数据应当在履行法定职责的范围内,超出部分不予提供。",
}

STOPS: tuple[type[Exception], ...] = (Unexpected, *EXIT_CODES)


class Cast(NamedTuple):
    """Who plays: an officer and an approver of the requester and of the provider, and an officer of the office."""

    asking: Person
    asking_approver: Person
    giving: Person
    giving_approver: Person
    office: Person


def main() -> int:
    """Play the story; return 0, or 1 with what was expected and what came."""
    try:
        play(running_stack())
    except STOPS as error:
        print(f"\n演示中断。 The story stops here: {error}", file=sys.stderr)
        return NOT_DONE
    say("演示完成:每一步都与预期一致。", "The end: every answer was what the story says.")
    return 0


def play(stack: RunningStack) -> None:
    """Play every scene in order."""
    policy = read_policy(stack.policy)
    with ExitStack() as afterwards:
        cast = cast_of(stack)
        for person in cast:
            afterwards.callback(person.api.close)
        entry = find(cast)
        request = ask(cast, entry)
        request = negotiate(cast, request)
        request = sign(cast, request)
        request = conclude(cast, request)
        refused = refuse(cast, entry)
        prove(cast.asking, [request["id"], refused["id"]], policy)


def cast_of(stack: RunningStack) -> Cast:
    """Return everyone who plays, each with a token of the local issuer."""
    return Cast(
        asking=Person.of(stack, REQUESTER, "officer"),
        asking_approver=Person.of(stack, REQUESTER, "approver"),
        giving=Person.of(stack, PROVIDER, "officer"),
        giving_approver=Person.of(stack, PROVIDER, "approver"),
        office=Person.of(stack, OFFICE, "officer"),
    )


def find(cast: Cast) -> str:
    """The department looks for parking-space data in words of its own; returns the entry's id."""
    say(
        f"市交通委用自己的话检索:“{NEED}”。",
        "The transport commission searches in words of its own: a database of free parking spaces in the whole city.",
    )
    listing = cast.asking.read(f"/catalog/search?q={NEED}&limit=100&facets=false")
    found = [hit for hit in listing["items"] if (hit["title"], hit["unit"]) == (TITLE, PROVIDER)]
    if not found:
        raise Unexpected(f"{TITLE} of {PROVIDER} is not found: `make up` loads it")
    say(f"找到石景山区的《{TITLE}》。", f"It finds {TITLE} (records of free spaces) of Shijingshan district.")
    say(f"下一步:{found[0]['location']['next']['zh']}。", f"What next: {found[0]['location']['next']['en']}.")
    return str(found[0]["id"])


def ask(cast: Cast, entry: str) -> Record:
    """The department asks for two items of the entry."""
    say(
        "交通委起草共享申请:两个数据项,写明职责、范围、用途与方式;内部审批后提交,即为备案。",
        "It drafts a request: two items, with duty, scope, purpose and method. Its approver submits it, a filing.",
    )
    return _submitted(cast, entry)


def negotiate(cast: Cast, request: Record) -> Record:
    """The district classifies the items and offers less; the department takes the offer."""
    say(
        "石景山区受理,将两项均标为不敏感;随后提出缩小范围、缩短期限的新条件。",
        "The district takes it up, classifies both items as harmless, and counters: fewer rows, half a year.",
    )
    request = cast.giving.act(request, "accept_for_processing", then="UNDER_REVIEW")
    request = cast.giving.act(request, "classify", HARMLESS, then="UNDER_REVIEW")
    narrower = {"terms": terms(rows="路侧停车场", lasts=HALF_A_YEAR)}
    request = cast.giving.act(request, "counter", narrower, then="PRO_COUNTERED")
    say(
        f"交通委同意新条件,并写明其哈希 {request['terms_hash'][:16]}…",
        "The department agrees to exactly these terms, by naming their hash.",
    )
    return cast.asking.act(request, "agree", _named(request), then="TERMS_AGREED")


def sign(cast: Cast, request: Record) -> Record:
    """Both approvers sign the same hash."""
    say(
        "区起草协议,双方审批人对同一哈希签字。", "The district drafts the agreement; both approvers sign the same hash."
    )
    request = cast.giving.act(request, "draft", then="AGREEMENT_DRAFTED")
    request = cast.giving_approver.act(request, "sign", _named(request), then="PRO_SIGNED")
    return cast.asking_approver.act(request, "sign", _named(request), then="SIGNED")


def conclude(cast: Cast, request: Record) -> Record:
    """Both file the result; the agreement waits for the receipts."""
    say("双方分别将协商结果报市信息办备案。", "Both file the result with the informatization office.")
    request = cast.giving.act(request, "file_result", _named(request), then="SIGNED")
    request = cast.asking.act(request, "file_result", _named(request), then="RESULT_FILED")
    there = sum(filing["state"] == "receipted" for filing in request["filing"])
    say(
        f"此刻只有 {there} 份回执(共 {len(request['filing'])} 份备案),协议尚未生效。",
        f"{there} of {len(request['filing'])} receipts are there: the agreement is not active.",
    )
    expect(None, request["agreement"], of="agreement before its receipts")
    path = f"/requests/{request['id']}"
    request = cast.asking.wait(path, _rightly_active, for_what="CONCLUDED with an ACTIVE agreement")
    say("申请与结果的回执到齐,协议生效。", "With the receipts of request and result, the agreement is active.")
    return request


def refuse(cast: Cast, entry: str) -> Record:
    """A second request is refused, reported, and closed; its negative result is filed too."""
    say("交通委再次申请同一资源。", "The department asks for the same resource a second time.")
    request = _submitted(cast, entry)
    say(
        "区依据《数据安全法》第三十八条不予提供,并向市信息办报告情况和理由。",
        "The district refuses, citing Article 38 of the Data Security Law, and reports situation and reason.",
    )
    request = cast.giving.act(request, "refuse", REFUSAL, then="REFUSED")
    path = f"/requests/{request['id']}"
    cast.office.wait(path, lambda seen: receipted(seen, "refusal_report"), for_what="the refusal report's receipt")
    say("报告已备案。交通委接受该决定。", "The report is filed. The department accepts the refusal.")
    request = cast.asking.act(request, "accept_refusal", then="CLOSED_REFUSED")
    request = cast.asking.wait(path, lambda seen: receipted(seen, "result"), for_what="the negative result's receipt")
    say("否定的结果同样备案,并有回执。", "The negative result is filed too, and has its receipt.")
    return request


def terms(*, rows: str, lasts: timedelta) -> dict[str, Any]:
    """Return content, scope, purpose and method, valid from tomorrow for as long as it `lasts`."""
    begins = datetime.now(UTC).date() + timedelta(days=1)
    return {
        "content": {"items": list(ITEMS)},
        "scope": {"areas": [PROVIDER], "rows": rows, "recipients": ["停车管理处"]},
        "purpose": {"code": "city_operation", "text": "停车诱导与路侧停车管理"},
        "method": {"channel": "api", "frequency": "daily", "format": "json"},
        "validity": {"valid_from": begins.isoformat(), "valid_until": (begins + lasts).isoformat()},
    }


def _submitted(cast: Cast, entry: str) -> Record:
    wanted = terms(rows="路侧与公共停车场", lasts=YEAR)
    request = cast.asking.draft({"resource": entry, "duty": "parking_management", "terms": wanted})
    request = cast.asking.act(request, "propose", then="INTERNAL_APPROVAL")
    return cast.asking_approver.act(request, "submit", then="SUBMITTED")


def _named(request: Record) -> Record:
    return {"terms_hash": request["terms_hash"]}


def _rightly_active(request: Record) -> bool:
    """Whether the agreement is active; raises Unexpected should it be so before both receipts are there."""
    active: bool = request["agreement"] == "ACTIVE"
    if active and not (receipted(request, "request") and receipted(request, "result")):
        raise Unexpected("the agreement is active before both receipts are there")
    return active and bool(request["state"] == "CONCLUDED")


if __name__ == "__main__":
    sys.exit(main())
