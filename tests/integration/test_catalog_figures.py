"""Accurate figures over HTTP (S-030): everybody reads one definition a name, and reviewers see every other one."""

from collections.abc import Callable
from typing import Any

import pytest

from services.catalog.api import handler
from services.catalog.figure import Figure, State
from services.catalog.figure_life import Action, FigureGiven
from services.catalog.figure_steps import take
from services.catalog.figure_store import figure_store
from services.catalog.reviewing import Nothing
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.errors import Conflict
from services.shared.lifecycle import Act
from tests.figures import (
    COMMENT,
    FIGURE,
    GAPS,
    OFFICE,
    REASON,
    STATISTICS,
    STRANGER,
    UNIT,
    act,
    approved,
    propose,
    published,
    put,
    read,
)
from tests.resource_routes import an_entry
from tests.routes import items_of
from tests.stack import Calls, at_once
from tests.support import Reply, call, events_in, token

OTHER = FIGURE | {"authority": STRANGER, "definition": "含居住小区内部泊位。"}


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def listed(query: str = "", organisation: str | None = None) -> Reply:
    return call(handler, "GET", f"/catalog/figures{query}", token=organisation and token(organisation))


def names(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [line.get("title") or line["name"] for line in reply.body["items"]]


def test_a_figure_goes_from_a_draft_to_everybodys_list(table: str) -> None:
    draft = propose()
    assert (draft.status, draft.headers["location"]) == (201, f"/catalog/figures/{draft.body['id']}")
    assert read(draft.body["id"]).status == read(draft.body["id"], OFFICE).status == 404
    done = act(approved(draft), "publish", STATISTICS)
    assert (done.status, done.body["state"], done.body["live"]["lag_seconds"]) == (200, "PUBLISHED", 0)
    seen = read(draft.body["id"]).body
    assert seen["live"]["meaning"] == FIGURE | {"sources": [{"kind": None, "id": None, **FIGURE["sources"][0]}]}
    assert (seen["live"]["reviews"], seen["open"], seen["actions"]) == ([], None, [])
    line = listed().body["items"][0]
    assert (line["kind"], line["id"], line["title"], line["unit"]) == ("figure", draft.body["id"], FIGURE["name"], UNIT)
    assert [event.type for event in events_in(table)] == [
        "figure.created",
        "figure.submitted",
        "figure.approved",
        "figure.approved",
        "figure.published",
    ]


def test_a_return_names_every_gap_and_the_next_submission_is_judged_again() -> None:
    back = act(act(propose(), "submit", UNIT), "return", STATISTICS, GAPS)
    assert (back.body["state"], back.body["open"]["gaps"]) == ("RETURNED", GAPS["gaps"])
    again = act(put(read(back.body["id"], UNIT), UNIT, FIGURE | {"period": "当年累计"}), "submit", UNIT)
    assert (again.body["state"], again.body["open"]["gaps"]) == ("UNDER_REVIEW", [])
    assert [waiting["party"] for waiting in again.body["awaiting"]] == ["informatization_office", "statistics_bureau"]


def test_a_submission_that_lacks_much_is_told_all_of_it() -> None:
    reply = act(propose({"name": "停车泊位总数"}), "submit", UNIT)
    assert (reply.status, len(reply.pointers)) == (422, 8)


def test_sources_of_the_catalogue_must_stand_there_when_it_is_submitted() -> None:
    entry = an_entry()["id"]
    sources = [{"kind": "resource", "id": entry}, {"kind": "resource", "id": "r-0"}, {"kind": "database", "id": entry}]
    reply = act(propose(FIGURE | {"sources": sources}), "submit", UNIT)
    assert (reply.status, reply.pointers) == (422, ["/sources/1", "/sources/2"])
    assert act(propose(FIGURE | {"sources": sources[:1]}), "submit", UNIT).status == 200


def test_reviewers_see_every_other_definition_of_a_name_and_where_it_differs() -> None:
    first, second = act(propose(), "submit", UNIT), act(propose(OTHER, STRANGER), "submit", STRANGER)
    for reviewer in (OFFICE, STATISTICS):
        rival = read(first.body["id"], reviewer).body["rivals"][0]
        assert (rival["figure"], rival["published"]) == (second.body["id"], False)
        assert rival["differs"] == ["definition", "authority"]
        assert rival["meaning"]["definition"] == OTHER["definition"]
    assert first.body["rivals"] == []
    assert read(first.body["id"], UNIT).body["rivals"] == []
    act(second, "discard", STRANGER)
    assert read(first.body["id"], OFFICE).body["rivals"] == []


def test_one_figure_is_published_under_a_name_until_it_is_withdrawn() -> None:
    first, second = published(), approved(propose(OTHER, STRANGER), STRANGER)
    refused = act(second, "publish", STATISTICS)
    assert refused.status == 409
    assert first.body["id"] in refused.body["detail"]
    assert read(second.body["id"], STRANGER).body["rivals"][0]["figure"] == first.body["id"]
    gone = act(first, "withdraw", OFFICE, REASON)
    assert (gone.body["state"], gone.body["live"]["reason"]) == ("WITHDRAWN", REASON["reason"])
    assert act(second, "publish", STATISTICS).status == 200
    tomb = read(first.body["id"])
    assert (tomb.status, tomb.body["state"], tomb.body["live"]["reason"]) == (200, "WITHDRAWN", None)
    assert [line["id"] for line in listed().body["items"]] == [second.body["id"]]


def test_a_new_version_may_have_a_new_name_and_frees_the_old_one() -> None:
    figure = published()
    renamed = put(figure, UNIT, FIGURE | {"name": "公共停车泊位总数"})
    assert read(figure.body["id"]).body["live"]["meaning"]["name"] == FIGURE["name"]
    assert names(listed()) == [FIGURE["name"]]
    assert act(approved(renamed), "publish", OFFICE).status == 200
    assert names(listed()) == ["公共停车泊位总数"]
    assert published(OTHER, STRANGER).status == 200
    assert set(names(listed())) == {"公共停车泊位总数", FIGURE["name"]}


def publishing(last: Reply) -> Callable[[], Figure]:
    """Return the publication of a figure as it stands; a function answers one request at a time, the store many."""
    store, officer = figure_store(), Caller(organisation=STATISTICS, officer="o-1", claims=frozenset({Claim.OFFICER}))
    seen = store.get(last.body["id"]).record
    step = take(seen, Act(Action.PUBLISH, Nothing(), officer, now(), FigureGiven()))

    def publish() -> Figure:
        store.save_step(seen, step)
        return step.record

    return publish


def test_of_many_figures_of_one_name_published_at_once_one_is(table: str) -> None:
    ready = [approved(propose(FIGURE | {"name": f"停车泊位 总数{' ' * n}"})) for n in range(12)]
    made = at_once(*map(publishing, ready))
    (winner,) = [figure for figure in made if isinstance(figure, Figure)]
    refusals = [refusal for refusal in made if isinstance(refusal, Conflict)]
    assert len(refusals) == 11
    assert all(winner.id in refusal.detail for refusal in refusals)
    assert [line["id"] for line in listed().body["items"]] == [winner.id]
    assert [event.type for event in events_in(table)].count("figure.published") == 1


def test_of_two_decisions_on_one_version_the_second_is_refused() -> None:
    under_review = act(propose(), "submit", UNIT)
    assert act(under_review, "approve", OFFICE, COMMENT).status == 200
    assert act(under_review, "return", STATISTICS, GAPS).status == 412


@pytest.mark.parametrize(("when", "left"), [("before", ["{}#open"]), ("after", ["{}#live", "HELD"])])
def test_a_crash_while_publishing_leaves_all_of_it_or_nothing(
    when: str, left: list[str], aws_calls: Calls, table: str
) -> None:
    ready = approved(propose())
    own = ready.body["id"]
    with aws_calls.crash(when, 1):
        act(ready, "publish", STATISTICS)
    assert aws_calls.crashed
    standing = [item["sk"] for item in items_of(table, f"CLAIMS#figure#{FIGURE['name']}")]
    assert standing == [sk.format(own) for sk in left]
    last = read(own, STATISTICS)
    if last.body["state"] != "PUBLISHED":
        last = act(last, "publish", STATISTICS)
    assert (last.status, last.body["state"]) == (200, "PUBLISHED")
    assert [event.type for event in events_in(table)].count("figure.published") == 1


def test_the_same_key_makes_one_figure_and_another_body_is_refused(table: str) -> None:
    first, again = propose(key="key-0001"), propose(key="key-0001")
    assert (again.status, again.body["id"]) == (201, first.body["id"])
    assert propose(FIGURE | {"name": "另一个"}, key="key-0001").status == 422
    assert len(events_in(table)) == 1


def test_lists_of_what_is_at_work_are_the_units_own_and_the_reviewers() -> None:
    mine, sent = propose(), act(propose(FIGURE | {"name": "路侧泊位数"}), "submit", UNIT)
    propose(OTHER, STRANGER)
    assert {line["id"] for line in listed("?unit=mine", UNIT).body["items"]} == {mine.body["id"], sent.body["id"]}
    assert (
        names(listed("?state=UNDER_REVIEW", OFFICE))
        == names(listed("?state=UNDER_REVIEW", STATISTICS))
        == ["路侧泊位数"]
    )
    assert names(listed("?state=DRAFT", OFFICE)) == []
    assert listed("?state=UNDER_REVIEW", UNIT).status == 403
    assert listed(f"?unit={UNIT}", STRANGER).status == 403
    assert listed("?unit=mine").status == 401
    assert listed("?state=NOWHERE", OFFICE).status == 422


def test_the_public_list_is_read_page_by_page_and_by_whose_number_counts() -> None:
    made = [published(FIGURE | {"name": f"停车泊位总数{n}"}).body["id"] for n in range(3)]
    theirs = published(OTHER | {"name": "投资总额"}, STRANGER).body["id"]
    first = listed("?limit=3").body
    rest = listed(f"?limit=3&next={first['next']}").body
    assert [line["id"] for page in (first, rest) for line in page["items"]] == [theirs, *made[::-1]]
    assert [line["id"] for line in listed(f"?authority={STRANGER}").body["items"]] == [theirs]
    assert listed("?next=nonsense").status == 422


def test_what_was_written_is_read_by_its_readers_and_proves_its_hash() -> None:
    back = act(act(propose(), "submit", UNIT), "return", OFFICE, GAPS)
    address = f"/catalog/figures/{back.body['id']}/history"
    last = call(handler, "GET", address, token=token(UNIT)).body["items"][-1]
    for reader in (UNIT, OFFICE, STATISTICS):
        opened = call(handler, "GET", last["payload"], token=token(reader))
        assert (opened.body["content"], opened.body["sha256"]) == (GAPS, last["event"]["payload_sha256"])
    assert call(handler, "GET", last["payload"], token=token(STRANGER)).status == 404


def test_the_history_tells_a_reviewer_nothing_of_what_was_not_submitted() -> None:
    done = act(approved(propose()), "publish", STATISTICS)
    address = f"/catalog/figures/{put(done, UNIT, FIGURE | {'period': '月末时点'}).body['id']}/history"
    own, seen = (
        [line["event"]["type"] for line in call(handler, "GET", address, token=token(who)).body["items"]]
        for who in (UNIT, OFFICE)
    )
    assert (own[0], own[-1]) == ("figure.created", "figure.revised")
    assert seen == own[1:-1]


def test_a_published_figure_costs_one_call_to_read_and_a_publication_three(aws_calls: Calls) -> None:
    ready = approved(propose())
    aws_calls.clear()
    act(ready, "publish", STATISTICS)
    assert aws_calls.names == ["Query", "Query", "TransactWriteItems"]
    aws_calls.clear()
    read(ready.body["id"])
    assert aws_calls.names == ["Query"]


# A state is made over HTTP and everybody tries everything; the rules themselves are in test_catalog_figure.py.
BODIES: dict[str, Any] = {"approve": COMMENT, "return": GAPS, "withdraw": REASON}
ORGANISATIONS = [UNIT, OFFICE, STATISTICS, STRANGER]


def in_state(state: State) -> Reply:
    draft = propose()
    made = {
        State.DRAFT: lambda: draft,
        State.UNDER_REVIEW: lambda: act(draft, "submit", UNIT),
        State.APPROVED: lambda: approved(draft),
        State.PUBLISHED: lambda: act(approved(draft), "publish", OFFICE),
        State.WITHDRAWN: lambda: act(act(approved(draft), "publish", OFFICE), "withdraw", UNIT, REASON),
    }[state]()
    assert made.body["state"] == state
    return made


@pytest.mark.parametrize("state", [State.DRAFT, State.UNDER_REVIEW, State.APPROVED, State.PUBLISHED, State.WITHDRAWN])
def test_an_action_that_is_offered_is_taken_and_another_is_refused(state: State, table: str) -> None:
    made = in_state(state)
    before = len(events_in(table))
    for organisation in ORGANISATIONS:
        offered = read(made.body["id"], organisation).body.get("actions", [])
        for action in ("submit", "return", "approve", "publish", "withdraw", "discard"):
            if action not in offered:
                assert act(made, action, organisation, BODIES.get(action)).status in {403, 404, 409}
    assert len(events_in(table)) == before
    assert figure_store().get(made.body["id"]).record.version == made.body["version"]
