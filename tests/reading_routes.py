"""The routes that only read the catalogue as a whole: who may call them."""

from tests.routes import Sent

ROLES = """
                                                anonymous asking giving giving_approver office statistics secrecy archives auditor
GET  /catalog/vocabulary                              200    200    200             200    200        200     200      200     200
"""  # noqa: E501 - a table has wide rows


def request_for(route: str) -> Sent:
    """Return a request that whom the table allows may send."""
    return Sent(*route.split())
