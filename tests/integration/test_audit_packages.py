"""Archive packages over HTTP: what is refused, what two callers get who come at once, how they are read and listed."""

import os
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.audit.objects import s3
from services.audit.packaging import carry_out, plan_for
from services.shared.callers import SYSTEM
from services.shared.canonical import new_id, now
from services.shared.errors import GovShareError
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SUPERVISION_BUREAU
from tests.archiving import HANDLER, HERE, act, get, prepare, receive, returned
from tests.filing import prepare_ledger, store
from tests.packages import REFUSED, events_of, file_events
from tests.stack import CALLS, at_once, empty, stored, undone
from tests.support import call, token


@pytest.fixture(scope="module")
def cases(stack_in_memory: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """The cases that the ledger holds: five that are closed, and a last one that is open."""
    empty(stack_in_memory)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in prepare_ledger(stack_in_memory).items():
            patch.setenv(name, value)
        made = [events_of(*REFUSED[: 2 if number == 5 else None]) for number in range(6)]
        file_events(*[event for events in made for event in events])
        yield tuple(events[0].case for events in made)


@pytest.fixture
def case(cases: tuple[str, ...]) -> Iterator[str]:
    """One of the closed cases; what a test does to the table is undone."""
    with undone(os.environ["AUDIT_TABLE"]):
        yield cases[0]


def test_a_package_is_read_with_its_report_by_those_who_oversee_sharing(case: str) -> None:
    prepared = prepare(case, ARCHIVES_BUREAU)

    for organisation, role in ((ARCHIVES_BUREAU, "officer"), (OFFICE, "officer"), (SUPERVISION_BUREAU, "auditor")):
        found = get(f"{HERE}/{prepared.body['id']}", organisation, role)
        assert (found.status, found.body | {"actions": []}) == (200, prepared.body | {"actions": []})
    assert prepared.body["actions"] == ["receive", "return"]
    assert get(f"{HERE}/{prepared.body['id']}", OFFICE).body["actions"] == []
    assert [each["property"] for each in prepared.body["report"]["properties"]] == [
        "authenticity",
        "integrity",
        "usability",
        "security",
    ]


def test_an_open_case_is_refused_with_what_is_open(case: str, cases: tuple[str, ...]) -> None:
    before = stored(os.environ["AUDIT_TABLE"])
    refused = prepare(cases[-1])

    assert (refused.status, refused.pointers) == (409, ["/case"])
    assert refused.body["errors"][0]["detail"] == "未办结 / still open: request"
    assert stored(os.environ["AUDIT_TABLE"]) == before


def test_a_case_that_the_ledger_does_not_have_is_not_there(case: str) -> None:
    assert prepare(new_id()).status == 404


def test_a_case_whose_entries_do_not_verify_is_not_offered(case: str) -> None:
    mark = store().marks_of(case, limit=1, after=None)[0][0]
    store().mark_filed([mark.model_copy(update={"proof": mark.proof[::-1]})])
    kept = s3().list_objects_v2(Bucket=os.environ["FILES_BUCKET"])["KeyCount"]
    refused = prepare(case)

    assert refused.status == 409
    assert all("回执有效 / every receipt verifies" in error["detail"] for error in refused.body["errors"])
    assert get(HERE).body["items"] == []
    assert s3().list_objects_v2(Bucket=os.environ["FILES_BUCKET"])["KeyCount"] == kept


def test_preparing_twice_with_one_key_makes_one_package(case: str) -> None:
    one, other = prepare(case, key="once-and-for-all"), prepare(case, key="once-and-for-all")
    otherwise = prepare(new_id(), key="once-and-for-all")

    assert (one.status, other.status, one.body) == (201, 201, other.body)
    assert otherwise.status == 422
    assert prepare(case, key="another-key").status == 409


def test_of_two_who_prepare_at_once_one_makes_the_package(case: str) -> None:
    plan, at = plan_for(case, now()), now()
    outcomes = at_once(*[partial(carry_out, plan, SYSTEM, at + timedelta(seconds=n)) for n in range(2)])

    assert len([each for each in outcomes if isinstance(each, GovShareError)]) == 1
    assert len(get(HERE).body["items"]) == 1


def test_of_two_answers_to_one_version_one_stands(case: str) -> None:
    prepared = prepare(case)

    assert (returned(prepared).status, receive(prepared).status) == (200, 412)


@pytest.mark.parametrize(
    ("action", "body", "pointers"),
    [
        ("receive", {}, ["/manifest_sha256"]),
        ("receive", {"manifest_sha256": "AB" * 32}, ["/manifest_sha256"]),
        ("receive", {"manifest_sha256": "ab" * 32}, ["/manifest_sha256"]),
        ("receive", {"manifest_sha256": 1, "note": "x"}, ["/manifest_sha256", "/note"]),
        ("return", {}, ["/failed"]),
        ("return", {"failed": []}, ["/failed"]),
        ("return", {"failed": ["because we say so", "viruses"], "reason": "x"}, ["/failed/0", "/reason"]),
        ("return", {"failed": ["viruses", "viruses"]}, ["/failed/1"]),
    ],
)
def test_bad_input_is_refused_whole_and_changes_nothing(
    action: str, body: dict[str, Any], pointers: list[str], case: str
) -> None:
    prepared = prepare(case)
    before = stored(os.environ["AUDIT_TABLE"])
    refused = act(prepared, action, body)

    assert (refused.status, refused.pointers) == (422, pointers)
    assert stored(os.environ["AUDIT_TABLE"]) == before


@pytest.mark.parametrize("body", [{}, {"case": ""}, {"case": "a b"}, {"case": 1}, {"case": "c-1", "why": "x"}])
def test_a_bad_wish_is_refused(body: dict[str, Any], case: str) -> None:
    refused = call(HANDLER, "POST", HERE, token=token(OFFICE), json=body)

    assert (refused.status, len(refused.body["errors"])) == (422, 1)


def test_a_change_names_the_version_it_was_made_from(case: str) -> None:
    prepared = prepare(case)
    path, body = f"{HERE}/{prepared.body['id']}/receive", {"manifest_sha256": prepared.body["manifest_sha256"]}
    bare = call(HANDLER, "POST", path, token=token(ARCHIVES_BUREAU), json=body)
    stale = call(HANDLER, "POST", path, token=token(ARCHIVES_BUREAU), json=body, headers={"If-Match": '"7"'})

    assert (bare.status, stale.status) == (428, 412)


def test_a_transferred_package_moves_no_more(case: str) -> None:
    received = receive(prepare(case))

    assert [receive(received).status, returned(received).status, act(received, "prepare", {}).status] == [409] * 3


@pytest.mark.parametrize("path", ["", "/bag", "/history"])
def test_a_package_that_there_is_not_is_not_there(path: str, case: str) -> None:
    assert get(f"{HERE}/{new_id()}{path}").status == 404


def test_packages_are_listed_by_state_the_latest_change_first(case: str, cases: tuple[str, ...]) -> None:
    first, second, third = (prepare(each) for each in cases[:3])
    receive(second)

    waiting = get(f"{HERE}?state=PREPARED").body
    assert [line["id"] for line in waiting["items"]] == [third.body["id"], first.body["id"]]
    assert [line["archived_case"] for line in get(f"{HERE}?state=TRANSFERRED").body["items"]] == [cases[1]]
    assert get(f"{HERE}?state=RETURNED").body == {"items": [], "next": None}
    page = get(f"{HERE}?limit=2").body
    rest = get(f"{HERE}?limit=2&next={page['next']}").body
    assert {line["id"] for line in [*page["items"], *rest["items"]]} == {
        each.body["id"] for each in (first, second, third)
    }
    assert get(f"{HERE}?next=nonsense").status == 422
    assert get(f"{HERE}?state=LOST").status == 422


def test_a_package_s_history_leads_to_its_receipts(case: str) -> None:
    received = receive(act(returned(prepare(case)), "prepare", {}))
    lines = get(f"{HERE}/{received.body['id']}/history").body["items"]

    assert [line["event"]["type"] for line in lines] == [
        "archive.prepared",
        "archive.returned",
        "archive.prepared",
        "archive.transferred",
    ]
    assert lines[-1]["receipt"] == received.body["filing"]["receipt"]
    assert {line["payload"] for line in lines} == {None}


def test_the_schedule_is_shown_to_whoever_is_signed_in(case: str) -> None:
    shown = get("/audit/retention", "drc").body

    assert {kind["code"] for kind in shown["classes"]} >= {"sharing", "database", "package"}
    assert shown["handover"]["month"] == 6


def test_reading_listing_and_fetching_cost_one_call_each(case: str) -> None:
    prepared = prepare(case)
    CALLS.clear()
    for path in (f"{HERE}/{prepared.body['id']}", HERE, f"{HERE}/{prepared.body['id']}/bag"):
        get(path)

    assert CALLS.names == ["Query", "Query", "Query"]
