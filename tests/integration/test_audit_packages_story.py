"""What becomes of a case: filed, closed, packaged, fetched, received, and the transfer's receipt in the ledger; and a
case that goes on after that."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest

from services.audit.bags import Bag
from services.audit.listen import sequencer
from services.audit.package import package_id
from services.audit.packaging import carry_out, plan_for, read_case
from services.audit.signer import SigningRefused
from services.audit.verify.entry import verify_case
from services.audit.verify.receipt import verify_receipt
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import now
from services.shared.dynamo import dynamodb, item_of
from services.shared.erasure import Ground, erase
from services.shared.errors import Conflict
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE
from tests.archiving import HERE, act, bag_of, get, prepare, receive, returned, zip_of
from tests.filing import NOON, REQUESTER, entries, policy, store, take_in
from tests.filing import receipt as receipt_of
from tests.packages import (
    AGREED,
    OFFERED,
    REFUSED,
    SIDES,
    Step,
    a_ledger,
    events_of,
    file_events,
    file_own_events,
    judged_by,
    put_back,
)
from tests.stack import empty
from tests.support import events_in

DISPOSED: Step = ("agreement.disposed", AGREED | {"state": "DISPOSED", "disposed_on": "2026-11-23", "remains": False})
ARCHIVED: Step = ("agreement.archived", AGREED | {"state": "ARCHIVED"})
WITHDRAWN: Step = ("objection.withdrawn", SIDES | {"state": "WITHDRAWN", "number": 1})
OVERDUE: Step = ("request.overdue", OFFERED | {"state": "CLOSED_REFUSED", "clock": "x", "due_at": None})


@pytest.fixture(scope="module")
def ledger(stack_in_memory: dict[str, str]) -> Iterator[str]:
    """The ledger, with one case in it."""
    with a_ledger(stack_in_memory) as case:
        yield case


@pytest.fixture(autouse=True)
def case(ledger: str) -> Iterator[str]:
    """The one case that the ledger holds: a refused request, closed with its last event."""
    with put_back():
        yield ledger


def go_on(case: str, *steps: Step, start: int = 5) -> None:
    file_events(*events_of(*steps, case=case, start=start))


def below(bag: Bag, folder: str) -> list[bytes]:
    return [bag.payload[name] for name in sorted(bag.payload) if name.startswith(folder)]


def test_a_closed_case_goes_to_the_archives_and_the_transfer_into_the_ledger(case: str) -> None:
    prepared = prepare(case)
    assert (prepared.status, prepared.headers["location"]) == (201, f"{HERE}/{package_id(case, 1)}")
    assert (prepared.body["state"], prepared.body["report"]["passed"]) == ("PREPARED", True)

    bag = bag_of(prepared)
    assert sha256(bag.files["tagmanifest-sha256.txt"]).hexdigest() == prepared.body["manifest_sha256"]
    assert judged_by(policy(), bag, read_case(case)).passed
    own, receipts = (below(bag, folder) for folder in ("entries/", "receipts/"))
    assert verify_case(own, receipts, policy()).case == case

    received = receive(get(f"{HERE}/{prepared.body['id']}"))
    assert (received.status, received.body["state"], received.body["actions"]) == (200, "TRANSFERRED", [])
    assert received.body["filing"]["state"] == "pending"

    told = file_own_events()
    assert [event.type for event in told] == ["archive.prepared", "archive.transferred"]
    filed: dict[str, Any] = get(f"{HERE}/{prepared.body['id']}").body["filing"]
    assert (filed["kind"], filed["authority"], filed["state"]) == ("archive", ARCHIVES_BUREAU, "receipted")
    entry = entries()[filed["index"]]
    assert json.loads(entry)["body"]["manifest_sha256"] == prepared.body["manifest_sha256"]
    assert verify_receipt(receipt_of(told[1]), entry, policy()).index == filed["index"]


def test_the_filed_transfer_is_answered_with_a_receipt_like_any_filing(case: str) -> None:
    receive(prepare(case))
    _, transferred = file_own_events()

    receipts = [event for event in events_in(os.environ["AUDIT_TABLE"]) if event.type == "filing.receipted"]
    assert [event.body["kind"] for event in receipts if event.body["event_id"] == transferred.id] == ["archive"]


def test_what_is_archived_stays_in_the_log(case: str) -> None:
    before = entries()
    receive(prepare(case))
    file_own_events()

    assert entries()[: len(before)] == before


def test_a_returned_package_is_prepared_again_with_what_came_meanwhile(case: str) -> None:
    back = act(prepare(case), "return", {"failed": ["viruses", "schema"]})
    assert (back.body["state"], back.body["failed"]) == ("RETURNED", ["viruses", "schema"])
    assert get(f"{HERE}/{back.body['id']}", OFFICE).body["actions"] == ["prepare"]
    go_on(case, WITHDRAWN)
    again = act(back, "prepare", {}, OFFICE)

    assert (again.status, again.body["state"], again.body["entries"]) == (200, "PREPARED", 5)
    assert (again.body["id"], again.body["edition"], again.body["failed"]) == (back.body["id"], 1, [])
    assert again.body["manifest_sha256"] != back.body["manifest_sha256"]
    assert receive(again).status == 200


def test_a_case_that_goes_on_after_its_transfer_gets_a_package_that_supersedes_the_first(case: str) -> None:
    first = receive(prepare(case))
    go_on(case, WITHDRAWN)
    following = prepare(case)

    assert (following.body["edition"], following.body["supersedes"]) == (2, first.body["id"])
    xml = bag_of(following).payload["eep.xml"].decode()
    assert f"<原封装包标识符>{first.body['id']}</原封装包标识符>" in xml
    assert get(f"{HERE}/{first.body['id']}").body["state"] == "TRANSFERRED"


def test_a_case_that_goes_on_while_its_package_waits_is_not_packaged_twice(case: str) -> None:
    prepared = prepare(case)
    go_on(case, WITHDRAWN)
    refused = prepare(case)

    assert (refused.status, refused.pointers) == (409, ["/case"])
    assert prepared.body["id"] in refused.body["errors"][0]["detail"]


def test_a_case_that_is_open_again_is_not_prepared_again(case: str) -> None:
    back = returned(prepare(case))
    go_on(case, ("objection.raised", SIDES | {"state": "RAISED", "number": 1, "items": ("x",)}))

    assert act(back, "prepare", {}).status == 409


def test_what_the_archives_do_with_a_case_does_not_make_another_package_of_it() -> None:
    done = events_of(*REFUSED, DISPOSED)
    file_events(*done)
    receive(prepare(done[0].case))
    go_on(done[0].case, ARCHIVED, start=6)

    refused = prepare(done[0].case)
    assert (refused.status, "packaged" in refused.body["detail"]) == (409, True)


def test_a_package_s_own_case_is_not_packaged(case: str) -> None:
    package = receive(prepare(case)).body["id"]
    file_own_events()

    refused = prepare(package)
    assert (refused.status, "not packaged" in refused.body["detail"]) == (409, True)


def test_a_case_of_which_something_still_waits_to_be_filed_is_refused(case: str) -> None:
    take_in(*events_of(OVERDUE, case=case, start=5))

    refused = prepare(case)
    assert (refused.status, "still being filed" in refused.body["detail"]) == (409, True)


def test_a_case_whose_last_batch_is_not_published_yet_is_refused(case: str) -> None:
    def fails(size: int, root: bytes) -> str:
        raise SigningRefused(f"{size} {root.hex()}")

    take_in(*events_of(OVERDUE, case=case, start=5))
    with pytest.raises(SigningRefused):
        sequencer(fails).run()

    refused = prepare(case)
    assert (refused.status, "still being filed" in refused.body["detail"]) == (409, True)


def test_a_case_that_the_index_does_not_show_in_full_is_refused(case: str) -> None:
    mark = store().marks_of(case, limit=1, after=None)[0][0]
    dynamodb().update_item(
        TableName=os.environ["AUDIT_TABLE"],
        Key=item_of({"pk": f"EVT#{mark.event_id}", "sk": "EVT"}),
        UpdateExpression="REMOVE case_id",
    )

    refused = prepare(case)
    assert (refused.status, "still being filed" in refused.body["detail"]) == (409, True)


def test_an_erasure_that_is_filed_is_told_in_the_package() -> None:
    events = events_of(*REFUSED)
    officer = Caller(organisation=REQUESTER, officer="o-1", claims=frozenset({Claim.APPROVER}))
    _, told = erase(events[1], str(events[1].payload_sha256), Ground.WRONGLY_GIVEN, officer, NOON)
    file_events(*events, told)
    xml = bag_of(prepare(events[0].case)).payload["eep.xml"].decode()

    assert f'删除行为标识符="{told.id}"' in xml
    assert xml.count('状态="由记录单位保管"') == 1


def test_no_package_can_be_made_before_the_log_has_signed_anything(case: str) -> None:
    plan = plan_for(case, now())
    empty({"AuditTable": os.environ["AUDIT_TABLE"]})
    with pytest.raises(Conflict, match="signed nothing"):
        carry_out(plan, SYSTEM, now())


def test_a_bag_that_is_lost_is_made_again_byte_for_byte_from_the_log(case: str) -> None:
    prepared = prepare(case)
    before, at = zip_of(prepared), datetime.fromisoformat(prepared.body["prepared_at"])
    empty({"FilesBucket": os.environ["FILES_BUCKET"]})
    returned(prepared)
    carry_out(plan_for(case, at), SYSTEM, at)

    assert zip_of(get(f"{HERE}/{prepared.body['id']}")) == before
