"""The routes that only read the catalogue as a whole: who may call them."""

import os

from services.catalog import feed_store
from tests.resource_routes import an_entry
from tests.routes import Sent
from tests.support import events_in

ROLES = """
                                                anonymous asking giving giving_approver office statistics secrecy archives auditor
GET  /catalog/vocabulary                              200    200    200             200    200        200     200      200     200
GET  /catalog/catalogues                              200    200    200             200    200        200     200      200     200
GET  /catalog/catalogues/{name}                       200    200    200             200    200        200     200      200     200
GET  /catalog/changes                                 200    200    200             200    200        200     200      200     200
GET  /catalog/chain/{kind}/{node_id}                  200    200    200             200    200        200     200      200     200
"""  # noqa: E501 - a table has wide rows


def request_for(route: str) -> Sent:
    """Return a request that whom the table allows may send."""
    method, path = route.split()
    if "{kind}" not in path:
        return Sent(method, path.format(name="application"))
    entry = an_entry()["id"]
    table = os.environ["CATALOG_TABLE"]
    feed_store.number(table, [event for event in events_in(table) if event.case == entry and event.case_seq == 5])
    return Sent(method, path.format(kind="resource", node_id=entry))
