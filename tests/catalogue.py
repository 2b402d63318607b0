"""Steps that tests take in the catalogue, over HTTP: an entry drafted, moved along, published."""

from collections.abc import Mapping
from typing import Any

from services.catalog.api import handler
from services.catalog.entry import Entry
from services.catalog.metadata import Metadata
from services.catalog.resource_acts import Action
from services.catalog.resource_events import event_for
from services.catalog.store import catalog_store
from services.catalog.version import Source, State, Version
from services.shared.callers import Caller, Claim
from services.shared.canonical import new_id, now
from services.shared.lifecycle import Act
from services.shared.steps import step_of
from tests.support import Reply, call, token

PROVIDER, OFFICE, STATISTICS, STRANGER = "transport_commission", "informatization_office", "statistics_bureau", "drc"
ENTRY: dict[str, Any] = {
    "title": "停车场空余泊位",
    "abstract": "全市公共停车场的空余泊位数",
    "catalogue": "application_sharing_catalog",
    "classification": {"cls": "3", "division": "07", "group": "001"},
    "theme": "交通服务",
    "items": [{"name": "空余泊位数", "data_type": "N", "length": 5, "sensitivity": "NONE"}],
    "formats": ["oracle"],
    "share_type": "UNCONDITIONAL",
    "share_method": "api",
    "open_flag": False,
    "update_cycle": "real_time",
    "roles": dict.fromkeys(("producer", "builder", "operator", "sharer"), PROVIDER),
    "steward": "信息中心数据管理岗",
    "risk_bearer": PROVIDER,
    "assessment": {"secrecy": True, "personal_information": True, "signed_by": "分管负责人", "on": "2026-11-02"},
}
BASIC = ENTRY | {
    "catalogue": "basic_sharing_catalog",
    "basic_class": "legal_entity",
    "classification": {"cls": "1", "division": "02", "group": "001"},
    "items": [{"name": "停车场登记编号", "data_type": "C", "length": 18, "sensitivity": "NONE"}],
}
COMMENT = {"comment": "符合统一规划。"}
STUB: dict[str, Any] = {name: ENTRY[name] for name in ("catalogue", "classification", "roles", "risk_bearer")} | {
    "title": "应急备用泊位",
    "stub": {"secret": "WORK_SECRET", "handled_by": "保密办公室"},
    "share_type": "NOT_SHARED",
    "legal_basis": {"instrument": "decree-809", "clause": "3"},
    "steward": ENTRY["steward"],
    "assessment": ENTRY["assessment"],
}


def create(metadata: Mapping[str, Any] = ENTRY, key: str | None = None) -> Reply:
    """Draft an entry of the provider's, under an Idempotency-Key if one is given."""
    headers = {"Idempotency-Key": key} if key else {}
    return call(handler, "POST", "/catalog/resources", token=token(PROVIDER), json=metadata, headers=headers)


def read(entry_id: str, organisation: str | None = None) -> Reply:
    """Read an entry as an organisation's officer, or as nobody."""
    return call(handler, "GET", f"/catalog/resources/{entry_id}", token=organisation and token(organisation))


def act(last: Reply, action: str, organisation: str, body: Any = None) -> Reply:
    """Take an action on the version that the last answer showed."""
    path, etag = f"/catalog/resources/{last.body['id']}/{action}", {"If-Match": last.etag}
    return call(handler, "POST", path, token=token(organisation), json=body, headers=etag)


def put(last: Reply, organisation: str, metadata: Mapping[str, Any]) -> Reply:
    """Send metadata for the version that the last answer showed."""
    path, etag = f"/catalog/resources/{last.body['id']}", {"If-Match": last.etag}
    return call(handler, "PUT", path, token=token(organisation), json=metadata, headers=etag)


def published(metadata: Mapping[str, Any] = ENTRY) -> Reply:
    """Bring a new entry to publication."""
    return through(create(metadata))


def through(draft: Reply) -> Reply:
    """Bring a draft to publication."""
    under_review = act(act(draft, "submit", PROVIDER), "start_review", OFFICE)
    return act(approved(under_review), "publish", OFFICE)


def approved(under_review: Reply) -> Reply:
    """Give every key that a version under review waits for."""
    last = act(under_review, "approve", OFFICE, COMMENT)
    return act(last, "approve", STATISTICS, COMMENT) if last.body.get("state") == "UNDER_REVIEW" else last


def a_legacy_entry(provider: str = OFFICE, code: str | None = None) -> str:
    """Return the id of an entry of an older catalogue as an import leaves it: published at once, incomplete."""
    at, case = now(), new_id()
    source = Source(source_id=case, source_url="https://data.example/1", citation="旧目录", updated="2024-05-01")
    facts = {"id": case, "state": State.LIVE, "version": 1, "case_seq": 1, "changed_at": at, "provider": provider}
    said = Metadata(title="公园名录", items=())
    version = Version(**facts, number=1, metadata=said, source=source, resource_code=code, published_at=at)
    importer = Caller(organisation=OFFICE, officer="o-1", claims=frozenset({Claim.OFFICER}))
    event = event_for("resource.imported", version, Act(Action.PUBLISH, None, importer, at), filed=True)
    live = version.model_copy(update={"filed_as": event.id})
    catalog_store().save_step(step_of(Entry(**facts, live=live), event))
    return case
