"""An entry whose words were erased: it still verifies offline, alone and in its case, and the ledger says who erased
them; the erasure is an entry too."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.audit import listen
from services.audit.api import handler
from services.audit.verify.entry import verify_case
from services.audit.verify.receipt import verify_receipt
from services.shared.canonical import canonical
from services.shared.erasure import erasure_case, erasure_id
from services.shared.organisations import OFFICE, SUPERVISION_BUREAU
from tests.erasing import Written, a_refusal, erase
from tests.filing import a_sequencer, policy, standing_ledger
from tests.sharing import PROVIDER, REQUESTER, STRANGER
from tests.stack import CALLS
from tests.support import Pump, Reply, call, token


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[dict[str, str]]:
    """One ledger for all tests here; what a test erases it has made for itself."""
    with standing_ledger() as made:
        yield made


@pytest.fixture(scope="module")
def pump(stack: dict[str, str]) -> Pump:
    """The platform between the requests' table and the ledger."""
    return Pump(stack["RequestsTable"], listen.intake)


@pytest.fixture
def refusal(stack: dict[str, str], pump: Pump) -> Written:
    """The words of a refusal whose case is filed."""
    refusal = a_refusal(stack["RequestsTable"])
    file(pump)
    return refusal


@pytest.fixture(scope="module")
def erased(stack: dict[str, str], pump: Pump) -> Written:
    """The words of another, erased, and the erasure filed."""
    refusal = a_refusal(stack["RequestsTable"])
    assert erase("/requests/erasures", refusal.asked(), PROVIDER).status == 201
    file(pump)
    return refusal


def file(pump: Pump) -> None:
    pump.run()
    a_sequencer().run()


def get(path: str, organisation: str = OFFICE) -> Reply:
    return call(handler, "GET", f"/audit/{path}", token=token(organisation))


def timeline(case: str, organisation: str = OFFICE) -> list[dict[str, Any]]:
    """Return a case's steps as somebody sees them."""
    items: list[dict[str, Any]] = get(f"filings?case={case}", organisation).body["items"]
    return items


def step_of(event: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return next(item for item in items if item["event_id"] == event)


def evidence(item: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return the entry and the receipt of a step, as its readers get them."""
    entry = canonical(get(f"filings/{item['index']}").body["entry"])
    return entry, get(f"receipts/{item['event_id']}").body.encode()


def test_a_step_says_that_its_words_are_kept(refusal: Written) -> None:
    item = step_of(refusal.event, timeline(refusal.case))

    assert item["payload"] == {"sha256": refusal.sha256, "state": "kept", "erased_by": None}
    assert get(f"filings/{item['index']}").body["payload"] == item["payload"]
    assert [each["payload"] is None for each in timeline(refusal.case)] == [False, True, True, False]


@pytest.mark.parametrize("reader", [PROVIDER, REQUESTER, OFFICE, SUPERVISION_BUREAU])
def test_once_they_are_erased_it_says_by_which_event(erased: Written, reader: str) -> None:
    item = step_of(erased.event, timeline(erased.case, reader))

    assert item["payload"] == {"sha256": erased.sha256, "state": "erased", "erased_by": erasure_id(erased.event)}
    assert get(f"filings/{item['index']}", reader).body["payload"] == item["payload"]
    in_the_log = step_of(erased.event, get(f"filings?next={item['index']}").body["items"])
    assert in_the_log["payload"] == item["payload"]


def test_nothing_else_of_the_case_is_erased_or_changed(refusal: Written, pump: Pump) -> None:
    before = timeline(refusal.case)
    erase("/requests/erasures", refusal.asked(), PROVIDER)
    file(pump)

    after = timeline(refusal.case)

    assert [item for item in after if item["event_id"] != refusal.event] == [
        item for item in before if item["event_id"] != refusal.event
    ]


def test_an_erasure_that_is_not_filed_yet_is_not_told_yet(refusal: Written, pump: Pump) -> None:
    erase("/requests/erasures", refusal.asked(), PROVIDER)
    pump.run()

    assert step_of(refusal.event, timeline(refusal.case))["payload"]["state"] == "kept"
    assert timeline(erasure_case(refusal.event))[0]["state"] == "pending"


def test_the_receipt_of_an_erased_entry_still_verifies_offline(erased: Written) -> None:
    item = step_of(erased.event, timeline(erased.case))
    entry, receipt = evidence(item)

    assert verify_receipt(receipt, entry, policy()).index == item["index"]


def test_the_case_of_an_erased_entry_still_verifies_offline(erased: Written) -> None:
    items = timeline(erased.case)
    entries, receipts = zip(*map(evidence, items), strict=True)

    verdict = verify_case(entries, receipts, policy())

    assert (verdict.case, len(verdict.verdicts)) == (erased.case, len(items))


def test_a_party_that_sees_a_case_from_its_submission_on_still_does(erased: Written) -> None:
    items = timeline(erased.case, PROVIDER)
    entries, receipts = zip(*map(evidence, items), strict=True)

    assert [item["case_seq"] for item in items] == [3, 4]
    assert verify_case(entries, receipts, policy(), first=3).first == 3


def test_the_erasure_is_filed_with_the_office_and_verifies_like_any_case(erased: Written) -> None:
    (item,) = timeline(erasure_case(erased.event), REQUESTER)

    assert (item["event_id"], item["type"]) == (erasure_id(erased.event), "payload.erased")
    assert item["filing"] == {"kind": "erasure", "authority": OFFICE}
    entry, receipt = evidence(item)
    assert verify_case([entry], [receipt], policy()).case == erasure_case(erased.event)
    body = get(f"filings/{item['index']}").body["entry"]["body"]
    assert body["payload_sha256"] == erased.sha256
    assert get(f"filings?case={erasure_case(erased.event)}", STRANGER).status == 404


def test_the_states_of_a_whole_page_cost_one_call_more(erased: Written) -> None:
    index = step_of(erased.event, timeline(erased.case))["index"]
    for path in (f"filings?case={erased.case}", "filings", f"filings/{index}"):
        CALLS.clear()
        assert get(path).status == 200
        assert CALLS.names.count("BatchGetItem") == 1
        assert len(CALLS.names) <= 3
