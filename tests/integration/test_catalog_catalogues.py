"""The public catalogues over HTTP: what stands where and how it is found, what is shared now, and the chain."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.catalog import exchange_store, listen
from services.catalog.api import handler
from services.shared.canonical import new_id
from tests import databases
from tests.catalogue import ENTRY, PROVIDER, act, published, put, through
from tests.feeding import REQUESTER, activated, hear
from tests.feeding import published as publication
from tests.filing import at_call
from tests.support import Pump, call, token

SUBJECTS = ("resource.published", "resource.withdrawn", "collection.published", "database.registered")
OFFICE = "informatization_office"
TODAY = date.today()  # noqa: DTZ011 - a day is a day
WITHDRAWAL = {"reason": "业务取消"}


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def catalogue(name: str, query: str = "") -> list[dict[str, Any]]:
    reply = call(handler, "GET", f"/catalog/catalogues/{name}?{query}")
    assert reply.status == 200, reply.body
    items: list[dict[str, Any]] = reply.body["items"]
    return items


def listen_to(table: str) -> None:
    Pump(table, listen.handler, SUBJECTS).run()


def chain(kind: str, name: str, organisation: str | None = None) -> dict[str, Any]:
    reply = call(handler, "GET", f"/catalog/chain/{kind}/{name}", token=organisation and token(organisation))
    assert reply.status == 200, reply.body
    body: dict[str, Any] = reply.body
    return body


def test_the_five_catalogues_are_offered_with_their_counts(table: str) -> None:
    published()
    gone = published()
    listen_to(table)
    act(gone, "withdraw", PROVIDER, WITHDRAWAL)
    listen_to(table)

    offers = call(handler, "GET", "/catalog/catalogues").body
    assert {each["name"]: each["count"] for each in offers["items"]} == {
        "basic": 0,
        "application": 1,
        "databases": 0,
        "collection": 0,
        "exchange": None,
    }
    assert offers["latest"] == 3
    assert all(call(handler, "GET", each["href"]).status == 200 for each in offers["items"])


def test_a_line_says_which_unit_has_it_and_by_what_method_it_is_shared() -> None:
    live = published()

    (line,) = catalogue("application")
    assert (line["id"], line["title"], line["unit"]) == (live.body["id"], ENTRY["title"], PROVIDER)
    assert (line["unit_name"], line["share_method"], line["update_cycle"]) == ("北京市交通委员会", "api", "real_time")
    assert line["number"] == live.body["resource_code"]
    assert catalogue("basic") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"unit={PROVIDER}", 2),
        ("unit=drc", 0),
        ("key_domain=emergency_command", 1),
        ("key_domain=credit", 0),
        ("basic_class=legal_entity", 0),
        ("q=泊位", 2),
        ("q=应急 泊位", 1),
        (f"q=泊位&unit={PROVIDER}&key_domain=emergency_command", 1),
        ("q=地铁", 0),
    ],
)
def test_a_catalogue_is_narrowed_down_by_unit_class_domain_and_words(query: str, found: int) -> None:
    published()
    published(ENTRY | {"title": "应急泊位", "key_domain": "emergency_command"})

    assert len(catalogue("application", query)) == found


def test_pages_of_a_narrowed_catalogue_hold_everything_once() -> None:
    made = {published(ENTRY | {"title": f"泊位{number}"}).body["id"] for number in range(5)}
    seen: list[str] = []
    address: str | None = "/catalog/catalogues/application?q=泊位&limit=2"
    while address:
        page = call(handler, "GET", address).body
        seen += [item["id"] for item in page["items"]]
        address = page["next"] and f"/catalog/catalogues/application?q=泊位&limit=2&next={page['next']}"

    assert (len(seen), set(seen)) == (5, made)


@pytest.mark.parametrize("query", ["next=abc", "limit=0", f"unit={'x' * 81}"])
def test_a_query_that_no_catalogue_has_is_refused(query: str) -> None:
    assert call(handler, "GET", f"/catalog/catalogues/application?{query}").status == 422
    assert call(handler, "GET", "/catalog/catalogues/secret").status == 422


def test_an_entry_stands_in_the_exchange_catalogue_while_an_agreement_on_it_is_in_force() -> None:
    entry = published().body["id"]
    ended = (TODAY - timedelta(9), TODAY - timedelta(2))
    assert catalogue("exchange") == []
    hear(activated(new_id(), entry, channel="file", days=ended), activated(new_id(), entry), activated("r-2", entry))

    (line,) = catalogue("exchange", f"unit={PROVIDER}")
    assert (line["id"], line["channels"], line["frequencies"], line["agreements"]) == (entry, ["api"], ["daily"], 2)
    assert REQUESTER not in str(line)


def test_an_agreement_that_is_heard_of_again_changes_nothing_and_of_two_at_once_none_is_lost(table: str) -> None:
    entry = published().body["id"]
    one, two = activated("r-1", entry), activated("r-2", entry)
    hear(one, one)
    with at_call("dynamodb", "TransactWriteItems", lambda: exchange_store.hear(table, activated("r-3", entry))):
        (failed,) = hear(two)["batchItemFailures"]
    assert failed
    hear(two)

    assert catalogue("exchange")[0]["agreements"] == 3


def test_the_exchange_catalogue_follows_the_entry(table: str) -> None:
    live = published()
    listen_to(table)
    hear(activated("r-1", live.body["id"]))
    live = through(put(live, PROVIDER, ENTRY | {"title": "停车泊位"}))
    listen_to(table)
    assert [line["title"] for line in catalogue("exchange")] == ["停车泊位"]

    gone = act(live, "withdraw", PROVIDER, WITHDRAWAL | {"impact_seen": ["r-1"]})
    listen_to(table)
    assert gone.body["state"] == "WITHDRAWN"
    assert catalogue("exchange") == []


def test_the_database_catalogue_holds_what_is_registered_and_nothing_before() -> None:
    databases.approved()
    assert catalogue("databases") == []

    base = databases.registered().body
    (line,) = catalogue("databases", f"unit={databases.UNIT}")
    assert (line["id"], line["title"], line["number"]) == (base["id"], databases.DESCRIPTION["name"], base["number"])


def test_an_agreement_is_traced_to_the_duty_its_data_were_collected_on_and_back(table: str) -> None:
    base = databases.operating()
    duty = databases.read(base.body["id"], databases.UNIT).body["related"]
    collection = next(one["id"] for one in duty if one["kind"] == "collection")
    live = published(ENTRY | {"database": base.body["id"], "collection": collection})
    listen_to(table)
    hear(activated("r-1", live.body["id"]))
    entry = live.body["id"]
    whole = [
        ("collection", collection),
        ("database", base.body["id"]),
        ("resource", entry),
        ("channel", f"{entry}.api"),
        ("agreement", "r-1"),
    ]

    up = chain("agreement", "r-1", REQUESTER)
    down = chain("collection", collection, PROVIDER)
    assert [(node["kind"], node["id"]) for node in up["nodes"]] == whole
    assert down["nodes"] == up["nodes"]
    assert down["links"] == up["links"]
    addresses = [node["href"] for node in up["nodes"] if node["kind"] in {"collection", "database", "resource"}]
    assert [call(handler, "GET", address).status for address in addresses] == [200, 200, 200]


def test_of_an_agreement_only_its_parties_and_the_office_learn_whose_it_is() -> None:
    live = published()
    hear(publication(live.body["id"], 5), activated("r-1", live.body["id"]))

    for stranger in (None, "drc"):
        public = chain("resource", live.body["id"], stranger)
        assert (public["withheld"], REQUESTER in str(public)) == (1, False)
        assert call(handler, "GET", "/catalog/chain/agreement/r-1", token=stranger and token(stranger)).status == 404
    for party in (PROVIDER, REQUESTER, OFFICE):
        assert chain("resource", live.body["id"], party)["nodes"][-1]["id"] == "r-1"


def test_a_draft_is_no_node_of_the_chain() -> None:
    draft = call(handler, "POST", "/catalog/resources", token=token(PROVIDER), json=ENTRY)

    assert call(handler, "GET", f"/catalog/chain/resource/{draft.body['id']}", token=token(PROVIDER)).status == 404
