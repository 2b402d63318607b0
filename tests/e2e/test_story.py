"""The whole way through on a deployed stack: publish, find, request, agree, file, verify; and a refusal."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.audit.verify.entry import verify_case
from services.audit.verify.errors import NotVerified
from services.audit.verify.policy import Policy, trust_log
from services.audit.verify.receipt import parse_receipt
from services.shared.canonical import canonical
from services.shared.organisations import OFFICE
from tests.e2e.city import City, Unit, eventually
from tests.sharing import ITEMS, PROVIDER, REFUSAL, REQUESTER, STRANGER, draft, terms
from tools.govshare.reindex import reindex


def a_draft(city: City, entry_id: str) -> str:
    """Draft a request once the entry has reached the requests service; return its path."""
    asking = city.unit(REQUESTER)

    def created() -> Any:
        answer = asking.post("/requests", draft(entry_id))
        return answer if answer.status_code == 201 else None

    return f"/requests/{eventually(created).json()['id']}"


def submitted(city: City, entry_id: str) -> str:
    path = a_draft(city, entry_id)
    asking = city.unit(REQUESTER)
    asking.does(path, "propose")
    asking.does(path, "submit")
    return path


def signed(city: City, path: str) -> None:
    asking, giving = city.unit(REQUESTER), city.unit(PROVIDER)
    giving.does(path, "accept_for_processing")
    giving.does(path, "classify", {"items": dict.fromkeys(ITEMS, "NONE")})
    offer = giving.does(path, "counter", {"terms": terms(until="2027-06-30")})
    agreed = {"terms_hash": offer["terms_hash"]}
    asking.does(path, "agree", agreed)
    giving.does(path, "draft")
    giving.does(path, "sign", agreed)
    asking.does(path, "sign", agreed)
    giving.does(path, "file_result", agreed)
    asking.does(path, "file_result", agreed)


def evidence(unit: Unit, path: str) -> tuple[list[bytes], list[bytes]] | None:
    """Return every entry of a case as canonical bytes and every receipt, or None while one is not there yet."""
    history = unit.get(f"{path}/history").json()["items"]
    receipts = [unit.get(line["receipt"]) for line in history]
    if any(receipt.status_code != 200 for receipt in receipts):
        return None
    indexes = [parse_receipt(receipt.content).index for receipt in receipts]
    entries = [unit.get(f"/audit/filings/{index}").json()["entry"] for index in indexes]
    return [canonical(entry) for entry in entries], [receipt.content for receipt in receipts]


def policy(city: City) -> Policy:
    """Return the policy that pins the deployed log's key, as an operator gets it."""
    answer = city.aws("lambda").invoke(FunctionName=city.resource("AuditSigner"), Payload=b'{"action":"vkey"}')
    return trust_log(json.loads(answer["Payload"].read())["vkey"])


def test_an_agreement_comes_into_force_and_every_receipt_verifies_offline(city: City, entry_id: str) -> None:
    path = submitted(city, entry_id)
    signed(city, path)
    asking = city.unit(REQUESTER)
    case = eventually(lambda: (c := asking.get(path).json())["state"] == "CONCLUDED" and c)
    assert case["agreement"] == "ACTIVE"
    assert {filing["state"] for filing in case["filing"]} == {"receipted"}

    entries, receipts = eventually(lambda: evidence(asking, path))
    assert json.loads(entries[-1])["type"] == "agreement.activated"
    assert len(verify_case(entries, receipts, policy(city)).verdicts) == len(entries)
    altered = entries[0].replace(b"request.created", b"request.creatod")
    with pytest.raises(NotVerified):
        verify_case([altered, *entries[1:]], receipts, policy(city))


def test_a_refusal_is_reported_accepted_and_filed(city: City, entry_id: str) -> None:
    path = submitted(city, entry_id)
    asking = city.unit(REQUESTER)
    refused = city.unit(PROVIDER).does(path, "refuse", REFUSAL)
    report = refused["filing"][-1]
    assert (report["kind"], report["authority"]) == ("refusal_report", OFFICE)
    assert city.unit(OFFICE).get(path).json()["refusal"]["reason"] == REFUSAL["reason"]

    eventually(lambda: asking.act(path, "accept_refusal").status_code == 200)
    closed = eventually(lambda: (c := asking.get(path).json())["filing"][-1]["state"] == "receipted" and c)
    assert (closed["state"], closed["filing"][-1]["kind"]) == ("CLOSED_REFUSED", "result")


def test_of_two_racing_decisions_one_wins_and_the_other_is_refused(city: City, entry_id: str) -> None:
    path = submitted(city, entry_id)
    asking, giving = city.unit(REQUESTER), city.unit(PROVIDER)
    etag = asking.get(path).headers["ETag"]
    with ThreadPoolExecutor(2) as pool:
        answers = [
            pool.submit(giving.act, path, "refuse", REFUSAL, etag=etag),
            pool.submit(asking.act, path, "withdraw", {"reason": "不再需要"}, etag=etag),
        ]
        statuses = sorted(answer.result().status_code for answer in answers)
    assert statuses[0] == 200
    assert statuses[1] in {409, 412}
    types = [line["event"]["type"] for line in asking.get(f"{path}/history").json()["items"]]
    assert len(types) == 4


def test_an_index_that_is_made_anew_finds_the_same(city: City, entry_id: str) -> None:
    assert reindex(city.resource("CatalogIndex"), city.deployment.endpoint) > 0
    found = Unit(city, None).get("/catalog/search?q=空余泊位发送记录&limit=100").json()["items"]
    assert entry_id in [hit["id"] for hit in found]


def test_strangers_and_the_anonymous_see_nothing_of_a_case(city: City, entry_id: str) -> None:
    path = submitted(city, entry_id)
    case = path.removeprefix("/requests/")
    assert city.unit(STRANGER).get(path).status_code == 404
    assert Unit(city, None).get(path).status_code == 401
    assert city.unit(STRANGER).get(f"/audit/filings?case={case}").status_code == 404
    for bad in ("e30.e30.e30", city.token(REQUESTER) + "x"):
        assert Unit(city, bad).get(path).status_code == 401
