"""Makers for tests of the change feed and the exchange catalogue: published facts, and an agreement on an entry."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from services.catalog.listen import handler
from services.shared.agreement_bodies import TYPES as AGREEMENT_TYPES
from services.shared.agreement_bodies import AgreementAmended
from services.shared.catalog_bodies import CollectionMoved
from services.shared.event_bodies import PublishedItem, ResourceMoved, ResourcePublished
from services.shared.events import Event, Origin, event_of
from services.shared.organisations import OFFICE
from services.shared.request_bodies import AgreementActivated
from tests.support import Context, sqs_batch

PROVIDER, REQUESTER = "transport_commission", "110107"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LONG = (date(2020, 1, 1), date(2099, 12, 31))


def published(case: str, seq: int = 1, title: str = "停车场", catalogue: str | None = None) -> Event:
    """Return the event of an entry's publication."""
    body = ResourcePublished(
        state="LIVE",
        provider=PROVIDER,
        entry_version=seq,
        metadata_hash="00" * 32,
        title=title,
        catalogue=catalogue,
        share_type=None,
        legacy=catalogue is None,
        source_id=None,
        items=(PublishedItem(name="泊位", data_type=None, sensitivity=None),),
    )
    return event_of("resource.published", body, Origin(case, seq, OFFICE, "o-office", NOON), parties=(PROVIDER,))


def withdrawn(case: str, seq: int = 2) -> Event:
    """Return the event of an entry's withdrawal."""
    body = ResourceMoved(state="WITHDRAWN", provider=PROVIDER, entry_version=1, metadata_hash="00" * 32)
    return event_of("resource.withdrawn", body, Origin(case, seq, PROVIDER, "o-1", NOON), parties=(PROVIDER,))


def duty_published(case: str, seq: int = 9) -> Event:
    """Return the event of a collection duty's publication."""
    body = CollectionMoved(
        state="PUBLISHED",
        unit=PROVIDER,
        title="停车场名称",
        basic_class="legal_entity",
        areas=("110000",),
        edition=1,
        statement_hash="00" * 32,
        number="采-0001",
    )
    return event_of("collection.published", body, Origin(case, seq, OFFICE, "o-office", NOON), parties=(PROVIDER,))


def activated(
    request: str, entry: str, *, channel: str = "api", purpose: str = "city_operation", days: tuple[date, date] = LONG
) -> Event:
    """Return the event of an agreement of REQUESTER's on an entry of PROVIDER's."""
    body = AgreementActivated(
        requester=REQUESTER,
        provider=PROVIDER,
        resource=entry,
        terms_hash="00" * 32,
        items=("泊位",),
        areas=("110000",),
        period_from=None,
        period_until=None,
        recipients=(REQUESTER,),
        purpose=purpose,
        duty="x",
        channel=channel,
        frequency="daily",
        format="json",
        valid_from=days[0],
        valid_until=days[1],
        request_filing="f-1",
        result_filing="f-2",
    )
    origin = Origin(request, 20, "system", "system", NOON)
    return event_of("agreement.activated", body, origin, parties=(REQUESTER, PROVIDER))


def moved(request: str, entry: str, kind: str, **said: Any) -> Event:
    """Return the event of another step of such an agreement."""
    base = {"state": "ACTIVE", "requester": REQUESTER, "provider": PROVIDER, "resource": entry}
    body = AGREEMENT_TYPES[kind][0].model_validate(base | {"edition": 1, "terms_hash": "00" * 32} | said)
    return event_of(kind, body, Origin(request, 21, "system", "system", NOON), parties=(REQUESTER, PROVIDER))


def amended(request: str, entry: str, *, edition: int, channel: str, days: tuple[date, date] = LONG) -> Event:
    """Return the event of another edition of such an agreement's terms in force."""
    first = activated(request, entry, channel=channel, days=days)
    body = AgreementAmended.model_validate(
        {**first.body, "state": "ACTIVE", "edition": edition, "amendment_filing": "f-3"}
    )
    return event_of("agreement.amended", body, Origin(request, 22, "system", "system", NOON), parties=first.parties)


def hear(*events: Event) -> Mapping[str, Any]:
    """Deliver events to the catalogue's listener in one batch; return what it answered."""
    answer: Mapping[str, Any] = handler(sqs_batch(events), Context())
    return answer
