"""The route that searches: everybody may call it."""

from tests.resource_routes import an_entry
from tests.routes import Sent
from tests.searching import index

ROLES = """
                                                anonymous asking giving giving_approver office statistics secrecy archives auditor
GET  /catalog/search                                  200    200    200             200    200        200     200      200     200
"""  # noqa: E501 - a table has wide rows


def request_for(route: str) -> Sent:
    """Return a request that whom the table allows may send."""
    an_entry()
    index()
    method, path = route.split()
    return Sent(method, f"{path}?q=泊位&share_type=UNCONDITIONAL")
