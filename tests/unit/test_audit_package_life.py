"""The life of an archive package: who moves it, what must hold, what each step tells the ledger, and when a case can be
packaged at all."""

from datetime import timedelta
from typing import Any

import pytest

from services.audit.four_properties import CheckCode, report_of
from services.audit.package import Made, Package, State, package_id
from services.audit.package_content import Content
from services.audit.package_life import (
    MACHINE,
    TABLE,
    Action,
    Nothing,
    Received,
    Returned,
    check_may_act,
    check_may_prepare,
)
from services.audit.package_steps import REFUSED, Readiness, begin, readiness, refuse_failed, refuse_unready, take
from services.audit.package_views import line_of, view_of
from services.audit.retention import Standing
from services.shared.callers import ANONYMOUS, SYSTEM, Caller, Claim
from services.shared.errors import Conflict, Forbidden, Invalid
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Act, Party
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SUPERVISION_BUREAU
from services.shared.steps import Step
from services.shared.structure import faults
from tests.filing import NOON, REQUESTER
from tests.packages import a_bag, spoilt
from tests.unit.ledger_makers import a_policy

FILE, MADE = a_bag()


def officer_of(organisation: str, *claims: Claim) -> Caller:
    return Caller(organisation=organisation, officer="o-9", claims=frozenset(claims or {Claim.OFFICER}))


ARCHIVIST, OFFICER = officer_of(ARCHIVES_BUREAU), officer_of(OFFICE)
BODIES: dict[Action, Any] = {
    Action.RECEIVE: Received(manifest_sha256=MADE.manifest_sha256),
    Action.RETURN: Returned(failed=(CheckCode.VIRUSES, CheckCode.SCHEMA)),
    Action.PREPARE: Nothing(),
}


def act(action: Action, caller: Caller = ARCHIVIST, **changes: Any) -> Act:
    return Act(action, changes.get("body", BODIES[action]), caller, NOON + timedelta(hours=1), MADE)


def prepared() -> Package:
    return begin(MADE, None, OFFICER, NOON).record


def in_state(state: State) -> Package:
    return prepared().model_copy(update={"state": state})


def told(step: Step[Package]) -> tuple[str, dict[str, Any], Filing | None]:
    return step.event.type, dict(step.event.body), step.event.filing


def test_the_table_has_no_trap_and_nothing_waits_for_nobody() -> None:
    assert list(faults(MACHINE, {state: in_state(state) for state in State})) == []


def test_a_package_is_prepared_with_the_facts_of_its_bag() -> None:
    step = begin(MADE, None, OFFICER, NOON)

    package = step.record
    assert (package.id, package.edition, package.supersedes) == (package_id(FILE.case, 1), 1, None)
    assert (package.archived_case, package.entries, package.years) == (FILE.case, 4, 10)
    assert (package.manifest_sha256, package.size) == (MADE.manifest_sha256, len(MADE.body))
    assert told(step) == (
        "archive.prepared",
        {
            "state": "PREPARED",
            "archived_case": FILE.case,
            "retention_class": "sharing",
            "years": 10,
            "entries": 4,
            "manifest_sha256": MADE.manifest_sha256,
        },
        None,
    )
    assert (step.event.case, step.event.case_seq, step.payload) == (package.id, 1, None)
    assert step.event.parties == (ARCHIVES_BUREAU, OFFICE)


def test_the_archives_receive_the_very_bag_and_that_is_filed_with_them() -> None:
    step = take(prepared(), act(Action.RECEIVE))

    assert (step.record.state, step.record.transfer) == (State.TRANSFERRED, step.event.id)
    kind, body, filing = told(step)
    assert (kind, body["state"], step.event.case_seq) == ("archive.transferred", "TRANSFERRED", 2)
    assert filing == Filing(kind=FilingKind.ARCHIVE, authority=ARCHIVES_BUREAU)


def test_another_bag_s_hash_is_no_receipt() -> None:
    with pytest.raises(Invalid) as refused:
        take(prepared(), act(Action.RECEIVE, body=Received(manifest_sha256="ab" * 32)))

    assert [problem.pointer for problem in refused.value.problems] == ["/manifest_sha256"]


def test_a_package_is_returned_for_checks_that_failed_and_prepared_again() -> None:
    returned = take(prepared(), act(Action.RETURN))
    again = take(returned.record, act(Action.PREPARE, SYSTEM))

    assert (returned.record.state, returned.record.failed) == (State.RETURNED, (CheckCode.VIRUSES, CheckCode.SCHEMA))
    assert told(returned)[0] == "archive.returned"
    assert (again.record.state, again.record.failed, again.record.version) == (State.PREPARED, (), 3)
    assert again.record.prepared_at == NOON + timedelta(hours=1)
    assert (told(again)[0], again.event.organisation) == ("archive.prepared", "system")


def test_a_check_is_named_once() -> None:
    with pytest.raises(Invalid) as refused:
        take(prepared(), act(Action.RETURN, body=Returned(failed=(CheckCode.CHAIN, CheckCode.CHAIN))))

    assert [problem.pointer for problem in refused.value.problems] == ["/failed/1"]


@pytest.mark.parametrize(("state", "action"), [(s, a) for s in State for a in Action if (s, a) not in TABLE])
def test_what_the_table_does_not_have_is_refused_before_any_work(state: State, action: Action) -> None:
    with pytest.raises(Conflict):
        check_may_act(in_state(state), act(action))


