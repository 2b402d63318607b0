"""Who may do what with an entry, and with how few calls to AWS it is done."""

import pytest

from services.catalog.api import handler
from services.catalog.entry import take
from services.catalog.resource_acts import Action
from services.catalog.reviewing import Nothing
from services.catalog.store import catalog_store
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.errors import Stale
from services.shared.lifecycle import Act
from tests import collecting
from tests.catalogue import ENTRY, OFFICE, PROVIDER, STRANGER, act, approved, create, published, read
from tests.stack import Calls
from tests.support import Reply, call, events_in, token


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


@pytest.mark.parametrize(
    ("action", "who", "status"),
    [
        ("submit", STRANGER, 409),
        ("confirm", STRANGER, 403),
        ("withdraw", STRANGER, 403),
        ("publish", OFFICE, 409),
        ("supersede", OFFICE, 422),
        ("drop", PROVIDER, 422),
        ("explode", PROVIDER, 422),
    ],
)
def test_an_action_that_is_not_the_callers_or_not_of_this_state_is_refused(action: str, who: str, status: int) -> None:
    body = {"reason": "x"} if action == "withdraw" else None
    assert act(published(), action, who, body).status == status


def test_only_an_officer_creates_and_only_a_known_caller() -> None:
    approver = call(handler, "POST", "/catalog/resources", token=token(PROVIDER, "approver"), json=ENTRY)
    nobody = call(handler, "POST", "/catalog/resources", json=ENTRY)
    assert (approver.status, nobody.status) == (403, 401)


def test_reads_take_at_most_two_calls_and_steps_at_most_three(aws_calls: Calls) -> None:
    counts: dict[str, int] = {}

    def counted(name: str, reply: Reply) -> Reply:
        counts[name] = len(aws_calls.names)
        aws_calls.clear()
        return reply

    draft = counted("create", create(key="key-0001"))
    counted("create again", create(key="key-0001"))
    submitted = counted("step", act(draft, "submit", PROVIDER))
    counted("read", read(submitted.body["id"], PROVIDER))
    counted("list", call(handler, "GET", "/catalog/resources"))
    counted("history", call(handler, "GET", f"/catalog/resources/{draft.body['id']}/history", token=token(PROVIDER)))
    counted("vocabulary", call(handler, "GET", "/catalog/vocabulary"))
    assert counts == {
        "create": 1,
        "create again": 3,
        "step": 3,
        "read": 1,
        "list": 1,
        "history": 2,
        "vocabulary": 0,
    }


@pytest.mark.parametrize("who", [None, PROVIDER, OFFICE, STRANGER])
def test_a_published_entry_is_read_in_one_call_by_everybody_links_and_all(who: str | None, aws_calls: Calls) -> None:
    collection = collecting.published().body["id"]
    live = published(ENTRY | {"collection": collection})
    aws_calls.clear()
    assert read(live.body["id"], who).body["related"][0]["id"] == collection
    assert aws_calls.names == ["Query"]


def test_what_an_entry_rests_on_and_its_code_cost_a_submission_and_a_publication_at_most_two_calls_more(
    aws_calls: Calls,
) -> None:
    entry = create(ENTRY | {"collection": collecting.published().body["id"]})
    aws_calls.clear()
    submitted = act(entry, "submit", PROVIDER)
    assert aws_calls.names == ["Query", "BatchGetItem", "Query", "TransactWriteItems"]
    waiting = approved(act(submitted, "start_review", OFFICE))
    aws_calls.clear()
    assert act(waiting, "publish", OFFICE).status == 200
    assert aws_calls.names == ["Query", "BatchGetItem", "GetItem", "TransactWriteItems"]


@pytest.mark.parametrize("query", ["unit=mine", "state=LIVE"])
def test_a_list_of_those_at_work_takes_one_call(query: str, aws_calls: Calls) -> None:
    published()
    aws_calls.clear()
    assert call(handler, "GET", f"/catalog/resources?{query}", token=token(OFFICE)).status == 200
    assert aws_calls.names == ["Query"]


def test_of_two_decisions_on_the_same_reading_one_wins_and_the_other_leaves_nothing(table: str) -> None:
    found = catalog_store().get(create().body["id"])
    caller = Caller(organisation=PROVIDER, officer="o-1", claims=frozenset({Claim.OFFICER}))
    submitted, discarded = (
        take(found.record, Act(action, Nothing(), caller, now())) for action in (Action.SUBMIT, Action.DISCARD)
    )
    catalog_store().save_step(submitted)
    with pytest.raises(Stale):
        catalog_store().save_step(discarded)
    assert catalog_store().get(found.record.id).record.state == "SUBMITTED"
    assert [event.type for event in events_in(table)] == ["resource.created", "resource.submitted"]
