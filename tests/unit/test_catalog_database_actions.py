"""Every action on a database in every state by everyone: what machine A has is done, all else is refused in kind."""

from itertools import product

import pytest

from services.catalog.database import Database, Kind
from services.catalog.database_acts import CASE_BODIES
from services.catalog.database_sight import follows
from services.shared import coordination
from services.shared.errors import GovShareError
from tests.database_players import OWN, WHO, decide, played, status_of, the_plan
from tests.database_records import a_description, a_statement

E, R, C, D = (f"cases/{kind}" for kind in Kind)
G = "coordination"
ADDRESSES = (
    *OWN,
    *(f"cases/{kind}/{action}" for kind in Kind for action in ("open", *CASE_BODIES)),
    *(f"coordination/{action}" for action in coordination.Action),
)
FILED = [f"unit {E}/file"]
REVIEWED = [*FILED, f"office {E}/start_review"]
DECLINED = [*REVIEWED, f"office {E}/decline"]
CONTESTED = [*DECLINED, f"unit {E}/contest"]
APPROVED = [*REVIEWED, f"office {E}/approve"]
REGISTERING = [*APPROVED, f"unit {R}/open", f"unit {R}/file", f"office {R}/start_review"]
REGISTERED = [*REGISTERING, f"office {R}/approve"]
OPERATING = [*REGISTERED, "unit go_live"]
CHANGING = [*OPERATING, f"unit {C}/open", f"unit {C}/file", f"office {C}/start_review"]
ENDING = [*OPERATING, f"unit {D}/open", f"unit {D}/file", f"office {D}/start_review"]
# A state by name, how it is reached, and what may be done there by whom: of the specification's tables.
STORIES: dict[str, tuple[list[str], str]] = {
    "plan DRAFT": ([], f"unit {E}/file {E}/reuse {E}/withdraw"),
    "plan FILED": (FILED, f"office {E}/start_review; unit {E}/reuse {E}/withdraw"),
    "plan UNDER_REVIEW": (
        REVIEWED,
        f"office {E}/return {E}/approve {E}/decline; statistics {E}/decline; unit {E}/reuse {E}/withdraw",
    ),
    "plan RETURNED": ([*REVIEWED, f"office {E}/return"], f"unit {E}/supplement {E}/reuse {E}/withdraw"),
    "plan DECLINED": (DECLINED, f"unit {E}/contest {E}/accept {E}/reuse {E}/withdraw"),
    "plan CONTESTED": (CONTESTED, f"office {G}/mediate {G}/settle {G}/uphold {G}/escalate; unit {G}/settle"),
    "plan ESCALATED": (
        [*CONTESTED, f"office {G}/escalate"],
        f"group {G}/rule_for {G}/rule_against {G}/remand",
    ),
    "APPROVED_TO_BUILD": (APPROVED, f"unit abandon {R}/open"),
    "ABANDONED": ([*APPROVED, "unit abandon"], ""),
    "ABANDONED unseen": ([f"unit {E}/withdraw"], ""),
    "registration DRAFT": ([*APPROVED, f"unit {R}/open"], f"unit abandon {R}/file {R}/withdraw"),
    "registration UNDER_REVIEW": (
        REGISTERING,
        f"unit abandon {R}/withdraw; office {R}/return {R}/approve {R}/decline; statistics {R}/decline",
    ),
    "REGISTERED": (REGISTERED, f"unit go_live {C}/open {D}/open; office {D}/open"),
    "OPERATING": (
        OPERATING,
        f"unit report suspend {C}/open {D}/open; office suspend {D}/open; secrecy suspend",
    ),
    "SUSPENDED": ([*OPERATING, "unit suspend"], f"unit resume {C}/open {D}/open; office resume {D}/open"),
    "SUSPENDED by secrecy": (
        [*OPERATING, "secrecy suspend"],
        f"secrecy resume; unit {C}/open {D}/open; office resume {D}/open",
    ),
    "change UNDER_REVIEW": (
        CHANGING,
        f"unit report suspend {C}/withdraw {D}/open; secrecy suspend; statistics {C}/decline;"
        f" office suspend {D}/open {C}/return {C}/approve {C}/decline",
    ),
    "change CONTESTED": (
        [*CHANGING, f"statistics {C}/decline", f"unit {C}/contest"],
        f"unit report suspend {D}/open {G}/settle; secrecy suspend; statistics {G}/settle;"
        f" office suspend {D}/open {G}/mediate {G}/uphold {G}/escalate",
    ),
    "deregistration UNDER_REVIEW": (
        ENDING,
        f"unit report suspend {D}/withdraw {C}/open; secrecy suspend; statistics {D}/decline;"
        f" office suspend {D}/return {D}/approve {D}/decline",
    ),
    "deregistration DRAFT of the office": (
        [*OPERATING, f"office {D}/open"],
        f"unit report suspend {D}/file {C}/open; secrecy suspend; office suspend {D}/withdraw",
    ),
    "DEREGISTERED": ([*ENDING, f"office {D}/approve"], "archives transfer_archive"),
    "ARCHIVED": ([*ENDING, f"office {D}/approve", "archives transfer_archive"], ""),
}
# Who knows of it at all, and who follows its cases; what is public everybody knows.
UNSEEN = {"plan DRAFT", "ABANDONED unseen"}
OFFICES = {"office", "statistics"}
HIDDEN = {"registration DRAFT": OFFICES, "deregistration DRAFT of the office": {"statistics"}}


