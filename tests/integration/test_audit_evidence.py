"""Sealed evidence over HTTP and into the ledger: who may seal and read, what is refused, and that the seal is filed."""

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from services.audit import listen
from services.audit.api import handler
from services.audit.evidence import Evidence, Given, Sealing
from services.audit.evidence_acts import FILED, seal
from services.audit.evidence_store import EvidenceStore
from services.audit.verify.canonical import parse_entry
from services.audit.verify.receipt import verify_receipt
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.errors import Stale
from services.shared.events import Event
from services.shared.once import Once
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SECRECY_BUREAU, SUPERVISION_BUREAU
from tests.filing import PROVIDER, REQUESTER, a_case, a_sequencer, entries, policy, standing_ledger, store, take_in
from tests.filing import receipt as receipt_of
from tests.sharing import fresh_key
from tests.stack import CALLS, at_once, stored
from tests.support import Pump, Reply, call, events_in, token

HERE = "/audit/evidence"


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[dict[str, str]]:
    """One ledger for all tests here."""
    with standing_ledger() as made:
        yield made


@pytest.fixture(scope="module")
def filed(stack: dict[str, str]) -> str:
    """A case of four entries, between two units."""
    events = a_case(4)
    take_in(*events)
    a_sequencer().run()
    return events[0].case


@pytest.fixture(scope="module")
def secret(stack: dict[str, str]) -> str:
    """The one case that the secrecy bureau is a party of."""
    (event,) = a_case(1)
    take_in(event.model_copy(update={"parties": (PROVIDER, SECRECY_BUREAU)}))
    return event.case


class Inquiry(NamedTuple):
    """An accountability case of a test's own, and the case of sharing that it is about."""

    name: str
    case: str

    def asked(self, **changes: Any) -> dict[str, Any]:
        """Return the body that seals a bundle for it."""
        return {
            "accountability_case": self.name,
            "ground": "duty",
            "units": [PROVIDER],
            "cases": [self.case],
            "entries": 4,
            "checkpoint_size": 4,
            "manifest_sha256": "ab" * 32,
        } | changes

    @property
    def list(self) -> str:
        """The address of what was sealed for it."""
        return f"{HERE}?accountability_case={self.name}"

    @property
    def seals(self) -> tuple[Event, ...]:
        """The events of what was sealed for it."""
        events = (event for event in events_in(os.environ["AUDIT_TABLE"]) if event.type == "evidence.sealed")
        return tuple(event for event in events if event.body["accountability_case"] == self.name)


@pytest.fixture
def inquiry(filed: str) -> Inquiry:
    """A new accountability case."""
    return Inquiry(f"JC-{fresh_key()}", filed)


def post(body: Any, organisation: str | None = SUPERVISION_BUREAU, *roles: str, key: str | None = None) -> Reply:
    headers = {"Idempotency-Key": key} if key else {}
    bearer = token(organisation, *roles) if organisation else None
    return call(handler, "POST", HERE, token=bearer, json=body, headers=headers)


def get(path: str, organisation: str | None, *roles: str) -> Reply:
    return call(handler, "GET", path, token=token(organisation, *roles) if organisation else None)


def file_the_seals() -> None:
    Pump(os.environ["AUDIT_TABLE"], listen.intake, ("evidence.",)).run()
    a_sequencer().run()


def test_what_is_sealed_is_answered_and_read_back(inquiry: Inquiry) -> None:
    sealed = post(inquiry.asked())

    assert (sealed.status, sealed.headers["location"]) == (201, f"{HERE}/{sealed.body['id']}")
    assert {name: sealed.body[name] for name in inquiry.asked()} == inquiry.asked()
    assert sealed.body["sealed_by"] == SUPERVISION_BUREAU
    assert get(sealed.headers["location"], SUPERVISION_BUREAU).body == sealed.body
    assert get(inquiry.list, SUPERVISION_BUREAU).body == {"items": [sealed.body], "next": None}


