"""Who may do what with an agreement: every action, however an agreement stands, by everybody (C.2, and G inside it).

The table is written from the specification, not from the code; what is not in it is refused and changes nothing.
"""

from typing import Any

import pytest

from services.requests.agreement import AgreementState
from services.requests.agreement_acts import BODIES, AgreementAction
from services.requests.agreement_life import AGREEMENT
from services.requests.agreement_table import SYSTEM_ACTIONS
from services.shared import structure
from services.shared.callers import Caller, Claim
from services.shared.errors import Conflict, Forbidden
from services.shared.lifecycle import Act, Party
from tests.agreements import (
    ACTIONS,
    BEGUN,
    STORIES_OF_AGREEMENTS,
    WHO,
    a_case,
    agreement_of_case,
    done,
    step_by,
    told,
)

BOTH, SIGNERS = "requester,provider", "requester_approver,provider_approver"
CHANGES = f"""
propose_amendment  {BOTH}           STAYS
renew              {SIGNERS}        STAYS
terminate          {SIGNERS}        STAYS
rule_termination   office           ENDED
record_custody     requester        STAYS
record_provision   provider         STAYS
"""
IN_FORCE = f"""
{CHANGES}
suspend                 provider,office        SUSPENDED
report_non_performance  provider               STAYS
suspect_breach          provider,supervision   BREACH_SUSPECTED
fulfil                  requester              ENDED
"""
OPEN = "mediate office STAYS\nuphold office STAYS\nescalate office STAYS\n"


def rows(text: str, *, without: frozenset[str] = frozenset()) -> list[tuple[str, str, str]]:
    split = (line.split() for line in text.strip().splitlines() if line)
    return [(action, who, to) for action, who, to in split if action not in without]


AMENDING = rows(IN_FORCE, without=frozenset({"propose_amendment", "renew"}))
DROP = [("drop_amendment", BOTH, "STAYS")]
QUIET = rows(IN_FORCE, without=frozenset({"report_non_performance"}))
STOPPED = rows(CHANGES)
# How an agreement stands: what may be done then, and by whom, and where it goes.
RULES: dict[str, list[tuple[str, str, str]]] = {
    "ACTIVE": rows(IN_FORCE),
    "SECRET": [*rows(IN_FORCE), ("suspend", "secrecy", "SUSPENDED")],
    "AMENDED": [*AMENDING, *DROP, ("sign_amendment", SIGNERS, "STAYS")],
    "HALF_SIGNED": [*AMENDING, *DROP, ("sign_amendment", "requester_approver", "STAYS")],
    "SIGNED": AMENDING,
    "RENEWING": [*AMENDING, *DROP, ("renew", "provider_approver", "STAYS")],
    "DISPUTED": [*QUIET, *rows(OPEN), ("settle", BOTH, "STAYS")],
    "HALF_SETTLED": [*QUIET, *rows(OPEN), ("settle", "provider", "STAYS")],
    "ESCALATED": [
        *QUIET,
        ("rule_termination", "group", "ENDED"),
        ("rule_for", "group", "STAYS"),
        ("rule_against", "group", "STAYS"),
        ("remand", "group", "STAYS"),
    ],
    "HALF_TERMINATED": [
        *rows(IN_FORCE, without=frozenset({"terminate"})),
        ("terminate", "requester_approver", "ENDED"),
    ],
    "STOPPED_BY_PROVIDER": [*STOPPED, ("resume", "provider,office", "ACTIVE")],
    "STOPPED_BY_OFFICE": [*STOPPED, ("resume", "office", "ACTIVE")],
    "SECRET_STOPPED": [*STOPPED, ("resume", "secrecy,office", "ACTIVE")],
    "SUSPECTED": [("clear", "supervision", "ACTIVE"), ("confirm_breach", "supervision", "ENDED")],
    "ENDED": [("dispose", "requester", "DISPOSED"), ("record_custody", "requester", "STAYS")],
    "DISPOSED": [("archive", "archives", "ARCHIVED")],
    "ARCHIVED": [],
}
STATES = ("ACTIVE", "STOPPED_BY_OFFICE", "SUSPECTED", "ENDED", "DISPOSED", "ARCHIVED")
PEOPLE = tuple(who for who in WHO if who != "system")
ALLOWED = {
    (story, action, who): to
    for story, allowed in RULES.items()
    for action, whom, to in allowed
    for who in whom.split(",")
}
AWAITED = """
ACTIVE               -
SECRET               -
AMENDED              requester,provider
HALF_SIGNED          requester
SIGNED               -
RENEWING             provider
DISPUTED             requester,provider,informatization_office
HALF_SETTLED         provider,informatization_office
ESCALATED            leading_group
HALF_TERMINATED      requester
STOPPED_BY_PROVIDER  provider
STOPPED_BY_OFFICE    informatization_office
SECRET_STOPPED       secrecy_bureau
SUSPECTED            supervision_bureau
ENDED                requester
DISPOSED             archives_bureau,system
ARCHIVED             -
"""
SYSTEM_ROWS = """
ACTIVE put_in_force, SUSPENDED put_in_force, ACTIVE expire, SUSPENDED expire, DISPOSED archive,
ACTIVE record_provision, SUSPENDED record_provision, ACTIVE report_non_performance, ACTIVE suspect_breach,
ACTIVE mark_expiring, SUSPENDED mark_expiring, ACTIVE mark_overdue, SUSPENDED mark_overdue,
BREACH_SUSPECTED mark_overdue, ENDED mark_overdue
"""


