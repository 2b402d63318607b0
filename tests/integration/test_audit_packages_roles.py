"""Who may do what with archive packages: every route by everyone there is, the anonymous one too."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SUPERVISION_BUREAU
from tests.archiving import HANDLER, HERE, prepare, returned
from tests.filing import REQUESTER, prepare_ledger
from tests.packages import REFUSED, events_of, file_events
from tests.stack import empty, undone
from tests.support import Reply, call, token

WHO: dict[str, tuple[str, ...]] = {
    "anonymous": (),
    "archives": (ARCHIVES_BUREAU, "officer"),
    "archives_approver": (ARCHIVES_BUREAU, "approver"),
    "archives_auditor": (ARCHIVES_BUREAU, "auditor"),
    "office": (OFFICE, "officer", "approver"),
    "office_auditor": (OFFICE, "auditor"),
    "supervision": (SUPERVISION_BUREAU, "officer", "auditor"),
    "secrecy": ("secrecy_bureau", "officer", "approver"),
    "party": (REQUESTER, "officer", "approver"),
    "stranger": ("drc", "officer", "approver"),
}
ROLES = """
           anonymous archives archives_approver archives_auditor office office_auditor supervision secrecy party stranger
retention        401      200               200              200    200            200         200     200   200      200
list             401      200               403              200    200            200         200     403   403      403
make             401      201               403              403    201            403         403     403   403      403
read             401      200               404              200    200            200         200     404   404      404
bag              401      302               404              302    302            302         302     404   404      404
history          401      200               404              200    200            200         200     404   404      404
receive          401      200               404              403    403            403         403     404   404      404
return           401      200               404              403    403            403         403     404   404      404
prepare          401      200               404              403    200            403         403     404   404      404
"""  # noqa: E501 - a table has wide rows
HEAD, *ROWS = ROLES.strip("\n").splitlines()
CELLS = [
    (row.split()[0], caller, int(status))
    for row in ROWS
    for caller, status in zip(HEAD.split(), row.split()[1:], strict=True)
]


@pytest.fixture(scope="module")
def made(stack_in_memory: dict[str, str]) -> Iterator[tuple[Reply, Reply, str]]:
    """A package that is prepared, one that was returned, and a closed case that has none."""
    empty(stack_in_memory)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in prepare_ledger(stack_in_memory).items():
            patch.setenv(name, value)
        cases = [events_of(*REFUSED) for _ in range(3)]
        file_events(*[event for events in cases for event in events])
        first, second, third = (events[0].case for events in cases)
        yield prepare(first), returned(prepare(second)), third


@pytest.mark.parametrize(("route", "caller", "status"), CELLS)
def test_who_may_do_what_with_packages(route: str, caller: str, status: int, made: tuple[Reply, Reply, str]) -> None:
    package = made[1] if route == "prepare" else made[0]
    named, bearer = f"{HERE}/{package.body['id']}", token(*WHO[caller]) if WHO[caller] else None
    requests: dict[str, tuple[str, str, Any]] = {
        "retention": ("GET", "/audit/retention", None),
        "list": ("GET", HERE, None),
        "make": ("POST", HERE, {"case": made[2]}),
        "read": ("GET", named, None),
        "bag": ("GET", f"{named}/bag", None),
        "history": ("GET", f"{named}/history", None),
        "receive": ("POST", f"{named}/receive", {"manifest_sha256": package.body["manifest_sha256"]}),
        "return": ("POST", f"{named}/return", {"failed": ["viruses"]}),
        "prepare": ("POST", f"{named}/prepare", {}),
    }
    method, path, body = requests[route]
    changes = status < 300 and method == "POST"
    with undone(os.environ["AUDIT_TABLE"]) if changes else nullcontext():
        reply = call(HANDLER, method, path, token=bearer, json=body, headers={"If-Match": package.etag})

    assert reply.status == status, reply.body
