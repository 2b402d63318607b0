"""A reuse that a search certificate or a database's filing decides on becomes a draft request, once, or is dropped."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.requests import listen
from services.shared.canonical import new_id, now
from services.shared.catalog_bodies import HitReused
from services.shared.database_bodies import DatabaseRedirected
from services.shared.event_bodies import ReuseWanted
from services.shared.events import Event, Origin, event_of
from tests.sharing import ITEMS, PROVIDER, REQUESTER, Side, a_published_entry, hear, published
from tests.stack import Calls
from tests.support import Context, events_in, sqs_batch


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The requests table, empty."""
    return data_stack["RequestsTable"]


def a_wish(resource: str, *, at: datetime | None = None, unit: str = REQUESTER, **changes: Any) -> Event:
    """Return the event of a certificate's hit that is reused."""
    said: dict[str, Any] = {
        "request": new_id(),
        "unit": unit,
        "resource": resource,
        "duty": "parking_management",
        "purpose": "city_operation",
        "items": ITEMS[:1],
        "areas": ("110107",),
        "subject": "停车场泊位数据库",
    }
    body = HitReused(unit=unit, hit=resource, wanted=ReuseWanted(**said | changes))
    return event_of("check.hit_reused", body, Origin(new_id(), 2, unit, "o-1", at or now()), parties=(unit,))


def request_of(wish: Event) -> str:
    wanted = wish.body["wanted"]
    assert isinstance(wanted, dict)
    return str(wanted["request"])


def read(wish: Event) -> Any:
    return Side(REQUESTER).get(f"/requests/{request_of(wish)}")


def test_a_wish_becomes_a_draft_with_the_id_that_the_certificate_named() -> None:
    wish = a_wish(a_published_entry(), at=datetime(2026, 11, 30, 17, 0, tzinfo=UTC))
    assert hear(wish) == {"batchItemFailures": []}
    draft = read(wish).body
    terms = draft["offers"][0]["terms"]
    assert (draft["id"], draft["state"], draft["requester"]) == (request_of(wish), "DRAFT", REQUESTER)
    assert terms["content"]["items"] == ["空余泊位数"]
    assert terms["scope"]["areas"] == ["110107"]
    assert terms["scope"]["recipients"] == [REQUESTER]
    assert terms["purpose"]["code"] == "city_operation"
    assert wish.case in terms["purpose"]["text"]
    assert terms["validity"] == {"valid_from": "2026-12-01", "valid_until": "2027-11-30"}  # days of Beijing


def test_the_provider_sees_nothing_of_the_draft_and_the_unit_can_send_it() -> None:
    wish = a_wish(a_published_entry())
    hear(wish)
    assert Side(PROVIDER).get(f"/requests/{request_of(wish)}").status == 404
    asking = Side(REQUESTER)
    assert asking.act(request_of(wish), "propose").status == 200
    assert asking.act(request_of(wish), "submit").status == 200
    assert Side(PROVIDER).get(f"/requests/{request_of(wish)}").status == 200


def test_a_wish_that_comes_again_makes_no_second_request_and_overwrites_nothing(table: str) -> None:
    wish = a_wish(a_published_entry())
    hear(wish)
    Side(REQUESTER).act(request_of(wish), "propose")
    hear(wish, wish)
    assert read(wish).body["state"] == "INTERNAL_APPROVAL"
    assert [event.type for event in events_in(table)] == ["request.created", "request.proposed"]


def test_a_database_that_is_not_built_wishes_in_the_same_way() -> None:
    entry = a_published_entry()
    wanted = ReuseWanted.model_validate(a_wish(entry).body["wanted"])
    body = DatabaseRedirected(state="ABANDONED", unit=REQUESTER, description_hash="00" * 32, wanted=wanted)
    hear(event_of("database.redirected", body, Origin(new_id(), 3, REQUESTER, "o-1", now())))
    draft = Side(REQUESTER).get(f"/requests/{wanted.request}").body
    assert "数据库" in draft["offers"][0]["terms"]["purpose"]["text"]


def test_items_the_entry_has_not_are_left_out_and_none_of_them_means_all_of_the_entry() -> None:
    some, none = a_wish(a_published_entry(), items=("不存在", ITEMS[1])), a_wish(a_published_entry(), items=("不存在",))
    hear(some, none)
    assert read(some).body["offers"][0]["terms"]["content"]["items"] == [ITEMS[1]]
    assert read(none).body["offers"][0]["terms"]["content"]["items"] == list(ITEMS)


def test_an_entry_that_lists_no_items_is_asked_for_what_is_named() -> None:
    wish = a_wish(a_published_entry(items=()), items=("泊位总数",))
    hear(wish)
    assert read(wish).body["offers"][0]["terms"]["content"]["items"] == ["泊位总数"]


@pytest.mark.parametrize(
    "changes",
    [{"duty": "no_such_duty"}, {"purpose": "no_such_purpose"}, {"areas": ("999999",)}, {"areas": ()}],
    ids=["duty", "purpose", "area", "no area"],
)
def test_a_wish_that_cannot_be_a_draft_is_dropped_and_holds_up_nobody(changes: dict[str, Any], table: str) -> None:
    wish = a_wish(a_published_entry(), **changes)
    assert hear(wish) == {"batchItemFailures": []}
    assert read(wish).status == 404
    assert events_in(table) == []


def test_an_own_or_withdrawn_entry_is_dropped_at_once(table: str) -> None:
    own = a_wish(a_published_entry(), unit=PROVIDER, duty="district_sharing_110107")
    gone = a_published_entry()
    withdrawn = published(gone, seq=2).model_copy(update={"type": "resource.withdrawn"})
    assert hear(own, withdrawn, a_wish(gone)) == {"batchItemFailures": []}
    assert events_in(table) == []


def test_an_entry_not_heard_of_is_waited_for_and_not_for_ever() -> None:
    entry = new_id()
    early, late = a_wish(entry), a_wish(entry, at=now() - timedelta(minutes=10))
    assert len(listen.handler(sqs_batch([early]), Context())["batchItemFailures"]) == 1
    assert hear(late) == {"batchItemFailures": []}
    hear(published(entry), early)
    assert read(early).status == 200
    assert read(late).status == 404


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_while_hearing_a_wish_is_made_good_by_its_redelivery(
    when: str, nth: int, aws_calls: Calls, table: str
) -> None:
    wish = a_wish(a_published_entry())
    with aws_calls.crash(when, nth):
        hear(wish)
    assert aws_calls.crashed
    hear(wish)
    assert read(wish).body["state"] == "DRAFT"
    assert [event.type for event in events_in(table)] == ["request.created"]
