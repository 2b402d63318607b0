"""What was written with an event can be erased for good, by two services in the same way: its key, its salt and its
box go, who could read it is told so, its words go from the records of its case, and nothing else of that is touched.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import boto3
import pytest

from services.catalog import api as catalog
from services.requests import api as requests
from services.requests.erasures_api import BOUND
from services.requests.request import Request
from services.requests.terms import terms_hash
from services.shared.callers import Caller, Claim
from services.shared.canonical import canonical, now
from services.shared.dynamo import dynamodb, load_case, record_in
from services.shared.erasure import MARK, ErasureAsked, ErasureView, erasure_case, erasure_id
from services.shared.erasure_store import ATTEMPTS, Attempt, Kept, erase_payload
from services.shared.errors import Gone, Stale
from services.shared.events import Event
from services.shared.organisations import OFFICE, STATISTICS_BUREAU, SUPERVISION_BUREAU
from services.shared.payloads import open_payload, place, s3
from tests.erasing import Written, a_comment, a_draft, a_refusal, erase, holds, says, told_as
from tests.routes import items_of
from tests.sharing import PROVIDER, REASON, REFUSAL, REQUESTER, STRANGER, Side
from tests.stack import CALLS, at_once, stored
from tests.standing import standing_stack
from tests.support import Reply, call, events_in, token

REQUESTS = "/requests/erasures"


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[dict[str, str]]:
    """One stack for all tests here; each works on a case of its own."""
    with standing_stack() as made:
        yield made


@pytest.fixture
def bucket(stack: dict[str, str]) -> str:
    return stack["PayloadBucket"]


@pytest.fixture
def refusal(stack: dict[str, str]) -> Written:
    """The words of a refusal, which the provider wrote."""
    return a_refusal(stack["RequestsTable"])


@pytest.fixture(scope="module")
def standing(stack: dict[str, str]) -> Written:
    """The words of a refusal that no test here erases."""
    return a_refusal(stack["RequestsTable"])


def read(refusal: Written, organisation: str) -> Reply:
    path = f"/requests/{refusal.case}/payloads/{refusal.event}"
    return call(requests.handler, "GET", path, token=token(organisation))


def erasures_in(table: str, of: Written) -> list[Event]:
    return [event for event in events_in(table) if event.case == erasure_case(of.event)]


def test_key_salt_and_box_are_gone_and_the_hash_stays(refusal: Written, bucket: str) -> None:
    assert read(refusal, PROVIDER).body["content"]["reason"] == REFUSAL["reason"]
    assert holds(refusal.table, refusal.key)
    assert holds(refusal.table, refusal.salt)

    answer = erase(REQUESTS, refusal.asked(), PROVIDER)

    assert (answer.status, answer.body["payload_sha256"], answer.body["by"]) == (201, refusal.sha256, PROVIDER)
    assert not holds(refusal.table, refusal.key)
    assert not holds(refusal.table, refusal.salt)
    assert not refusal.box_in(bucket)
    assert refusal.item["sha256"] == refusal.sha256
    assert refusal.item.keys() == {"pk", "sk", "readers", "sha256", "erased"}


def test_who_guesses_the_words_cannot_tell_that_they_are_right(refusal: Written) -> None:
    words = canonical(read(refusal, PROVIDER).body["content"])
    assert hashlib.sha256(refusal.salt + words).hexdigest() == refusal.sha256

    erase(REQUESTS, refusal.asked(), PROVIDER)

    left = repr([refusal.item, items_of(refusal.table, erasure_case(refusal.event))])
    texts = {"", *re.findall(r"[^\"'\\]+", left)}
    salts = [*(text.encode() for text in texts), *(bytes.fromhex(text) for text in texts if len(text) == 64)]
    assert bytes.fromhex(refusal.sha256) in salts  # what is left was taken apart
    assert refusal.sha256 not in {hashlib.sha256(salt + words).hexdigest() for salt in salts}


def test_readers_are_told_that_it_was_erased_and_others_nothing(refusal: Written) -> None:
    before = {reader: read(refusal, reader).status for reader in (PROVIDER, REQUESTER, OFFICE, STRANGER)}
    assert before == {PROVIDER: 200, REQUESTER: 200, OFFICE: 200, STRANGER: 404}

    erase(REQUESTS, refusal.asked(), PROVIDER)

    for reader in (PROVIDER, REQUESTER, OFFICE):
        answer = read(refusal, reader)
        assert (answer.status, answer.body["title"]) == (410, "Gone")
        assert f"by {PROVIDER}: personal information is to be deleted (PIPL Art. 47)" in answer.body["detail"]
    for stranger in (STRANGER, SUPERVISION_BUREAU):
        assert read(refusal, stranger).status == 404


@pytest.mark.parametrize("organisation", [PROVIDER, OFFICE])
def test_an_approver_of_who_wrote_it_or_of_the_office_may_erase(
    refusal: Written, bucket: str, organisation: str
) -> None:
    assert erase(REQUESTS, refusal.asked(), organisation).status == 201
    assert not refusal.box_in(bucket)


# Of a refusal that the provider wrote and both sides and the office read.
@pytest.mark.parametrize(
    ("organisation", "role", "status"),
    [
        (None, "", 401),
        (PROVIDER, "officer", 403),
        (PROVIDER, "administrator", 403),
        (PROVIDER, "auditor", 403),
        (OFFICE, "officer", 403),
        (REQUESTER, "approver", 403),
        (REQUESTER, "officer", 403),
        (STRANGER, "approver", 404),
        (STATISTICS_BUREAU, "approver", 404),
        (SUPERVISION_BUREAU, "approver", 404),
        (SUPERVISION_BUREAU, "auditor", 404),
    ],
)
def test_everybody_else_is_refused_and_nothing_is_changed(
    standing: Written, bucket: str, organisation: str | None, role: str, status: int
) -> None:
    before = stored(standing.table)

    assert erase(REQUESTS, standing.asked(), organisation, *([role] if role else [])).status == status

    assert stored(standing.table) == before
    assert standing.box_in(bucket)


@pytest.mark.parametrize("unknown", ["case", "event_id"])
def test_what_is_not_there_is_not_found(standing: Written, unknown: str) -> None:
    asked = standing.asked() | {unknown: "01a211ee-0000-7000-8000-000000000000"}

    assert erase(REQUESTS, asked, PROVIDER).status == 404


def test_an_event_of_another_case_is_not_found_in_this_one(refusal: Written, standing: Written) -> None:
    assert erase(REQUESTS, refusal.asked() | {"case": standing.case}, OFFICE).status == 404


def test_where_nothing_was_written_there_is_nothing_to_erase(standing: Written) -> None:
    lines = Side(PROVIDER).get(f"/requests/{standing.case}/history").body["items"]
    silent = next(line["event"] for line in lines if line["payload"] is None)

    answer = erase(REQUESTS, standing.asked() | {"event_id": silent["id"]}, OFFICE)

    assert (answer.status, "nothing that could be erased" in answer.body["detail"]) == (409, True)


def test_a_second_erasure_answers_as_the_first_whoever_asks(refusal: Written) -> None:
    first = erase(REQUESTS, refusal.asked(), PROVIDER)

    second = erase(REQUESTS, refusal.asked("court_order"), OFFICE)

    assert (second.status, second.body) == (first.status, first.body)
    assert [event.body["ground"] for event in erasures_in(refusal.table, refusal)] == ["personal_information"]


def test_a_key_serves_one_body(refusal: Written) -> None:
    first = erase(REQUESTS, refusal.asked(), PROVIDER, key="key-of-a-refusal")

    assert erase(REQUESTS, refusal.asked(), PROVIDER, key="key-of-a-refusal").body == first.body
    assert erase(REQUESTS, refusal.asked("court_order"), PROVIDER, key="key-of-a-refusal").status == 422


def test_of_many_erasures_at_once_one_is_made_and_all_are_answered_alike(refusal: Written, bucket: str) -> None:
    asked, claims = ErasureAsked.model_validate(refusal.asked()), frozenset({Claim.APPROVER})
    callers = [Caller(organisation=who, officer="o-1", claims=claims) for who in (PROVIDER, OFFICE) * 3]
    moves = [
        partial(erase_payload, Kept(refusal.table, bucket, BOUND), Attempt(asked, each, now())) for each in callers
    ]

    outcomes = at_once(*moves)

    made = [each for each in outcomes if isinstance(each, ErasureView)]
    assert made
    assert all(each == made[0] for each in made)
    assert all(isinstance(each, Stale) for each in outcomes if each not in made)
    assert len(erasures_in(refusal.table, refusal)) == 1
    assert not refusal.box_in(bucket)


def test_after_a_crash_no_key_opens_what_is_left_and_repeating_deletes_it(refusal: Written, bucket: str) -> None:
    with CALLS.crash("after", 1):
        erase(REQUESTS, refusal.asked(), PROVIDER)

    assert CALLS.crashed
    assert refusal.box_in(bucket)
    assert not holds(refusal.table, refusal.key)
    assert read(refusal, PROVIDER).status == 410

    assert erase(REQUESTS, refusal.asked(), PROVIDER).status == 201
    assert not refusal.box_in(bucket)
    assert len(erasures_in(refusal.table, refusal)) == 1


def test_a_crash_before_the_transaction_erases_nothing(refusal: Written, bucket: str) -> None:
    with CALLS.crash("before", 1):
        erase(REQUESTS, refusal.asked(), PROVIDER)

    assert CALLS.crashed
    assert refusal.box_in(bucket)
    assert read(refusal, PROVIDER).status == 200
    assert erasures_in(refusal.table, refusal) == []


def test_who_reads_while_it_is_being_erased_is_told_so(refusal: Written, bucket: str) -> None:
    with (
        before_each_call("s3.GetObject", lambda: erase(REQUESTS, refusal.asked(), PROVIDER)),
        pytest.raises(Gone),
    ):
        open_payload(refusal.table, bucket, refusal.address, reader=REQUESTER)


def test_a_box_that_is_missing_without_an_erasure_is_our_failure(refusal: Written, bucket: str) -> None:
    boto3.client("s3").delete_object(Bucket=bucket, Key=place(*refusal.address))

    with pytest.raises(s3().exceptions.NoSuchKey):
        open_payload(refusal.table, bucket, refusal.address, reader=REQUESTER)


def test_its_words_stand_nowhere_any_more_and_the_case_goes_on(stack: dict[str, str]) -> None:
    reason, situation = "含患者王某的就诊记录，不得提供。", "Wang Mou is a patient"
    refusal, asking = a_refusal(stack["RequestsTable"], reason=reason, situation=situation), Side(REQUESTER)
    assert says(refusal.table, reason)
    assert says(refusal.table, situation)
    seen = asking.get(f"/requests/{refusal.case}")

    answer = erase(REQUESTS, refusal.asked(), PROVIDER)

    assert (answer.status, answer.body["kept_in"]) == (201, [])
    assert not says(refusal.table, reason)
    assert not says(refusal.table, situation)
    shown = asking.get(f"/requests/{refusal.case}")
    assert shown.body["refusal"] == seen.body["refusal"] | {"reason": MARK, "situation": MARK}
    assert reason not in repr(asking.get(f"/requests/{refusal.case}/history").body)
    assert read(refusal, REQUESTER).status == 410
    moved = asking.act(refusal.case, "coordinate", REASON, version=seen.etag)
    assert (moved.status, moved.body["state"]) == (200, "COORDINATION")


def test_nothing_else_of_the_case_is_touched(refusal: Written) -> None:
    before = {item["sk"]: item for item in items_of(refusal.table, refusal.case)}

    erase(REQUESTS, refusal.asked(), PROVIDER)

    after = {item["sk"]: item for item in items_of(refusal.table, refusal.case)}
    assert before.keys() == after.keys()
    changed = {sk for sk, item in after.items() if item != before[sk]}
    assert changed == {"STATE#request", f"PAYLOAD#{refusal.event}"}
    old, new = before["STATE#request"], after["STATE#request"]
    assert {name for name in old if old[name] != new[name]} == {"record", "erasures"}
    was, now_is = json.loads(old["record"]), json.loads(new["record"])
    assert now_is == was | {"refusal": was["refusal"] | {"reason": MARK, "situation": MARK}}


def test_what_a_hash_binds_stays_and_the_answer_says_where(stack: dict[str, str]) -> None:
    urgent = {"work_area": "public_service", "reason": "救治患者赵某"}
    draft = a_draft(stack["RequestsTable"], urgency=urgent)
    assert says(draft.table, urgent["reason"])

    answer = erase(REQUESTS, draft.asked(), REQUESTER)

    kept_in = ["/request/entry", "/request/offers/0/terms"]
    assert (answer.status, sorted(answer.body["kept_in"])) == (201, kept_in)
    assert erase(REQUESTS, draft.asked(), REQUESTER).body == answer.body
    assert not says(draft.table, urgent["reason"])
    request = record_in(load_case(draft.table, draft.case), "request", Request)
    assert request is not None
    assert terms_hash(request.latest.terms) == request.latest.terms_hash
    assert request.urgency is not None
    assert (request.urgency.reason, request.urgency.work_area) == (MARK, urgent["work_area"])
    assert Side(PROVIDER).act(draft.case, "accept_for_processing").status == 200


def test_a_step_in_between_makes_it_look_again(stack: dict[str, str]) -> None:
    reason, asking = "含患者钱某的就诊记录。", Side(REQUESTER)
    refusal = a_refusal(stack["RequestsTable"], reason=reason)

    with before_each_call("dynamodb.TransactWriteItems", lambda: asking.act(refusal.case, "coordinate", REASON)):
        answer = erase(REQUESTS, refusal.asked(), PROVIDER)

    assert answer.status == 201
    assert not says(refusal.table, reason)
    assert asking.get(f"/requests/{refusal.case}").body["state"] == "COORDINATION"
    assert len(erasures_in(refusal.table, refusal)) == 1


def test_a_step_that_read_before_does_not_bring_words_back(stack: dict[str, str]) -> None:
    refusal, asking = a_refusal(stack["RequestsTable"]), Side(REQUESTER)
    etag = asking.get(f"/requests/{refusal.case}").etag

    with before_each_call("dynamodb.TransactWriteItems", lambda: erase(REQUESTS, refusal.asked(), PROVIDER)):
        overtaken = asking.act(refusal.case, "coordinate", REASON, version=etag)

    assert overtaken.status == 412
    assert asking.get(f"/requests/{refusal.case}").body["refusal"]["reason"] == MARK
    moved = asking.act(refusal.case, "coordinate", REASON, version=etag)
    assert (moved.status, moved.body["refusal"]["reason"]) == (200, MARK)


def test_two_erasures_in_one_record_undo_nothing_of_each_other(stack: dict[str, str]) -> None:
    why, dispute = "含患者孙某的就诊记录。", "患者周某已同意。"
    refusal = a_refusal(stack["RequestsTable"], reason=why)
    assert Side(REQUESTER).act(refusal.case, "coordinate", {"reason": dispute}).status == 200
    other = told_as(refusal.table, refusal.case, "request.coordination_opened")

    with before_each_call("dynamodb.TransactWriteItems", lambda: erase(REQUESTS, other.asked(), REQUESTER)):
        assert erase(REQUESTS, refusal.asked(), PROVIDER).status == 201

    assert len(erasures_in(refusal.table, other)) == 1
    assert not says(refusal.table, why)
    assert not says(refusal.table, dispute)


def test_where_the_record_never_rests_nothing_is_erased(refusal: Written, bucket: str) -> None:
    def touched() -> None:
        key = {"pk": {"S": refusal.case}, "sk": {"S": "STATE#request"}}
        dynamodb().update_item(
            TableName=refusal.table,
            Key=key,
            UpdateExpression="ADD version :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with before_each_call("dynamodb.TransactWriteItems", touched, times=ATTEMPTS):
        assert erase(REQUESTS, refusal.asked(), PROVIDER).status == 412

    assert refusal.box_in(bucket)
    assert holds(refusal.table, refusal.key)
    assert erasures_in(refusal.table, refusal) == []


def test_it_is_told_in_one_event_to_all_who_could_read_it(refusal: Written) -> None:
    erase(REQUESTS, refusal.asked(), OFFICE)

    (told,) = erasures_in(refusal.table, refusal)

    assert (told.id, told.case_seq, told.organisation) == (erasure_id(refusal.event), 1, OFFICE)
    assert told.parties == tuple(sorted((PROVIDER, REQUESTER, OFFICE)))
    assert told.filing is not None
    assert (told.filing.kind, told.filing.authority) == ("erasure", OFFICE)


def test_the_catalogue_erases_in_the_same_way(stack: dict[str, str], bucket: str) -> None:
    comment = a_comment(stack["CatalogTable"])
    path = f"/catalog/figures/{comment.case}/payloads/{comment.event}"
    words = call(catalog.handler, "GET", path, token=token(OFFICE)).body["content"]["comment"]
    assert erase("/catalog/erasures", comment.asked(), STATISTICS_BUREAU).status == 403
    assert erase("/requests/erasures", comment.asked(), OFFICE).status == 404

    answer = erase("/catalog/erasures", comment.asked("wrongly_given"), OFFICE)

    assert (answer.status, answer.body["erasure"]) == (201, erasure_id(comment.event))
    assert not holds(os.environ["CATALOG_TABLE"], comment.key)
    assert not holds(os.environ["CATALOG_TABLE"], comment.salt)
    assert not comment.box_in(bucket)
    (record,) = [item["record"] for item in items_of(comment.table, comment.case) if item["sk"] == "STATE#figure"]
    assert (MARK in record, words in record) == (True, False)
    assert call(catalog.handler, "GET", path, token=token(STATISTICS_BUREAU)).status == 410
    assert call(catalog.handler, "GET", path, token=token(STRANGER)).status == 404


@pytest.mark.parametrize("route", ["/requests/erasures", "/catalog/erasures"])
def test_everything_wrong_with_the_input_is_told_at_once(route: str) -> None:
    answer = erase(route, {"case": "案件", "event_id": 7, "ground": "we felt like it", "why": "…"}, OFFICE)

    assert (answer.status, answer.pointers) == (422, ["/case", "/event_id", "/ground", "/why"])


@contextmanager
def before_each_call(operation: str, action: Callable[[], object], *, times: int = 1) -> Iterator[None]:
    """Do something just before the next calls of an operation inside the block, as often as `times`, not in itself."""
    service, name = operation.split(".")
    client = s3() if service == "s3" else dynamodb()
    event, left = f"before-call.{service}.{name}", [action] * times

    def act(**_: object) -> None:
        client.meta.events.unregister(event, act)
        left.pop()()
        if left:
            client.meta.events.register(event, act)

    client.meta.events.register(event, act)
    yield
    assert not left
