"""Reading the ledger over HTTP: what is public, what is for whom, and that no read costs more than two AWS calls."""

import json
from urllib.parse import urlsplit

import pytest

from services.audit import listen
from services.audit.api import handler
from services.audit.verify.checkpoint import verify_checkpoint
from services.audit.verify.receipt import parse_receipt, verify_receipt
from services.shared.canonical import canonical
from services.shared.events import Event
from services.shared.organisations import OFFICE
from tests.filing import (
    PROVIDER,
    REQUESTER,
    a_case,
    a_sequencer,
    check_everything,
    log,
    policy,
    prepare_ledger,
    sign,
    take_in,
)
from tests.stack import Calls
from tests.support import Reply, call, token

STRANGER = "sports_bureau"


@pytest.fixture(autouse=True)
def ledger(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def filed() -> list[Event]:
    """A case of four filed events."""
    events = a_case(4)
    take_in(*events)
    a_sequencer().run()
    return events


def get(path: str, organisation: str | None = None, *roles: str) -> Reply:
    """Read as an officer of an organisation, or as nobody in particular."""
    return call(handler, "GET", path, token=token(organisation, *roles) if organisation else None)


def test_before_the_first_filing_there_is_no_checkpoint() -> None:
    answer = get("/audit/checkpoint")

    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_anyone_reads_the_checkpoint_byte_for_byte(filed: list[Event]) -> None:
    answer = get("/audit/checkpoint")

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert verify_checkpoint(answer.body.encode(), policy()).size == len(filed)


def test_a_receipt_and_its_entry_verify_offline(filed: list[Event]) -> None:
    receipt = get(f"/audit/receipts/{filed[2].id}", REQUESTER)
    entry = get("/audit/filings/2", REQUESTER).body

    verdict = verify_receipt(receipt.body.encode(), canonical(entry["entry"]), policy())

    assert receipt.headers["content-type"] == "text/plain; charset=utf-8"
    assert (verdict.index, entry["index"], entry["event_id"]) == (2, 2, filed[2].id)


def test_the_receipt_of_a_filing_says_with_whom_and_as_what_and_that_of_another_step_nothing(
    filed: list[Event],
) -> None:
    filing, step = (get(f"/audit/receipts/{event.id}", REQUESTER).body.encode() for event in filed[:2])

    assert parse_receipt(filing).extra == b'{"authority":"informatization_office","kind":"request"}'
    assert parse_receipt(step).extra == b""


def test_each_step_of_a_case_shows_its_filing_its_state_and_its_evidence(filed: list[Event]) -> None:
    items = get(f"/audit/filings?case={filed[0].case}", REQUESTER).body["items"]

    first, second = items[0], items[1]
    assert first["filing"] == {"authority": OFFICE, "kind": "request"}
    assert second["filing"] is None
    assert {name: second[name] for name in ("type", "state", "index", "receipt", "payload")} == {
        "type": "request.proposed",
        "state": "filed",
        "index": 1,
        "receipt": f"/audit/receipts/{filed[1].id}",
        "payload": None,
    }


@pytest.mark.parametrize("organisation", [REQUESTER, PROVIDER, OFFICE, "supervision_bureau", "archives_bureau"])
def test_those_entitled_read_a_case_in_its_order(filed: list[Event], organisation: str) -> None:
    items = get(f"/audit/filings?case={filed[0].case}", organisation).body["items"]

    assert [item["event_id"] for item in items] == [event.id for event in filed]
    assert [(item["case_seq"], item["state"]) for item in items] == [(n, "filed") for n in range(1, 5)]


def test_a_stranger_learns_nothing_of_a_case(filed: list[Event]) -> None:
    for path in (f"filings?case={filed[0].case}", "filings/0", f"receipts/{filed[0].id}", "tile/entries/000.p/4"):
        assert get(f"/audit/{path}", STRANGER).status == 404


def test_the_anonymous_caller_is_asked_for_a_token(filed: list[Event]) -> None:
    for path in ("filings", "filings/0", f"receipts/{filed[0].id}", "tile/entries/000.p/4"):
        assert get(f"/audit/{path}").status == 401


def test_a_case_is_read_page_by_page(filed: list[Event]) -> None:
    first = get(f"/audit/filings?case={filed[0].case}&limit=3", REQUESTER).body
    second = get(f"/audit/filings?case={filed[0].case}&limit=3&next={first['next']}", REQUESTER).body

    assert [item["case_seq"] for item in (*first["items"], *second["items"])] == [1, 2, 3, 4]
    assert second["next"] is None


def test_a_page_token_of_another_list_is_refused(filed: list[Event]) -> None:
    other = a_case(2)
    take_in(*other)
    token_of_other = get(f"/audit/filings?case={other[0].case}&limit=1", OFFICE).body["next"]

    for path in (f"case={filed[0].case}&next={token_of_other}", "next=-1", "next=x", f"case={filed[0].case}&next=x"):
        assert get(f"/audit/filings?{path}", OFFICE).pointers == ["/query/next"]


def test_overseers_read_the_whole_log_in_index_order(filed: list[Event]) -> None:
    first = get("/audit/filings?limit=3", OFFICE, "auditor").body
    second = get(f"/audit/filings?next={first['next']}", OFFICE).body

    assert [item["index"] for item in (*first["items"], *second["items"])] == [0, 1, 2, 3]
    assert (first["next"], second["next"]) == ("3", None)
    assert get("/audit/filings?next=99", OFFICE).body == {"items": [], "next": None}


def test_others_are_told_to_name_a_case(filed: list[Event]) -> None:
    answer = get("/audit/filings", REQUESTER)

    assert (answer.status, "name a case" in answer.body["detail"]) == (403, True)


def test_an_accepted_event_is_not_yet_filed() -> None:
    (event,) = a_case(1)
    take_in(event)

    answer = get(f"/audit/receipts/{event.id}", REQUESTER)

    assert (answer.status, answer.body["detail"]) == (409, "not yet filed: the event is pending")
    assert get("/audit/filings/0", OFFICE).status == 404
    assert get("/audit/filings", OFFICE).body["items"] == []


def test_an_event_whose_checkpoint_is_not_signed_yet_has_no_receipt() -> None:
    (event,) = a_case(1)
    take_in(event)
    seen: list[Reply] = []

    def look_first(size: int, root: bytes) -> str:
        seen.append(get(f"/audit/receipts/{event.id}", REQUESTER))
        return sign(size, root)

    listen.sequencer(look_first).run()

    assert [answer.status for answer in seen] == [409]
    check_everything([event])


@pytest.mark.parametrize("path", ["receipts/unknown", "filings/99", "filings?case=unknown", "tile/0/1", "tile/x/000"])
def test_what_is_not_there_is_not_found(filed: list[Event], path: str) -> None:
    assert get(f"/audit/{path}", OFFICE).status == 404


@pytest.mark.parametrize("path", ["filings/-1", "filings/one", "filings?limit=0", "filings?limit=101", "filings?case="])
def test_bad_input_is_told(filed: list[Event], path: str) -> None:
    answer = get(f"/audit/{path}", OFFICE)

    assert (answer.status, len(answer.pointers)) == (422, 1)


def test_tiles_are_redirected_to_a_link_that_expires(filed: list[Event]) -> None:
    for path, reader in (("tile/0/000.p/4", None), ("tile/entries/000.p/4", OFFICE)):
        answer = get(f"/audit/{path}", reader)
        address = urlsplit(answer.headers["location"])
        assert (answer.status, address.path.endswith(path)) == (302, True)
        assert "X-Amz-Signature=" in address.query
        assert log().read(path)


def test_hash_tiles_come_from_the_public_address_where_there_is_one(
    filed: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_LOG_BASE_URL", "https://log.example/")

    assert get("/audit/tile/0/000.p/4").headers["location"] == "https://log.example/tile/0/000.p/4"
    assert "X-Amz-Signature=" in get("/audit/tile/entries/000.p/4", OFFICE).headers["location"]


def test_no_read_costs_more_than_two_calls(filed: list[Event], aws_calls: Calls) -> None:
    counted = {}
    for path in (
        "checkpoint",
        "filings",
        f"filings?case={filed[0].case}",
        "filings/1",
        f"receipts/{filed[0].id}",
        "tile/0/000.p/4",
    ):
        aws_calls.clear()
        assert get(f"/audit/{path}", OFFICE).status in {200, 302}
        counted[path.split("?")[0].split("/")[0]] = len(aws_calls.names)
    assert max(counted.values()) <= 2, json.dumps(counted)
