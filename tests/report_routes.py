"""The route of the reports: who may call it. What each of them sees of a report is for test_catalog_reports.py."""

from tests.routes import Sent

ROLES = """
                                                anonymous asking giving giving_approver office statistics secrecy archives auditor
GET  /catalog/reports/{name}                          401    200    200             200    200        200     200      200     200
"""  # noqa: E501 - a table has wide rows


def request_for(route: str) -> Sent:
    """Return a request that whom the table allows may send: a report that is not for everybody."""
    method, path = route.split()
    return Sent(method, path.format(name="quality"))