WHO = {
    "anonymous": ANONYMOUS,
    "system": SYSTEM,
    "archives": ARCHIVIST,
    "archives' approver": officer_of(ARCHIVES_BUREAU, Claim.APPROVER),
    "archives' auditor": officer_of(ARCHIVES_BUREAU, Claim.AUDITOR),
    "office": OFFICER,
    "office's auditor": officer_of(OFFICE, Claim.AUDITOR),
    "supervision": officer_of(SUPERVISION_BUREAU, Claim.OFFICER, Claim.AUDITOR),
    "party": officer_of(REQUESTER, Claim.OFFICER, Claim.APPROVER),
}
MAY: dict[Action, set[str]] = {
    Action.RECEIVE: {"archives"},
    Action.RETURN: {"archives"},
    Action.PREPARE: {"archives", "office", "system"},
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("state", "action"), TABLE)
def test_who_may_move_a_package(state: State, action: Action, who: str) -> None:
    package, caller = in_state(state), WHO[who]

    assert (action in MACHINE.actions_for(package, caller)) == (who in MAY[action])
    if who not in MAY[action]:
        with pytest.raises(Forbidden):
            check_may_act(package, act(action, caller))


@pytest.mark.parametrize("who", WHO)
def test_officers_of_the_office_and_of_the_archives_may_have_a_case_packaged(who: str) -> None:
    if who in {"archives", "office"}:
        return check_may_prepare(WHO[who])
    with pytest.raises(Forbidden):
        check_may_prepare(WHO[who])
    return None


def standing(**changes: Any) -> Standing:
    return MADE.standing.model_copy(update=changes)


GONE_ON = {"case_seq": 6, "settled_seq": 6}
LATER = NOON + timedelta(days=1)


@pytest.mark.parametrize(
    ("case", "latest", "expected"),
    [
        (standing(open=("objection 1",)), None, Readiness.OPEN),
        (standing(closing=LATER + timedelta(seconds=1)), None, Readiness.OPEN),
        (standing(retention_class="package"), None, Readiness.NEVER),
        (standing(), None, Readiness.NEW),
        (standing(), State.PREPARED, Readiness.PACKAGED),
        (standing(case_seq=5), State.TRANSFERRED, Readiness.PACKAGED),
        (standing(**GONE_ON), State.PREPARED, Readiness.WAITING),
        (standing(**GONE_ON), State.TRANSFERRED, Readiness.NEXT),
        (standing(), State.RETURNED, Readiness.AGAIN),
        (standing(**GONE_ON), State.RETURNED, Readiness.AGAIN),
        (standing(**GONE_ON, open=("objection 1",)), State.TRANSFERRED, Readiness.OPEN),
    ],
)
def test_when_a_case_can_be_packaged(case: Standing, latest: State | None, expected: Readiness) -> None:
    package = in_state(latest) if latest else None
    ready = readiness(case, package, LATER)

    assert ready is expected
    if ready in REFUSED:
        with pytest.raises(Conflict):
            refuse_unready(ready, case, package)
    else:
        refuse_unready(ready, case, package)


def test_an_open_case_is_refused_with_everything_that_is_open() -> None:
    case = standing(open=("agreement", "objection 1"))
    with pytest.raises(Conflict) as refused:
        refuse_unready(Readiness.OPEN, case, None)

    assert [problem.detail.rpartition(": ")[2] for problem in refused.value.problems] == ["agreement", "objection 1"]


def test_the_next_package_of_a_case_takes_the_first_one_s_place() -> None:
    first = in_state(State.TRANSFERRED)
    following = begin(MADE, first, SYSTEM, LATER).record

    assert (following.id, following.edition) == (package_id(FILE.case, 2), 2)
    assert following.supersedes == first.id


def test_a_bag_that_fails_a_check_is_not_offered_and_every_reason_is_given() -> None:
    bag = spoilt(MADE, lambda payload: payload.update({"readme.txt": b"", "run.exe": b"MZ"}))
    report = report_of(Content(bag=bag, case=FILE.case, head=FILE.head, policy=a_policy()))
    broken = Made(MADE.body, MADE.manifest_sha256, report, MADE.standing, MADE.checkpoint_size)
    with pytest.raises(Conflict) as refused:
        refuse_failed(broken)

    assert len(refused.value.problems) == 3
    assert {problem.pointer for problem in refused.value.problems} == {"/case"}
    refuse_failed(MADE)


def test_a_package_is_shown_with_what_the_caller_may_do_and_whom_it_waits_for() -> None:
    view = view_of(prepared(), None, ARCHIVIST)

    assert view.actions == ("receive", "return")
    assert view_of(prepared(), None, OFFICER).actions == ()
    assert [(each.party, each.organisation) for each in view.awaiting] == [(Party.ARCHIVES, ARCHIVES_BUREAU)]
    assert (view.filing, view.bag) == (None, f"/audit/packages/{view.id}/bag")
    returned = view_of(in_state(State.RETURNED), None, OFFICER)
    assert [each.organisation for each in returned.awaiting] == [OFFICE, ARCHIVES_BUREAU, "system"]


def test_a_received_package_shows_its_filing_and_where_the_receipt_is() -> None:
    received = take(prepared(), act(Action.RECEIVE)).record
    waiting, filed = view_of(received, None, OFFICER).filing, view_of(received, 17, OFFICER).filing

    assert waiting is not None
    assert (waiting.state, waiting.index, waiting.receipt) == ("pending", None, f"/audit/receipts/{received.transfer}")
    assert filed is not None
    assert (filed.state, filed.index, filed.kind) == ("receipted", 17, FilingKind.ARCHIVE)


def test_a_package_is_listed_by_what_it_is() -> None:
    line = line_of(prepared())

    assert (line.archived_case, line.state, line.years) == (FILE.case, State.PREPARED, 10)