@pytest.mark.parametrize("story", RULES)
@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_may_do_what_the_table_says_and_nothing_else(story: str, who: str) -> None:
    case = told(story)
    before = agreement_of_case(case)
    for action in ACTIONS:
        to = ALLOWED.get((story, action, who))
        if to is None:
            with pytest.raises((Forbidden, Conflict)):
                step_by(case, who, action)
        else:
            after = agreement_of_case(case.after(step_by(case, who, action).records))
            assert after.state == (before.state if to == "STAYS" else to), action
    assert agreement_of_case(case) == before


def test_the_table_tells_of_every_way_an_agreement_can_stand() -> None:
    assert set(RULES) == set(STORIES_OF_AGREEMENTS)
    assert {agreement_of_case(told(story)).state for story in RULES} == set(AgreementState)


@pytest.mark.parametrize("story", RULES)
def test_what_is_offered_to_somebody_is_what_they_may_do(story: str) -> None:
    agreement = agreement_of_case(told(story))
    for who in PEOPLE:
        offered = set(AGREEMENT.actions_for(agreement, WHO[who]))
        assert offered == {action for where, action, whom in ALLOWED if (where, whom) == (story, who)}, who


@pytest.mark.parametrize("line", AWAITED.strip().splitlines())
def test_an_agreement_waits_for_whom_its_state_and_its_open_matters_call_upon(line: str) -> None:
    story, whom = line.split()
    awaited = AGREEMENT.awaiting(agreement_of_case(told(story)))
    assert ",".join(awaited) == whom.replace("-", "")


def test_the_system_does_what_the_table_says() -> None:
    probe = agreement_of_case(told("STOPPED_BY_OFFICE"))
    mine = {
        f"{state} {action}" for (state, action), row in AGREEMENT.table.items() if Party.SYSTEM in row.parties(probe)
    }
    assert mine == {row.strip() for row in SYSTEM_ROWS.strip().split(",")}


def test_an_action_has_an_address_unless_it_is_the_systems_own() -> None:
    assert set(BODIES) == set(AgreementAction) - set(SYSTEM_ACTIONS)


def test_no_state_is_a_trap_and_only_the_archives_are_an_end() -> None:
    probes: dict[Any, Any] = {
        state: agreement_of_case(told(story)) for story, state in zip(STATES, AgreementState, strict=True)
    }
    assert list(structure.faults(AGREEMENT, probes)) == []
    assert AGREEMENT.terminal == {AgreementState.ARCHIVED}


@pytest.mark.parametrize("code", ["system", ""])
def test_nobody_passes_for_the_system(code: str) -> None:
    caller = Caller(organisation=code, officer="o-1", claims=frozenset(Claim))
    case = done(a_case(), "requester propose_amendment")
    for action in SYSTEM_ACTIONS:
        with pytest.raises(Forbidden):
            AGREEMENT.advance(agreement_of_case(case), Act(action, None, caller, BEGUN))


def test_the_bureau_acts_only_where_an_item_is_sensitive() -> None:
    assert AGREEMENT.actions_for(agreement_of_case(told("ACTIVE")), WHO["secrecy"]) == ()
    assert AGREEMENT.actions_for(agreement_of_case(told("SECRET")), WHO["secrecy"]) == ("suspend",)
