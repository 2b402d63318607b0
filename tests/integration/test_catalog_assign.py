"""An older catalogue's entries that nobody owned: the office keeps them until a department claims them."""

import pytest

from services.catalog.api import handler
from services.requests.listen import handler as requests_listen
from services.requests.store import request_store
from tests.catalogue import ENTRY, OFFICE, PROVIDER, STATISTICS, STRANGER, a_legacy_entry, act, published, put, read
from tests.support import Pump, call, events_in

CLAIMED = {"provider": PROVIDER}


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def test_an_ownerless_entry_goes_to_the_department_that_claims_it() -> None:
    entry = a_legacy_entry()
    assigned = act(read(entry, OFFICE), "assign", OFFICE, CLAIMED)
    assert (assigned.status, assigned.body["provider"], assigned.body["state"]) == (200, PROVIDER, "LIVE")
    assert "revise" in read(entry, PROVIDER).body["actions"]
    assert "revise" not in read(entry, OFFICE).body["actions"]
    own = call(handler, "GET", f"/catalog/resources?provider={PROVIDER}").body["items"]
    assert [(line["id"], line["provider"]) for line in own] == [(entry, PROVIDER)]


def test_both_read_of_it_and_requests_are_told(table: str) -> None:
    entry = a_legacy_entry()
    act(read(entry, OFFICE), "assign", OFFICE, CLAIMED)
    event = events_in(table)[-1]
    assert (event.type, event.body["provider"]) == ("resource.assigned", PROVIDER)
    assert set(event.parties) == {OFFICE, PROVIDER}
    Pump(table, requests_listen, ("resource.",)).run(replays=1)
    projected = request_store().entry(entry)
    assert (projected.provider, projected.published, projected.case_seq) == (PROVIDER, True, 2)


@pytest.mark.parametrize("provider", [OFFICE, "nobody"])
def test_it_goes_to_an_organisation_that_exists_and_is_not_the_office(provider: str) -> None:
    refused = act(read(a_legacy_entry(), OFFICE), "assign", OFFICE, {"provider": provider})
    assert (refused.status, refused.pointers) == (422, ["/provider"])


def test_what_somebody_owns_is_not_given_away() -> None:
    owned, complete = read(a_legacy_entry(STATISTICS), OFFICE), published()
    assert [act(each, "assign", OFFICE, CLAIMED).status for each in (owned, complete)] == [409, 409]
    assert "assign" not in read(complete.body["id"], OFFICE).body["actions"]


def test_nobody_but_the_office_assigns() -> None:
    seen = read(a_legacy_entry(), STRANGER)
    assert [act(seen, "assign", who, CLAIMED).status for who in (STRANGER, PROVIDER)] == [403, 403]


def test_it_does_not_change_hands_while_the_office_is_at_work_on_it() -> None:
    begun = put(read(a_legacy_entry(), OFFICE), OFFICE, ENTRY | {"title": "公园"})
    assert act(begun, "assign", OFFICE, CLAIMED).status == 409
    assert act(act(begun, "discard", OFFICE), "assign", OFFICE, CLAIMED).status == 200