# Of what the supervision bureau sealed about a case that the secrecy bureau is a party of.
WHO = """
                        duty  leak  read  list
anonymous                401   401   401   401
supervision              201   201   200   200
supervision_approver     201   201   200   200
supervision_auditor      403   403   200   200
office                   201   201   200   200
office_approver          201   201   404   200
secrecy                  403   201   404   200
secrecy_approver         403   201   404   200
archives                 403   403   200   200
unit                     403   403   404   403
unit_approver            403   403   404   403
requester                403   403   404   403
"""
CALLERS: dict[str, tuple[str, ...]] = {
    "supervision": (SUPERVISION_BUREAU, "officer"),
    "supervision_approver": (SUPERVISION_BUREAU, "approver"),
    "supervision_auditor": (SUPERVISION_BUREAU, "auditor"),
    "office": (OFFICE, "officer"),
    "office_approver": (OFFICE, "approver"),
    "secrecy": (SECRECY_BUREAU, "officer"),
    "secrecy_approver": (SECRECY_BUREAU, "approver"),
    "archives": (ARCHIVES_BUREAU, "officer"),
    "unit": (PROVIDER, "officer"),
    "unit_approver": (PROVIDER, "approver"),
    "requester": (REQUESTER, "officer", "approver", "administrator", "auditor"),
}
ROWS = [line.split() for line in WHO.strip("\n").splitlines()[1:]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_who_may_do_what(inquiry: Inquiry, secret: str, row: list[str]) -> None:
    who, *statuses = row
    organisation, *roles = CALLERS.get(who, (None,))
    about = inquiry._replace(case=secret)
    place = post(about.asked()).headers["location"]

    answers = [post(about.asked(ground=ground), organisation, *roles) for ground in ("duty", "leak")]
    answers += [get(path, organisation, *roles) for path in (place, about.list)]

    assert [str(answer.status) for answer in answers] == statuses


def test_the_units_under_inquiry_see_neither_record_nor_entry(inquiry: Inquiry) -> None:
    sealed = post(inquiry.asked(units=[PROVIDER, ARCHIVES_BUREAU])).body
    file_the_seals()

    mark = store().mark(sealed["event_id"])
    assert mark is not None
    assert PROVIDER not in {*mark.parties, mark.filing.authority if mark.filing else ""}
    for path in (f"/audit/receipts/{sealed['event_id']}", f"/audit/filings?case={sealed['id']}"):
        assert (get(path, SUPERVISION_BUREAU).status, get(path, PROVIDER).status) == (200, 404)
    assert get(f"{HERE}/{sealed['id']}", PROVIDER).status == 404
    assert get(f"{HERE}/{sealed['id']}", ARCHIVES_BUREAU).status == 404  # though it oversees sharing
    assert get(inquiry.list, ARCHIVES_BUREAU).body["items"] == []


def test_a_bureau_lists_what_it_may_read(inquiry: Inquiry) -> None:
    first, second = post(inquiry.asked()).body, post(inquiry.asked(ground="leak"), OFFICE).body
    post(inquiry.asked(accountability_case=f"{inquiry.name}-2"))

    assert get(inquiry.list, SUPERVISION_BUREAU).body["items"] == [first, second]
    assert get(inquiry.list, SECRECY_BUREAU).body["items"] == []
    assert get(f"{inquiry.list}-3", SUPERVISION_BUREAU).body == {"items": [], "next": None}


def test_a_list_goes_on_page_by_page(inquiry: Inquiry) -> None:
    sealed = [post(inquiry.asked(entries=count)).body for count in (1, 2, 3)]

    first = get(f"{inquiry.list}&limit=2", OFFICE).body
    second = get(f"{inquiry.list}&limit=2&next={first['next']}", OFFICE).body

    assert [*first["items"], *second["items"]] == sealed
    assert second["next"] is None
    assert get(f"{inquiry.list}-2&next={first['next']}", OFFICE).pointers == ["/query/next"]


@pytest.mark.parametrize("path", [HERE, f"{HERE}?accountability_case=", f"{HERE}?accountability_case=x&limit=0"])
def test_a_list_of_nothing_in_particular_is_refused(path: str) -> None:
    answer = get(path, OFFICE)

    assert (answer.status, len(answer.pointers)) == (422, 1)


def test_what_is_not_there_is_not_found() -> None:
    assert get(f"{HERE}/unknown", SUPERVISION_BUREAU).status == 404


def test_everything_wrong_with_the_form_is_told_at_once() -> None:
    units, cases = ["", "市科委"], ["a/b"]
    wrong = {"accountability_case": "某案", "ground": "spite", "units": units, "cases": cases, "entries": "4", "why": 1}

    answer = post(wrong | {"manifest_sha256": "xy"})

    assert answer.status == 422
    assert answer.pointers == [
        *("/accountability_case", "/cases/0", "/checkpoint_size", "/entries"),
        *("/ground", "/manifest_sha256", "/units/0", "/units/1", "/why"),
    ]


def test_everything_wrong_with_what_is_said_is_told_at_once(inquiry: Inquiry) -> None:
    before = stored(os.environ["AUDIT_TABLE"])
    wrong = {"units": ["nobody"], "cases": [inquiry.case, "c-unknown"], "checkpoint_size": 10_000, "entries": 1}

    answer = post(inquiry.asked(**wrong))

    assert (answer.status, answer.pointers) == (422, ["/cases/1", "/checkpoint_size", "/entries", "/units/0"])
    assert stored(os.environ["AUDIT_TABLE"]) == before


def test_to_who_may_not_read_a_case_it_is_no_case_of_the_ledger(inquiry: Inquiry) -> None:
    answer = post(inquiry.asked(ground="leak"), SECRECY_BUREAU)

    assert (answer.status, answer.pointers) == (422, ["/cases/0"])


def test_a_case_is_known_by_any_of_its_entries_that_the_caller_may_read(inquiry: Inquiry) -> None:
    first, second = a_case(2)
    take_in(first, second.model_copy(update={"parties": (SECRECY_BUREAU,)}))

    assert post(inquiry.asked(ground="leak", cases=[first.case]), SECRECY_BUREAU).status == 201


def test_a_key_seals_once(inquiry: Inquiry) -> None:
    first = post(inquiry.asked(), key=inquiry.name)

    assert post(inquiry.asked(), key=inquiry.name).body == first.body
    assert post(inquiry.asked(entries=3), key=inquiry.name).status == 422
    assert len(inquiry.seals) == 1


def test_of_many_with_one_key_at_once_one_seals(inquiry: Inquiry) -> None:
    told = Sealing.model_validate(inquiry.asked())
    caller = Caller(organisation=OFFICE, officer="o-1", claims=frozenset({Claim.OFFICER}))
    once = Once(organisation=OFFICE, key=inquiry.name, body_hash="ab")
    table = EvidenceStore(os.environ["AUDIT_TABLE"])

    def save() -> Evidence:
        sealed, event = seal(told, caller, now(), Given(4, frozenset({inquiry.case})))
        table.save(sealed, event, once)
        return sealed

    outcomes = at_once(*[save] * 4)

    assert [each.id for each in outcomes if isinstance(each, Evidence)] == [table.made_before(once)]
    assert sum(isinstance(each, Stale) for each in outcomes) == 3
    assert len(inquiry.seals) == 1


def test_record_and_event_are_written_together_or_not_at_all(inquiry: Inquiry) -> None:
    before = stored(os.environ["AUDIT_TABLE"])
    with CALLS.crash("before", 1):
        post(inquiry.asked())

    assert CALLS.crashed
    assert stored(os.environ["AUDIT_TABLE"]) == before

    with CALLS.crash("after", 1):
        post(inquiry.asked())

    assert len(get(inquiry.list, OFFICE).body["items"]) == len(inquiry.seals) == 1


def test_the_seal_is_filed_and_its_receipt_verifies(inquiry: Inquiry) -> None:
    sealed = post(inquiry.asked()).body
    file_the_seals()
    (event,) = inquiry.seals

    mark = store().mark(event.id)
    assert mark is not None
    assert mark.index is not None
    entry = entries()[mark.index]
    assert verify_receipt(receipt_of(event), entry, policy()).index == mark.index
    assert parse_entry(entry)["body"] == inquiry.asked()
    assert (mark.case, mark.event_id, mark.filing) == (sealed["id"], sealed["event_id"], FILED)
