"""The routes by which catalogues come in: who may call them, and a request for each that would succeed.

An import is its unit's; the giving side has made the one that is asked for, and its file is there.
"""

from typing import Any

from tests import transfers
from tests.routes import CALLERS, Sent, Write
from tests.sharing import PROVIDER

ROLES = """
                                                anonymous asking giving giving_approver office statistics secrecy archives auditor
GET  /catalog/imports                                 401    200    200             200    200        200     200      200     200
POST /catalog/imports                                 401    201    201             403    201        201     201      201     403
GET  /catalog/imports/template                        303    303    303             303    303        303     303      303     303
GET  /catalog/imports/{import_id}                     401    404    200             200    404        404     404      404     404
GET  /catalog/imports/{import_id}/problems            401    404    200             200    404        404     404      404     404
POST /catalog/imports/{import_id}/{action}            401    404    200             403    404        404     404      404     404
"""  # noqa: E501 - a table has wide rows
WRITES = ("POST /catalog/imports", "POST /catalog/imports/{import_id}/{action}")
WANTED: dict[str, Any] = {"format": "xlsx", "as": "draft", "size": 1000}


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if "{" not in path:
        return Sent(method, path, WANTED if method == "POST" else None)
    assert CALLERS["giving"][0] == PROVIDER
    made = transfers.announced(transfers.table({"信息资源名称": "泊位"}), "draft", PROVIDER)
    return Sent(method, path.format(import_id=made.body["id"], action="check"), etag=made.etag)


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    create, take = WRITES
    made = Sent("POST", "/catalog/imports", WANTED).by("giving")
    discard = Sent("POST", f"/catalog/imports/{made.body['id']}/discard", {"reason": "表格有误"}, made.etag)
    return {
        create: Write(Sent("POST", "/catalog/imports", WANTED), "giving", ("format",)),
        take: Write(discard, "giving", ("reason",)),
    }
