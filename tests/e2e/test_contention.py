"""Fifty at once on a deployed stack: no number twice or left out, one collector, and filings that find each other."""

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from infra.local.places import Kind
from services.shared.canonical import new_id
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from tests.catalogue import ENTRY
from tests.collecting import COMMENT, statement
from tests.databases import description
from tests.e2e.city import City, Unit

MANY, AT_ONCE = 50, 4
BUILDERS = ["110101", "110102", "110105", "110106", "110107", "110108", "110109", "110111", "110112", "110113"]
POLICE, TRANSPORT = "public_security_bureau", "transport_commission"
REASON = "所需为本单位业务过程数据,该项不能替代。"
T = TypeVar("T")
U = TypeVar("U")


def at_once(do: Callable[[T], U], given: Iterable[T], workers: int = AT_ONCE) -> list[U]:
    """Return what `do` makes of each, many at a time."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(do, given))


@pytest.fixture(autouse=True)
def shared_processes(city: City) -> None:
    """LocalStack starts a process for each call at the same moment: fifty are more than a small machine bears."""
    if city.kind is not Kind.MINISTACK:
        pytest.skip("fifty calls at once are made where functions share a process")


def created(unit: Unit, path: str, body: Any) -> dict[str, Any]:
    """Create something that must be taken."""
    answer = unit.post(path, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def certified(unit: Unit, subject: dict[str, Any]) -> str:
    """Return the id of a certificate in which every strong hit is justified."""
    certificate = created(unit, "/catalog/checks", subject)
    for hit in certificate["undecided"]:
        unit.does(f"/catalog/checks/{certificate['id']}", "justify", {"hit": hit, "reason": REASON})
    return str(certificate["id"])


def applied(city: City, unit: str, item: str) -> str:
    """Return the address of an application to collect an item, whose data items are like no other's."""
    calls, said = city.unit(unit), statement(unit, item=item, items=[item])
    looked_for = {"intent": "collection", "name": item, **{k: said[k] for k in ("basic_class", "items", "areas")}}
    case = created(calls, "/catalog/collections", said | {"certificate": certified(calls, looked_for)})
    path = f"/catalog/collections/{case['id']}"
    calls.does(path, "apply")
    return path


def designated(city: City, unit: str) -> str:
    """Return the address of a collection duty that was designated, on an item that nobody else collects."""
    path, office = applied(city, unit, f"登记{new_id()}"), city.unit(OFFICE)
    office.does(path, "start_review")
    office.does(path, "approve", COMMENT)
    city.unit(STATISTICS_BUREAU).does(path, "approve", COMMENT)
    return path


def published(city: City, unit: str) -> str:
    """Return the id of a published collection duty."""
    path, office = designated(city, unit), city.unit(OFFICE)
    office.does(path, "register")
    office.does(path, "publish")
    return path.rpartition("/")[2]


def gapless(numbers: Sequence[str]) -> bool:
    """Return whether numbers that end in digits follow each other, each once."""
    counted = sorted(int(re.findall(r"\d+$", number)[0]) for number in numbers)
    return counted == list(range(counted[0], counted[0] + len(numbers)))


def test_fifty_registrations_at_once_get_fifty_numbers(city: City) -> None:
    duties = at_once(lambda _: designated(city, POLICE), range(MANY))
    numbers = at_once(lambda path: city.unit(OFFICE).does(path, "register")["number"], duties, MANY)

    assert gapless(numbers), numbers


def test_fifty_publications_at_once_get_fifty_codes(city: City) -> None:
    def approved(_: int) -> str:
        giving, office = city.unit(TRANSPORT), city.unit(OFFICE)
        path = f"/catalog/resources/{created(giving, '/catalog/resources', ENTRY)['id']}"
        giving.does(path, "submit")
        office.does(path, "start_review")
        office.does(path, "approve")
        return path

    entries = at_once(approved, range(MANY))
    shown = at_once(lambda path: city.unit(OFFICE).does(path, "publish"), entries, MANY)
    codes = [entry["live"]["resource_code"] for entry in shown]
    assert gapless(codes), codes
    found = Unit(city, None).get(f"/catalog/resources?code={codes[0]}").json()["items"]
    assert [entry["id"] for entry in found] == [shown[0]["id"]]


def test_fifty_decisions_at_once_leave_one_collector(city: City) -> None:
    item, units, office = f"登记{new_id()}", BUILDERS[:5], city.unit(OFFICE)
    claims = [applied(city, unit, item) for unit in units]
    office.does(claims[0], "open_coordination")
    for unit, path in zip(units, claims, strict=True):
        city.unit(unit).does(path, "be_heard", {"position": "本单位依法采集。"})
    etag = office.get(claims[0]).headers["ETag"]

    def settled(turn: int) -> int:
        winner = claims[turn % len(claims)].rpartition("/")[2]
        answer = office.act(claims[0], "settle", {"designated": winner, "reason": "一数一源。"}, etag=etag)
        return answer.status_code

    statuses = at_once(settled, range(MANY), MANY)
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 409, 412, 422}
    states = sorted(office.get(path).json()["state"] for path in claims)
    assert states == ["DESIGNATED", *["REDIRECTED"] * 4]


@pytest.mark.parametrize("name", ["网约车运行数据库"])
def test_fifty_filings_of_the_same_database_at_once_all_find_each_other(city: City, name: str) -> None:
    rests_on = dict(zip(BUILDERS, at_once(lambda unit: published(city, unit), BUILDERS), strict=True))

    def planned(unit: str) -> tuple[Unit, str]:
        calls, said = city.unit(unit), description(unit, rests_on[unit], name=name)
        items = [item["name"] for item in said["items"]]
        subject = {"intent": "database", "name": name, "items": items, "areas": said["areas"]}
        body = {"description": said, "certificate": certified(calls, subject)}
        return calls, f"/catalog/databases/{created(calls, '/catalog/databases', body)['id']}"

    plans = at_once(planned, BUILDERS * (MANY // len(BUILDERS)))
    at_once(lambda plan: plan[0].does(plan[1], "cases/establishment/file"), plans, MANY)
    filed = {path.rpartition("/")[2] for _, path in plans}
    for calls, path in plans:
        seen = {rival["id"] for rival in calls.get(path).json()["rivals"]}
        assert seen == filed - {path.rpartition("/")[2]}
    refused = city.unit(OFFICE)
    first = plans[0][1]
    refused.does(first, "cases/establishment/start_review")
    answer = refused.act(first, "cases/establishment/approve", COMMENT)
    assert answer.status_code == 422, answer.text
