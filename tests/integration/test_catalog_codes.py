"""Resource codes are given out at the first publication: no double, no gap, and none that is anybody's already."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from services.catalog.api import handler
from services.catalog.code_store import code_claim, entries_of
from services.catalog.counters import last_of
from services.catalog.entry import Entry
from services.catalog.resource_acts import Action
from services.catalog.reviewing import Nothing
from services.catalog.store import catalog_store
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.dynamo import write
from services.shared.errors import GovShareError, Stale
from services.shared.lifecycle import Act
from tests.catalogue import (
    ENTRY,
    OFFICE,
    PROVIDER,
    a_legacy_entry,
    act,
    approved,
    create,
    published,
    put,
    read,
    through,
)
from tests.stack import Calls, one_call_at_a_time
from tests.support import Reply, call, events_in, token

AT_ONCE = 50


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def ready() -> Reply:
    """Return an entry that only waits to be published."""
    return approved(act(act(create(), "submit", PROVIDER), "start_review", OFFICE))


def claim(table: str, *codes: str) -> None:
    """Make codes another entry's, as an import does."""
    for code in codes:
        write([code_claim(table, code, "an-imported-entry")])


def code_of(entry: Reply) -> str:
    return str(entry.body["resource_code"])


def publishing(entry: Reply) -> Callable[[], object]:
    """Return the publication of an entry as it stands; a function answers one request at a time, the store many."""
    store = catalog_store()
    officer = Caller(organisation=OFFICE, officer="o-1", claims=frozenset({Claim.OFFICER}))
    act, seen = Act(Action.PUBLISH, Nothing(), officer, now()), store.get(entry.body["id"])
    return lambda: store.move(seen, act).record


def at_once(*moves: Callable[[], object]) -> list[object]:
    """Make all moves at the same time; return what each made, or its refusal, in their order."""

    def outcome(move: Callable[[], object]) -> object:
        try:
            return move()
        except GovShareError as refusal:
            return refusal

    with one_call_at_a_time(), ThreadPoolExecutor(len(moves)) as pool:
        return list(pool.map(outcome, moves))


def found(code: str) -> list[str]:
    items = call(handler, "GET", f"/catalog/resources?code={code}").body["items"]
    return [item["id"] for item in items]


def test_codes_of_a_class_follow_each_other_and_each_class_has_its_own() -> None:
    elsewhere = ENTRY | {"classification": {"cls": "2", "division": "01", "group": "003", "subgroup": "A1"}}
    codes = [code_of(published()), code_of(published()), code_of(published(elsewhere)), code_of(published())]
    assert codes == ["307001/0001", "307001/0002", "201003A1/0001", "307001/0003"]


def test_a_code_is_given_at_the_first_publication_and_kept_through_every_version(table: str) -> None:
    draft = create()
    waiting = approved(act(act(draft, "submit", PROVIDER), "start_review", OFFICE))
    live = act(waiting, "publish", OFFICE)
    second = through(put(live, PROVIDER, ENTRY | {"title": "空余泊位"}))
    assert (waiting.body["resource_code"], code_of(live), code_of(second)) == (None, "307001/0001", "307001/0001")
    assert second.body["live"]["resource_code"] == "307001/0001"
    facts = [event.body["resource_code"] for event in events_in(table) if event.type == "resource.published"]
    assert facts == ["307001/0001", "307001/0001"]
    assert last_of(table, "CODE#307001") == 1


def test_an_entry_that_was_imported_with_a_code_keeps_it(table: str) -> None:
    entry = a_legacy_entry(PROVIDER, code="307001/77")
    claim(table, "307001/77")
    live = through(put(read(entry, PROVIDER), PROVIDER, ENTRY))
    assert (live.status, code_of(live), last_of(table, "CODE#307001")) == (200, "307001/77", 0)


