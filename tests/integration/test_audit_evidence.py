"""Sealed evidence over HTTP and into the ledger: who may seal and read, what is refused, and that the seal is filed."""

import os
from functools import partial
from typing import Any

import pytest

from services.audit import listen
from services.audit.api import handler
from services.audit.evidence import Evidence, Given, Sealing
from services.audit.evidence_acts import seal
from services.audit.evidence_store import EvidenceStore
from services.audit.verify.canonical import parse_entry
from services.audit.verify.receipt import verify_receipt
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.errors import Stale
from services.shared.events import Event
from services.shared.once import Once
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SECRECY_BUREAU, SUPERVISION_BUREAU
from tests.filing import PROVIDER, REQUESTER, a_case, a_sequencer, entries, log, policy, prepare_ledger, store, take_in
from tests.filing import receipt as receipt_of
from tests.stack import CALLS, at_once, empty, stored
from tests.support import Pump, Reply, call, events_in, token

HERE = "/audit/evidence"


@pytest.fixture(autouse=True)
def case(stack_in_memory: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Event:
    """The last event of the one case that the ledger holds; four entries are filed."""
    empty(stack_in_memory)
    for name, value in prepare_ledger(stack_in_memory).items():
        monkeypatch.setenv(name, value)
    events = a_case(4)
    take_in(*events)
    a_sequencer().run()
    return events[-1]


def asked(case: Event, **changes: Any) -> dict[str, Any]:
    return {
        "accountability_case": "JC-2026-15",
        "ground": "duty",
        "units": [PROVIDER],
        "cases": [case.case],
        "entries": 4,
        "checkpoint_size": 4,
        "manifest_sha256": "ab" * 32,
    } | changes


def post(body: Any, organisation: str | None = SUPERVISION_BUREAU, *roles: str, key: str | None = None) -> Reply:
    headers = {"Idempotency-Key": key} if key else {}
    bearer = token(organisation, *roles) if organisation else None
    return call(handler, "POST", HERE, token=bearer, json=body, headers=headers)


def get(path: str, organisation: str | None, *roles: str) -> Reply:
    return call(handler, "GET", path, token=token(organisation, *roles) if organisation else None)


def listed(organisation: str, of: str = "JC-2026-15", more: str = "") -> Reply:
    return get(f"{HERE}?accountability_case={of}{more}", organisation)


def test_what_is_sealed_is_answered_and_read_back(case: Event) -> None:
    sealed = post(asked(case))

    assert (sealed.status, sealed.headers["location"]) == (201, f"{HERE}/{sealed.body['id']}")
    assert {name: sealed.body[name] for name in asked(case)} == asked(case)
    assert sealed.body["sealed_by"] == SUPERVISION_BUREAU
    assert get(sealed.headers["location"], SUPERVISION_BUREAU).body == sealed.body
    assert listed(SUPERVISION_BUREAU).body == {"items": [sealed.body], "next": None}


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


@pytest.mark.parametrize(("who", "duty", "leak", "read", "listing"), ROWS)
def test_who_may_do_what(case: Event, who: str, duty: str, leak: str, read: str, listing: str) -> None:
    organisation, *roles = CALLERS.get(who, (None,))
    case = case_of_the_secrecy_bureau() if who.startswith("secrecy") else case
    place = post(asked(case)).headers["location"] if not who.startswith("secrecy") else post_by_supervision(case)

    answers = [post(asked(case, ground=ground), organisation, *roles) for ground in ("duty", "leak")]
    answers += [get(path, organisation, *roles) for path in (place, f"{HERE}?accountability_case=JC-2026-15")]

    assert [str(answer.status) for answer in answers] == [duty, leak, read, listing], [a.body for a in answers]


def post_by_supervision(case: Event) -> str:
    return post(asked(case)).headers["location"]


def case_of_the_secrecy_bureau() -> Event:
    """Return the event of a case that the secrecy bureau is a party of; it sees no other."""
    (event,) = a_case(1)
    event = event.model_copy(update={"parties": (PROVIDER, SECRECY_BUREAU)})
    take_in(event)
    return event


def test_the_units_under_inquiry_see_neither_record_nor_entry(case: Event) -> None:
    sealed = post(asked(case, units=[PROVIDER, ARCHIVES_BUREAU])).body
    file_the_seals()

    mark = store().mark(sealed["event_id"])
    assert mark is not None
    assert PROVIDER not in {*mark.parties, mark.filing.authority if mark.filing else ""}
    assert get(f"{HERE}/{sealed['id']}", PROVIDER).status == 404
    assert get(f"{HERE}/{sealed['id']}", ARCHIVES_BUREAU).status == 404  # though it oversees sharing
    assert listed(ARCHIVES_BUREAU).body["items"] == []


def test_a_bureau_lists_what_it_may_read(case: Event) -> None:
    first, second = post(asked(case)).body, post(asked(case, ground="leak"), OFFICE).body
    post(asked(case, accountability_case="JC-2026-16"))

    assert listed(SUPERVISION_BUREAU).body["items"] == [first, second]
    assert listed(SECRECY_BUREAU).body["items"] == []
    assert listed(SUPERVISION_BUREAU, of="JC-2027-1").body == {"items": [], "next": None}


def test_a_list_goes_on_page_by_page(case: Event) -> None:
    sealed = [post(asked(case, entries=count)).body for count in (1, 2, 3)]

    first = listed(OFFICE, more="&limit=2").body
    second = listed(OFFICE, more=f"&limit=2&next={first['next']}").body

    assert [*first["items"], *second["items"]] == sealed
    assert second["next"] is None
    assert listed(OFFICE, of="JC-2026-16", more=f"&next={first['next']}").pointers == ["/query/next"]


@pytest.mark.parametrize("path", [HERE, f"{HERE}?accountability_case=", f"{HERE}?accountability_case=x&limit=0"])
def test_a_list_of_nothing_in_particular_is_refused(path: str) -> None:
    answer = get(path, OFFICE)

    assert (answer.status, len(answer.pointers)) == (422, 1)


def test_what_is_not_there_is_not_found() -> None:
    assert get(f"{HERE}/unknown", SUPERVISION_BUREAU).status == 404


def test_everything_wrong_with_the_form_is_told_at_once(case: Event) -> None:
    wrong = {
        "accountability_case": "某案",
        "ground": "spite",
        "units": ["", "市科委"],
        "cases": ["a/b"],
        "entries": "4",
        "why": 1,
    }

    answer = post(wrong | {"manifest_sha256": "xy"})

    assert answer.status == 422
    assert answer.pointers == [
        *("/accountability_case", "/cases/0", "/checkpoint_size", "/entries"),
        *("/ground", "/manifest_sha256", "/units/0", "/units/1", "/why"),
    ]


def test_everything_wrong_with_what_is_said_is_told_at_once(case: Event) -> None:
    before = stored(os.environ["AUDIT_TABLE"])

    answer = post(asked(case, units=["nobody"], cases=[case.case, "c-unknown"], checkpoint_size=5, entries=1))

    assert (answer.status, answer.pointers) == (422, ["/cases/1", "/checkpoint_size", "/entries", "/units/0"])
    assert stored(os.environ["AUDIT_TABLE"]) == before


def test_to_who_may_not_read_a_case_it_is_no_case_of_the_ledger(case: Event) -> None:
    answer = post(asked(case, ground="leak"), SECRECY_BUREAU)

    assert (answer.status, answer.pointers) == (422, ["/cases/0"])


def test_a_case_is_known_by_any_of_its_entries_that_the_caller_may_read(case: Event) -> None:
    later = a_case(1, start=5, case=case.case)[0].model_copy(update={"parties": (SECRECY_BUREAU,)})
    take_in(later)

    assert post(asked(case, ground="leak"), SECRECY_BUREAU).status == 201


def test_a_key_seals_once(case: Event) -> None:
    first = post(asked(case), key="bundle-of-jc-15")

    assert post(asked(case), key="bundle-of-jc-15").body == first.body
    assert post(asked(case, entries=3), key="bundle-of-jc-15").status == 422
    assert len(seals()) == 1


def test_of_many_with_one_key_at_once_one_seals(case: Event) -> None:
    told, claims = Sealing.model_validate(asked(case)), frozenset({Claim.OFFICER})
    caller = Caller(organisation=OFFICE, officer="o-1", claims=claims)
    once = Once.of(OFFICE, "bundle-of-jc-15", told)
    table = EvidenceStore(os.environ["AUDIT_TABLE"])

    def save() -> Evidence:
        sealed, event = seal(told, caller, now(), Given(4, frozenset({case.case})))
        table.save(sealed, event, once)
        return sealed

    outcomes = at_once(*[partial(save)] * 4)

    made = [each for each in outcomes if isinstance(each, Evidence)]
    assert [each.id for each in made] == [table.made_before(once) if once else None]
    assert sum(isinstance(each, Stale) for each in outcomes) == 3
    assert len(seals()) == 1


def test_record_and_event_are_written_together_or_not_at_all(case: Event) -> None:
    before = stored(os.environ["AUDIT_TABLE"])
    with CALLS.crash("before", 1):
        post(asked(case))

    assert CALLS.crashed
    assert stored(os.environ["AUDIT_TABLE"]) == before

    with CALLS.crash("after", 1):
        post(asked(case))

    assert len(listed(OFFICE).body["items"]) == len(seals()) == 1


def test_the_seal_is_filed_and_its_receipt_verifies(case: Event) -> None:
    sealed = post(asked(case)).body
    file_the_seals()
    (event,) = seals()

    mark = store().mark(event.id)
    assert mark is not None
    assert mark.index is not None
    entry = entries()[mark.index]
    assert verify_receipt(receipt_of(event), entry, policy()).size == 5
    assert parse_entry(entry)["body"] == asked(case)
    assert (mark.case, mark.event_id) == (sealed["id"], sealed["event_id"])
    assert b'"kind":"evidence"' in entry
    assert log().read("checkpoint")


def seals() -> list[Event]:
    return [event for event in events_in(os.environ["AUDIT_TABLE"]) if event.type == "evidence.sealed"]


def file_the_seals() -> None:
    Pump(os.environ["AUDIT_TABLE"], listen.intake, ("evidence.",)).run()
    a_sequencer().run()
