"""What an entry is linked with: the database it comes from, the collection duty it rests on, the agreements on it."""

import pytest

from services.catalog.entry import take
from services.catalog.link_store import link_writes, standing
from services.catalog.metadata import Metadata
from services.catalog.resource_acts import Action, Given
from services.catalog.reviewing import Nothing
from services.catalog.store import catalog_store
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.cases import Related, relate
from services.shared.dynamo import write
from services.shared.errors import Stale
from services.shared.lifecycle import Act
from tests import collecting, databases
from tests.catalogue import ENTRY, OFFICE, PROVIDER, STRANGER, act, approved, create, published, put, read, through
from tests.support import Reply

AGREEMENT = Related(kind="agreement", id="request-1", title="tax_service→statistics")
REASON = {"reason": "职能调整"}


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


@pytest.fixture
def database() -> str:
    """A registered database."""
    made: str = databases.registered().body["id"]
    return made


@pytest.fixture
def collection() -> str:
    """A published collection duty."""
    made: str = collecting.published().body["id"]
    return made


def linked(reply: Reply, name: str = "related") -> set[tuple[str, str]]:
    return {(one["kind"], one["id"]) for one in reply.body[name]}


def test_an_entry_and_what_it_rests_on_list_each_other_once_it_is_published(database: str, collection: str) -> None:
    draft = create(ENTRY | {"database": database, "collection": collection})
    assert linked(draft) == set()
    live = through(draft)
    both = {("database", database), ("collection", collection)}
    assert linked(live) == linked(read(live.body["id"])) == both
    assert all(one["title"] for one in live.body["related"])
    assert ("resource", live.body["id"]) in linked(databases.read(database))
    assert ("resource", live.body["id"]) in linked(collecting.read(collection))


def test_a_version_that_names_another_thing_or_none_takes_the_link_away_at_both_ends(
    database: str, collection: str
) -> None:
    live = published(ENTRY | {"database": database, "collection": collection})
    without = put(live, PROVIDER, ENTRY | {"collection": collection})
    assert linked(without) == {("database", database), ("collection", collection)}
    assert linked(through(without)) == {("collection", collection)} == linked(read(live.body["id"]))
    assert ("resource", live.body["id"]) not in linked(databases.read(database))
    assert ("resource", live.body["id"]) in linked(collecting.read(collection))


def test_what_a_new_version_still_names_stays_linked_and_under_its_new_title(collection: str) -> None:
    live = published(ENTRY | {"collection": collection})
    renamed = through(put(live, PROVIDER, ENTRY | {"collection": collection, "title": "空余泊位"}))
    assert linked(renamed) == {("collection", collection)}
    titles = {one["title"] for one in collecting.read(collection).body["related"] if one["kind"] == "resource"}
    assert titles == {"空余泊位"}


@pytest.mark.parametrize("field", ["database", "collection"])
def test_an_entry_cannot_rest_on_what_does_not_stand_in_its_catalogue(field: str) -> None:
    planned = {"database": databases.planned, "collection": collecting.designated}[field]().body["id"]
    refusals = [act(create(ENTRY | {field: named}), "submit", PROVIDER) for named in (planned, "nobody-knows")]
    assert [(refused.status, refused.pointers) for refused in refusals] == [(422, [f"/{field}"])] * 2
    assert all(" / " in refused.body["errors"][0]["detail"] for refused in refusals)


def test_a_thing_of_another_kind_does_not_count(database: str, collection: str, table: str) -> None:
    swapped = Metadata(database=collection, collection=database)
    right = Metadata(database=database, collection=collection)
    assert (standing(table, swapped), set(standing(table, right))) == ({}, {"database", "collection"})


def test_what_has_left_its_catalogue_since_the_submission_keeps_the_entry_from_being_published(
    collection: str, table: str
) -> None:
    entry = create(ENTRY | {"collection": collection})
    waiting = approved(act(act(entry, "submit", PROVIDER), "start_review", OFFICE))
    collecting.done(collecting.act_now(collection, "revoke", OFFICE, collecting.REVOCATION))
    refused = act(waiting, "publish", OFFICE)
    assert (refused.status, refused.pointers) == (422, ["/collection"])
    assert read(entry.body["id"], PROVIDER).body["resource_code"] is None


def test_a_withdrawal_names_everything_that_loses_the_entry(collection: str, table: str) -> None:
    live = published(ENTRY | {"collection": collection})
    agreed(table, live.body["id"])
    seen = read(live.body["id"], PROVIDER)
    assert linked(seen, "impact") == {("collection", collection), ("agreement", AGREEMENT.id)}
    refusals = [act(seen, "withdraw", PROVIDER, REASON | {"impact_seen": ids}) for ids in ([], [collection])]
    assert [(refused.status, refused.pointers) for refused in refusals] == [
        (422, ["/impact_seen"] * 2),
        (422, ["/impact_seen"]),
    ]
    assert AGREEMENT.title in refusals[1].body["errors"][0]["detail"]
    gone = act(seen, "withdraw", OFFICE, REASON | {"impact_seen": [collection, AGREEMENT.id]})
    assert (gone.status, gone.body["state"]) == (200, "WITHDRAWN")
    assert ("resource", live.body["id"]) not in linked(collecting.read(collection))
    assert linked(gone) == set()


def test_the_impact_is_for_those_who_may_withdraw_and_agreements_are_nobody_elses_to_see(table: str) -> None:
    live = published()
    agreed(table, live.body["id"])
    shown = {who: read(live.body["id"], who) for who in (PROVIDER, OFFICE, STRANGER, None)}
    assert {who: linked(reply, "impact") for who, reply in shown.items()} == {
        PROVIDER: {("agreement", AGREEMENT.id)},
        OFFICE: {("agreement", AGREEMENT.id)},
        STRANGER: set(),
        None: set(),
    }
    assert all(linked(reply) == set() for reply in shown.values())


def test_a_database_knows_its_entries_until_they_are_withdrawn(database: str) -> None:
    live = published(ENTRY | {"database": database})
    entry = ("resource", live.body["id"])
    before = linked(databases.read(database))
    act(live, "withdraw", PROVIDER, REASON | {"impact_seen": [database]})
    assert (entry in before, entry in linked(databases.read(database))) == (True, False)


def test_a_link_is_not_written_to_what_left_its_catalogue_in_the_same_moment(collection: str, table: str) -> None:
    entry = create(ENTRY | {"collection": collection})
    waiting = approved(act(act(entry, "submit", PROVIDER), "start_review", OFFICE))
    before = catalog_store().get(waiting.body["id"]).record
    officer = Caller(organisation=OFFICE, officer="o-1", claims=frozenset({Claim.OFFICER}))
    given = Given(standing=standing(table, Metadata(collection=collection)))
    after = take(before, Act(Action.PUBLISH, Nothing(), officer, now(), given=given)).record
    collecting.done(collecting.act_now(collection, "revoke", OFFICE, collecting.REVOCATION))
    with pytest.raises(Stale):
        write([*link_writes(table, before, after, given.standing)])
    assert ("resource", before.id) not in linked(collecting.read(collection))


def agreed(table: str, entry: str) -> None:
    """Link an agreement with an entry, as its activation does."""
    write([relate(table, entry, AGREEMENT)])