def test_a_number_that_an_import_has_claimed_is_passed_over(table: str) -> None:
    claim(table, "307001/0001", "307001/0002", *(f"307001/{number:04}" for number in range(5, 60)))
    assert [code_of(published()) for _ in range(3)] == ["307001/0003", "307001/0004", "307001/0060"]
    assert last_of(table, "CODE#307001") == 60


def test_a_code_cannot_be_given_twice(table: str) -> None:
    live = published()
    with pytest.raises(Stale):
        claim(table, code_of(live))
    assert entries_of(table, [code_of(live), "307001/9"]) == {code_of(live): live.body["id"]}


def test_a_publication_that_is_refused_takes_no_number(table: str) -> None:
    waiting = ready()
    stale = replace(waiting, headers={"etag": '"3"'})
    refused = [act(waiting, "publish", PROVIDER).status, act(stale, "publish", OFFICE).status]
    assert (refused, last_of(table, "CODE#307001")) == ([403, 412], 0)


def test_who_publishes_at_the_same_time_gets_one_code_each_without_a_gap(table: str) -> None:
    made = at_once(*(publishing(ready()) for _ in range(AT_ONCE)))
    codes = sorted(str(entry.resource_code) for entry in made if isinstance(entry, Entry))
    assert codes == [f"307001/{number:04}" for number in range(1, AT_ONCE + 1)]
    assert last_of(table, "CODE#307001") == AT_ONCE
    assert [event.type for event in events_in(table)].count("resource.published") == AT_ONCE


def test_of_many_who_publish_the_same_entry_one_does_and_one_number_is_taken(table: str) -> None:
    move = publishing(ready())
    made = at_once(*[move] * 8)
    assert [type(each) for each in made].count(Entry) == 1
    assert {type(each) for each in made} == {Entry, Stale}
    assert last_of(table, "CODE#307001") == 1


def test_imports_and_publications_at_the_same_time_share_no_code(table: str) -> None:
    imports = [partial(claim, table, f"307001/{number:04}") for number in range(1, 11)]
    made = at_once(*imports, *(publishing(ready()) for _ in range(10)))
    imported = [f"307001/{number:04}" for number, each in enumerate(made[:10], 1) if not isinstance(each, Stale)]
    given = [str(entry.resource_code) for entry in made[10:] if isinstance(entry, Entry)]
    assert len(given) == 10
    assert sorted([*imported, *given]) == [f"307001/{number:04}" for number in range(1, len(imported) + 11)]


def test_an_entry_is_found_by_its_code_in_one_call_more(aws_calls: Calls) -> None:
    live = published()
    aws_calls.clear()
    assert (found(code_of(live)), len(aws_calls.names)) == ([live.body["id"]], 2)
    assert found("307001/9999") == []


def test_a_withdrawn_entry_is_not_found_by_its_code_and_nobody_else_gets_it() -> None:
    live = published()
    act(live, "withdraw", PROVIDER, {"reason": "职能调整"})
    assert found(code_of(live)) == []
    assert code_of(published()) == "307001/0002"


def test_codes_are_made_by_the_profile_of_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_PROFILE", "local_fixed_width")
    assert code_of(published()) == "30700100-00001"


def test_a_code_of_another_scheme_is_refused_where_one_is_named() -> None:
    refused = act(create(ENTRY | {"related_codes": ["11000/0001", "307001/0001"]}), "submit", PROVIDER)
    assert (refused.status, refused.pointers) == (422, ["/related_codes/0"])
    assert "不得混用" in refused.body["errors"][0]["detail"]


def test_the_line_of_the_public_catalogue_and_of_the_list_have_the_code() -> None:
    live = published()
    listed = call(handler, "GET", "/catalog/catalogues/application").body["items"]
    summaries = call(handler, "GET", "/catalog/resources").body["items"]
    assert [listed[0]["number"], summaries[0]["resource_code"]] == [code_of(live)] * 2
    mine = call(handler, "GET", "/catalog/resources?unit=mine", token=token(PROVIDER)).body["items"]
    assert mine[0]["resource_code"] == code_of(live)
