"""What requests do on a deployed stack beside the plain way: a ruling, the bureau's filing, desks, drafts."""

import json
from typing import Any
from uuid import uuid4

from services.requests.agreement_reading import read_back
from services.requests.terms import terms_hash
from services.shared.organisations import LEADING_GROUP, OFFICE, SECRECY_BUREAU
from tests.demand_routes import OTHER, TRIAGE, UNIT, WANTED
from tests.e2e.city import City, Unit, eventually
from tests.sharing import COUNTER, DOCKET, ITEMS, PROVIDER, REASON, REFUSAL, REQUESTER, RULING, draft


def test_what_is_refused_is_ruled_on_drafted_by_itself_and_filed_with_the_secrecy_bureau(
    city: City, entry_id: str
) -> None:
    asking, giving, office = city.unit(REQUESTER), city.unit(PROVIDER), city.unit(OFFICE)
    path = f"/requests/{_created(asking, entry_id)}"
    asking.does(path, "propose")
    asking.does(path, "submit")
    giving.does(path, "refuse", REFUSAL)
    asking.does(path, "coordinate", REASON)
    assert _lies_on(office, path)
    office.does(path, "escalate", DOCKET)
    ruled = city.unit(LEADING_GROUP).does(path, "rule_share", RULING)
    giving.does(path, "classify", {"items": {ITEMS[0]: "PERSONAL_PRIVACY"}})
    named = {"terms_hash": ruled["terms_hash"]}
    eventually(lambda: asking.get(path).json()["state"] == "AGREEMENT_DRAFTED")
    for unit, action in ((giving, "sign"), (asking, "sign"), (giving, "file_result"), (asking, "file_result")):
        unit.does(path, action, named)
    pending = eventually(lambda: (c := asking.get(path).json())["state"] == "CONF_PENDING" and c)
    sworn = {"terms_hash": pending["confidentiality"]["terms_hash"]}
    giving.does(path, "sign_confidentiality", sworn)
    asking.does(path, "sign_confidentiality", sworn)
    eventually(lambda: asking.get(path).json()["agreement"] == "ACTIVE")

    agreement = path.replace("/requests/", "/agreements/")
    text = asking.get(f"{agreement}/text").json()["text"]
    assert terms_hash(read_back(text)) == ruled["terms_hash"]
    assert asking.get(f"{agreement}/odrl").headers["content-type"].startswith("application/ld+json")
    bureau = city.unit(SECRECY_BUREAU)
    listed = [line["id"] for line in bureau.get("/agreements").json()["items"]]
    assert agreement.rpartition("/")[2] in listed
    assert bureau.get(f"{agreement}/text").status_code == 403
    told = eventually(lambda: [n for n in bureau.get("/requests/inbox").json()["items"] if n["filing"]])
    assert {notice["filing"] for notice in told} == {"confidentiality"}


def test_events_that_come_again_and_in_the_wrong_order_do_nothing_twice(city: City) -> None:
    bureau, asking = city.unit(SECRECY_BUREAU), city.unit(REQUESTER)
    case = bureau.get("/agreements").json()["items"][0]["id"]
    before = _standing(asking, bureau, case)
    assert before[2]
    queue, client = city.outputs["RequestsQueueUrl"], city.aws("sqs")
    for line in reversed(asking.get(f"/requests/{case}/history").json()["items"]):
        body = json.dumps(line["event"])
        client.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId=case, MessageDeduplicationId=uuid4().hex)
    eventually(lambda: _is_empty(city, queue))
    assert _standing(asking, bureau, case) == before


def test_an_agreement_is_suspended_and_objected_to_and_every_step_is_in_its_history(city: City, entry_id: str) -> None:
    asking, giving = city.unit(REQUESTER), city.unit(PROVIDER)
    case = next(line for line in asking.get("/agreements").json()["items"] if line["state"] == "ACTIVE")
    path = f"/agreements/{case['id']}"
    raised = asking.post(
        "/objections",
        {"agreement": case["id"], "items": [ITEMS[0]], "records": "2026年11月20日", "wrong": "大于泊位总数"},
    )
    assert raised.status_code == 201, raised.text
    objection = f"/objections/{raised.json()['id']}"
    giving.does(objection, "verify")
    giving.does(objection, "confirm", {"finding": "采集设备时钟偏差"})
    giving.does(objection, "correct", {"corrected": "已更正并重新推送", "corrected_on": "2026-11-20"})
    giving.does(path, "suspend", {"reason": "接口异常调用", "review_by": "2099-12-31"})
    assert asking.get(path).json()["state"] == "SUSPENDED"
    giving.does(path, "resume", {"comment": "已查明"})
    types = [line["event"]["type"] for line in asking.get(f"{path}/history").json()["items"]]
    assert types[-3:] == ["objection.corrected", "agreement.suspended", "agreement.resumed"]


def test_a_demand_that_is_taken_up_is_a_draft_of_its_unit_in_the_catalogue(city: City) -> None:
    filed = city.unit(REQUESTER).post("/demands", WANTED)
    assert filed.status_code == 201, filed.text
    path = f"/demands/{filed.json()['id']}"
    city.unit(OTHER).does(path, "support", {"duty": "district_sharing_110107"})
    city.unit(OFFICE).does(path, "triage", TRIAGE)
    unit = city.unit(UNIT)
    assert _lies_on(unit, path)
    address = unit.does(path, "take_up")["proposal"]["address"]
    made = eventually(lambda: (a := unit.get(address)).status_code == 200 and a.json())
    assert made["state"] == "DRAFT"
    assert city.unit(REQUESTER).get(address).status_code == 404


def _created(asking: Unit, entry_id: str) -> str:
    def created() -> Any:
        answer = asking.post("/requests", draft(entry_id, terms=COUNTER["terms"]))
        return answer if answer.status_code == 201 else None

    return str(eventually(created).json()["id"])


def _standing(asking: Unit, bureau: Unit, case: str) -> tuple[Any, ...]:
    """Return what is stored of a case as those who may see it: its events, its agreement, what the bureau was told."""
    history = [line["event"]["id"] for line in asking.get(f"/requests/{case}/history").json()["items"]]
    notices = [n["event"] for n in bureau.get("/requests/inbox").json()["items"] if case in n["address"]]
    return history, asking.get(f"/agreements/{case}").json(), notices


def _is_empty(city: City, queue: str) -> bool:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = city.aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return not any(int(told[name]) for name in names)


def _lies_on(unit: Unit, path: str) -> bool:
    lines = unit.get("/requests?awaiting=me").json()["items"]
    return any(line["address"] == path for line in lines)


def test_a_sweep_of_a_stack_on_which_nothing_is_due_finds_nothing_and_does_not_fail(city: City) -> None:
    answer = city.aws("lambda").invoke(FunctionName=city.resource("RequestsSweep"), Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert json.loads(answer["Payload"].read())["steps"] == 0
