"""A demand that a unit takes up becomes its draft of a duty or its planned database, once; else it is dropped."""

import json
from typing import Any

import pytest

from services.catalog import api, listen
from services.shared.canonical import new_id, now
from services.shared.demand_bodies import DemandTakenUp
from services.shared.events import Event, Origin, event_of
from tests import collecting, databases
from tests.demand_routes import FILER, OFFICE, REASON, TRIAGE, UNIT, WANTED, act, file
from tests.stack import Calls
from tests.support import Context, Pump, Reply, call, events_in, sqs_batch, token

KINDS = {"collection": "/catalog/collections", "database": "/catalog/databases"}
ALL_OF_IT = ("title", "items", "areas")


@pytest.fixture(autouse=True)
def stack(data_stack: dict[str, str]) -> dict[str, str]:
    """Both tables, empty."""
    return data_stack


def taken_up(kind: str, last: Reply | None = None) -> Reply:
    """Bring a demand to where the unit takes it up as a duty or as a database."""
    return act(act(last or file(), "triage", OFFICE, TRIAGE | {"kind": kind}), "take_up", UNIT)


def an_event(kind: str = "collection", **changes: Any) -> Event:
    """Return the event of a demand that the unit takes up."""
    said: dict[str, Any] = {name: WANTED[name] for name in ALL_OF_IT}
    said |= {"state": "TAKEN_UP", "requester": FILER, "wanted_hash": "00" * 32, "count": 1, "urgent": 0}
    body = DemandTakenUp(**said | {"kind": kind, "unit": UNIT, "proposal": new_id()} | changes)
    return event_of("demand.taken_up", body, Origin(new_id(), 3, UNIT, "o-7", now()), parties=(UNIT, FILER))


def hear(*events: Event) -> Any:
    return listen.handler(sqs_batch(events), Context())


def pump(stack: dict[str, str]) -> Pump:
    """Return the platform between requests and the catalogue."""
    return Pump(stack["RequestsTable"], listen.handler, ("demand.taken_up",))


def read(address: str, organisation: str | None = UNIT) -> Reply:
    return call(api.handler, "GET", address, token=organisation and token(organisation))


def address_of(event: Event) -> str:
    return f"{KINDS[str(event.body['kind'])]}/{event.body['proposal']}"


def types(stack: dict[str, str]) -> list[str]:
    return [event.type for event in events_in(stack["CatalogTable"])]


