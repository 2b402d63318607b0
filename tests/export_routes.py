"""The route that gives the public catalogue as a file: who may call it."""

from tests.routes import Sent

# Everybody may; the first to ask is told where to ask again, for the file is being built.
ROLES = """
                                                anonymous asking giving giving_approver office statistics secrecy archives auditor
GET  /catalog/exports/{format}                        202    202    202             202    202        202     202      202     202
"""  # noqa: E501 - a table has wide rows


def request_for(route: str) -> Sent:
    """Return a request that whom the table allows may send."""
    method, path = route.split()
    return Sent(method, path.format(format="csv"))