def allowed(name: str) -> set[tuple[str, str]]:
    parts = (part.split() for part in STORIES[name][1].split(";") if part.strip())
    return {(who, address) for who, *addresses in parts for address in addresses}


def followers(name: str) -> set[str]:
    base = {"unit", "approver"} | (set() if name in UNSEEN else OFFICES)
    more = {"plan ESCALATED": {"group"}, "SUSPENDED by secrecy": {"secrecy"}}
    more |= {end: {"archives"} for end in ("DEREGISTERED", "ARCHIVED")}
    return base | more.get(name, set())


def knows(name: str, who: str) -> bool:
    public = name.split(maxsplit=1)[0] in {"REGISTERED", "OPERATING", "SUSPENDED", "change", "deregistration"}
    return who in followers(name) or public or name in {"DEREGISTERED", "ARCHIVED"}


def refusal_of(name: str, who: str, address: str) -> int:
    """Return 404 for what the caller may not know of, 403 for what is another's, 409 for what is of another state."""
    room, _, action = address.rpartition("/")
    if not knows(name, who):
        return 404
    if action == "open":
        return 409 if who == "unit" or (who, room) == ("office", D) else 403
    if room and who not in followers(name):
        return 403
    if who in HIDDEN.get(name, set()):  # a draft of another's is not there
        return 409 if room else 403 if any(address == row for _, row in allowed(name)) else 409
    return 403 if any(address == row for _, row in allowed(name)) else 409


@pytest.fixture(scope="module", params=STORIES)
def story(request: pytest.FixtureRequest) -> tuple[str, Database]:
    """A database in each state, played by the rules."""
    return request.param, played(the_plan(), *STORIES[request.param][0])


def test_what_the_tables_have_is_done_and_nothing_else(story: tuple[str, Database]) -> None:
    name, database = story
    done = {pair for pair in product(WHO, ADDRESSES) if status_of(database, pair[1], pair[0]) == 200}
    assert done == allowed(name)


def test_what_is_refused_is_refused_in_kind(story: tuple[str, Database]) -> None:
    name, database = story
    refused = [pair for pair in product(WHO, ADDRESSES) if pair not in allowed(name)]
    assert {pair: status_of(database, pair[1], pair[0]) for pair in refused} == {
        pair: refusal_of(name, *pair) for pair in refused
    }


def test_those_follow_it_who_should(story: tuple[str, Database]) -> None:
    name, database = story
    assert {who for who, caller in WHO.items() if follows(database, caller)} == followers(name)


def test_a_refused_act_leaves_nothing(story: tuple[str, Database]) -> None:
    name, database = story
    before = database.model_dump_json()
    for who, address in product(WHO, ADDRESSES):
        if (who, address) not in allowed(name):
            with pytest.raises(GovShareError):
                decide(database, address, who)
    assert database.model_dump_json() == before


@pytest.mark.parametrize(("first", "second"), [("office", "statistics"), ("statistics", "office")])
def test_a_basic_class_takes_both_keys_in_any_order(first: str, second: str) -> None:
    said = a_statement(description=a_description(basic_class="geospatial_natural"))
    certificate_of = said.description.subject if said.description else None
    assert certificate_of is not None
    database = the_plan()
    plan_case = database.cases[0].model_copy(update={"statement": said})
    database = database.model_copy(update={"cases": (plan_case,), "description": said.description})
    under_review = database.model_copy(
        update={"cases": (plan_case.model_copy(update={"state": "UNDER_REVIEW", "filed_at": database.changed_at}),)}
    )
    half = decide(under_review, f"{E}/approve", first)
    assert (half.record.state, half.event.type) == ("PLANNED", "database.case_key_given")
    assert status_of(half.record, f"{E}/approve", first) == 409
    whole = decide(half.record, f"{E}/approve", second)
    assert (whole.record.state, whole.event.type) == ("APPROVED_TO_BUILD", "database.approved_to_build")
