"""Steps that tests take with accurate figures, over HTTP: one proposed, moved along, published."""

from collections.abc import Mapping
from typing import Any

from services.catalog.api import handler
from tests.support import Reply, call, token

UNIT, OFFICE, STATISTICS, STRANGER = "transport_commission", "informatization_office", "statistics_bureau", "drc"
FIGURE: dict[str, Any] = {
    "name": "停车泊位总数",
    "definition": "报告期末全市备案公共停车场的机动车泊位数,不含居住小区内部泊位。",
    "unit_of_measure": "个",
    "method": "各停车场备案泊位数逐级汇总。",
    "sources": [{"text": "北京市公共停车场备案台账"}],
    "authority": UNIT,
    "cycle": "yearly",
    "period": "年末时点",
    "legal_basis": {"instrument": "beijing-parking-regulation", "clause": "4"},
}
COMMENT = {"comment": "口径清楚,与统计制度一致。"}
GAPS = {"gaps": [{"pointer": "/definition", "detail": "请说明是否含路侧泊位"}]}
REASON = {"reason": "指标已由新制度替代"}


def propose(figure: Mapping[str, Any] = FIGURE, unit: str = UNIT, key: str | None = None) -> Reply:
    """Draft a figure as a unit's officer, under an Idempotency-Key if one is given."""
    headers = {"Idempotency-Key": key} if key else {}
    return call(handler, "POST", "/catalog/figures", token=token(unit), json=figure, headers=headers)


def read(figure_id: str, organisation: str | None = None) -> Reply:
    """Read a figure as an organisation's officer, or as nobody."""
    return call(handler, "GET", f"/catalog/figures/{figure_id}", token=organisation and token(organisation))


def act(last: Reply, action: str, organisation: str, body: Any = None) -> Reply:
    """Take an action on the version that the last answer showed."""
    path = f"/catalog/figures/{last.body['id']}/{action}"
    return call(handler, "POST", path, token=token(organisation), json=body, headers={"If-Match": last.etag})


def put(last: Reply, organisation: str, figure: Mapping[str, Any]) -> Reply:
    """Send what a figure says for the version that the last answer showed."""
    path = f"/catalog/figures/{last.body['id']}"
    return call(handler, "PUT", path, token=token(organisation), json=figure, headers={"If-Match": last.etag})


def approved(draft: Reply, unit: str = UNIT) -> Reply:
    """Bring a draft to approval by both."""
    return act(act(act(draft, "submit", unit), "approve", OFFICE, COMMENT), "approve", STATISTICS, COMMENT)


def published(figure: Mapping[str, Any] = FIGURE, unit: str = UNIT) -> Reply:
    """Bring a new figure to publication."""
    return act(approved(propose(figure, unit), unit), "publish", STATISTICS)