def said_in(view: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return title, items and areas of what a unit sees."""
    if kind == "collection":
        said = view["case"]["statement"]
        return {"title": said["item"], "items": said["items"], "areas": said["areas"]}
    said = view["cases"][0]["statement"]["description"]
    return {"title": said["name"], "items": [item["name"] for item in said["items"]], "areas": said["areas"]}


@pytest.mark.parametrize(("kind", "state"), [("collection", "DRAFT"), ("database", "PLANNED")])
def test_the_unit_finds_what_was_wanted_as_its_own_draft(kind: str, state: str, stack: dict[str, str]) -> None:
    demand = taken_up(kind)
    pump(stack).run()
    address = demand.body["proposal"]["address"]
    assert address == f"{KINDS[kind]}/{demand.body['proposal']['id']}"
    seen = read(address)
    assert (seen.status, seen.body["state"], seen.body["unit"]) == (200, state, UNIT)
    assert said_in(seen.body, kind) == {name: WANTED[name] for name in ALL_OF_IT}
    assert [read(address, who).status for who in (FILER, OFFICE, None)] == [404, 404, 404]
    mine = read(f"{KINDS[kind]}?unit=mine").body["items"]
    assert [line["id"] for line in mine] == [demand.body["proposal"]["id"]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_draft_is_made_by_the_officer_who_took_it_up_and_told_to_the_unit_alone(
    kind: str, stack: dict[str, str]
) -> None:
    event = an_event(kind)
    hear(event)
    (made,) = events_in(stack["CatalogTable"])
    assert (made.organisation, made.actor, made.at, made.case_seq) == (UNIT, "o-7", event.at, 1)
    assert made.parties == (UNIT,)
    assert made.type == {"collection": "collection.created", "database": "database.planned"}[kind]


def test_the_unit_completes_the_draft_of_a_duty_like_any_other(stack: dict[str, str]) -> None:
    demand = taken_up("collection")
    pump(stack).run()
    draft = collecting.read(demand.body["proposal"]["id"], UNIT)
    whole = collecting.statement(UNIT) | said_in(draft.body, "collection")
    whole["item"] = whole.pop("title")
    whole["certificate"] = collecting.certificate_for(whole, UNIT)
    applied = collecting.act(collecting.done(collecting.put(draft, UNIT, whole)), "apply", UNIT)
    assert (applied.status, applied.body["state"]) == (200, "APPLIED"), applied.body


def test_the_unit_completes_a_plan_like_any_other(stack: dict[str, str]) -> None:
    demand = taken_up("database")
    pump(stack).run()
    plan = databases.read(demand.body["proposal"]["id"], UNIT)
    said = said_in(plan.body, "database")
    whole = databases.statement(UNIT, name=said["title"], items=said["items"], areas=said["areas"])
    filed = databases.act(databases.done(databases.put(plan, UNIT, whole)), "cases/establishment/file", UNIT)
    assert (filed.status, filed.body["cases"][0]["state"]) == (200, "FILED"), filed.body


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_heard_twice_is_drafted_once_and_overwrites_nothing(kind: str, stack: dict[str, str]) -> None:
    event = an_event(kind)
    assert hear(event) == {"batchItemFailures": []}
    draft = read(address_of(event))
    said = {"item": "改过的名称"} if kind == "collection" else {"description": {"name": "改过的名称"}}
    headers = {"If-Match": draft.etag}
    revised = call(api.handler, "PUT", address_of(event), token=token(UNIT), json=said, headers=headers)
    assert revised.status == 200, revised.body
    assert hear(event, event) == {"batchItemFailures": []}
    assert read(address_of(event)).etag == revised.etag
    assert len(types(stack)) == 2


def test_a_demand_that_is_taken_up_again_is_another_draft(stack: dict[str, str]) -> None:
    first = taken_up("collection")
    again = taken_up("database", act(first, "hand_back", UNIT, REASON))
    pump(stack).run()
    assert [read(demand.body["proposal"]["address"]).status for demand in (first, again)] == [200, 200]
    assert types(stack) == ["collection.created", "database.planned"]


CANNOT_BE: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"title": ""}, {"collection": "/item", "database": "/description/name"}),
    ({"title": "桩" * 201}, {"collection": "/item", "database": "/description/name"}),
    ({"items": ("桩", "a\u0000b")}, {"collection": "/items/1", "database": "/description/items/1/name"}),
    ({"areas": ("../110107",)}, {"collection": "/areas/0", "database": "/description/areas/0"}),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("changes", "pointers"), CANNOT_BE)
def test_what_cannot_be_a_draft_is_dropped_counted_and_holds_up_nobody(
    changes: dict[str, Any],
    pointers: dict[str, str],
    kind: str,
    stack: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong, right = an_event(kind, **changes), an_event(kind)
    assert hear(wrong, right) == {"batchItemFailures": []}
    assert (read(address_of(wrong)).status, read(address_of(right)).status) == (404, 200)
    counted = [line for line in capsys.readouterr().out.splitlines() if "ProposalsDropped" in line]
    assert [json.loads(line)["ProposalsDropped"] for line in counted] == [[1.0]]
    (told,) = (vars(record) for record in caplog.records if record.getMessage() == "proposal dropped")
    assert (told["case"], told["event_id"], told["problems"]) == (wrong.case, wrong.id, [pointers[kind]])
    assert len(types(stack)) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_while_drafting_is_made_good_by_its_redelivery(
    when: str, kind: str, aws_calls: Calls, stack: dict[str, str]
) -> None:
    event = an_event(kind)
    with aws_calls.crash(when, 1):
        hear(event)
    assert aws_calls.crashed
    assert hear(event) == {"batchItemFailures": []}
    assert read(address_of(event)).status == 200
    assert len(types(stack)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_takes_two_calls_and_leaves_no_object(kind: str, aws_calls: Calls) -> None:
    event = an_event(kind)
    aws_calls.clear()
    hear(event)
    assert aws_calls.names == ["Query", "TransactWriteItems"]
    aws_calls.clear()
    hear(event)
    assert aws_calls.names == ["Query"]


def test_the_widest_demand_can_be_drafted(stack: dict[str, str]) -> None:
    line = "\U00020000" * 200  # four bytes each
    wide = {"title": line, "items": tuple(line[:-3] + f"{n:03}" for n in range(50)), "areas": ("110107",) * 20}
    for kind in KINDS:
        event = an_event(kind, **wide)
        hear(event)
        assert read(address_of(event)).status == 200
