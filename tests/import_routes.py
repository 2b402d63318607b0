"""The routes by which catalogues come in: who may call them, and a request for each that would succeed."""

from tests.routes import Sent, Write

ROLES = """
                                                anonymous asking giving giving_approver office statistics secrecy archives auditor
POST /catalog/imports                                 401    403    403             403    200        403     403      403     403
"""  # noqa: E501 - a table has wide rows
WRITES = ("POST /catalog/imports",)
ROW = {
    "id": "bj-bad-1",
    "source": "beijing",
    "title": "空余泊位发送记录",
    "provider": "石景山区",
    "summary": "泊位",
    "items": [{"name": "空余泊位数", "type": None}],
    "update_frequency": "",
    "format": ["csv"],
    "theme": "",
    "source_url": "https://data.beijing.gov.cn/1",
    "updated": "2024-01-01",
    "provider_in_summary": "",
    "archived": False,
    "downloads": 0,
}


def request_for(route: str) -> Sent:
    """Return a request that whom the table allows may send."""
    method, path = route.split()
    return Sent(method, path, {"rows": [ROW]})


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    return {WRITES[0]: Write(Sent("POST", "/catalog/imports", {"rows": [ROW]}), "office", ("rows", 0, "title"))}
