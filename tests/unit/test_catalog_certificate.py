"""The search certificate: what it finds, what is decided about it, and when it may be cited (S-069 to S-071)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import event as note_end
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.catalog.certificate import Certificate, Choice, Decision, Intent, Subject, certificate_faults, covers
from services.catalog.checking import Candidate, Searched, issue
from services.catalog.deciding import MACHINE, Given, Justification, Reusable, Reuse, take
from services.catalog.likeness import Thing
from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.clocks import due
from services.shared.errors import Conflict, Forbidden, GovShareError, Invalid
from services.shared.lifecycle import Act
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from services.shared.steps import Step
from tests.checks import DUTY, REASON, UNIT
from tests.sharing import NOON, PROVIDER

NAME, ITEMS = "停车场空余泊位", ("空余泊位数", "车场名称")
SUBJECT = Subject(intent=Intent.DATABASE, name=f"{NAME}数据库", items=ITEMS, areas=("110107",))


def officer(organisation: str, *claims: Claim) -> Caller:
    return Caller(organisation=organisation, officer="o-1", claims=frozenset(claims or (Claim.OFFICER,)))


def candidate(name: str, title: str = NAME, unit: str = PROVIDER, kind: str = "resource") -> Candidate:
    return Candidate(kind, name, title, unit, Thing(title, ITEMS, unit))


SEARCHED = Searched(
    collections=[candidate("c-1", kind="collection")],
    catalogue=[candidate("r-1"), candidate("r-2", "停车场空余车位收费"), candidate("r-3", "渣土车违法违规信息")],
    version=41,
)
ENTRY = Reusable("r-1", PROVIDER, ("空余泊位 数", "地址"))


def issued(subject: Subject = SUBJECT, searched: Searched = SEARCHED) -> Certificate:
    return issue(subject, searched, officer(UNIT), NOON).record


def decide(certificate: Certificate, body: Reuse | Justification, **given: Any) -> Step[Certificate]:
    choice = Choice.REUSE if isinstance(body, Reuse) else Choice.JUSTIFY
    asked: dict[str, Any] = {"caller": officer(UNIT), "at": NOON, "given": Given(ENTRY)} | given
    return take(certificate, Act(choice, body, **asked))


def a_reuse(hit: str = "r-1", **changes: Any) -> Reuse:
    return Reuse.model_validate({"hit": hit, "duty": DUTY, "purpose": "city_operation"} | changes)


def decided(certificate: Certificate) -> Certificate:
    for hit in certificate.undecided:
        certificate = decide(certificate, Justification(hit=hit.id, reason=REASON)).record
    return certificate


def faults(certificate: Certificate | None, subject: Subject = SUBJECT, **changes: Any) -> list[str]:
    asked: dict[str, Any] = {"unit": UNIT, "at": NOON} | changes
    return [problem.pointer for problem in certificate_faults(certificate, subject, **asked)]


def pointers(make: Callable[[], object]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        make()
    return [problem.pointer for problem in refused.value.problems]


def test_both_searches_keep_their_evidence_ranked_with_reasons() -> None:
    made = issued()
    assert [hit.id for hit in made.collection_hits] == ["c-1"]
    assert [(hit.rank, hit.id, hit.strong) for hit in made.catalogue_hits] == [(1, "r-1", True), (2, "r-2", False)]
    assert all(hit.reasons for hit in made.hits)
    assert (made.catalogue_version, made.unit) == (41, UNIT)


def test_at_most_twenty_of_each_search_are_kept() -> None:
    many = [candidate(f"r-{n}") for n in range(30)]
    made = issued(searched=Searched(many, many, 0))
    assert (len(made.collection_hits), len(made.catalogue_hits)) == (20, 20)


def test_what_is_the_units_own_is_shown_and_needs_no_decision() -> None:
    made = issued(searched=Searched([], [candidate("r-1", unit=UNIT)], 0))
    assert [hit.score >= 80 for hit in made.hits] == [True]
    assert made.undecided == ()
    assert "本单位自有,无须决定 / your own, nothing to decide" in made.hits[0].reasons


def test_what_is_still_under_way_says_so() -> None:
    made = issued(searched=Searched([candidate("c-1")._replace(open=True)], [], 0))
    assert made.hits[0].strong
    assert "正在办理,尚未公布 / under way, not published yet" in made.hits[0].reasons


def test_it_expires_by_the_configured_clock() -> None:
    until = due("search_certificate", NOON)
    assert until is not None
    assert until.confidence == "local"
    assert issued().expires_at == until.due_at > NOON


def test_its_event_binds_the_evidence_and_says_none_of_it() -> None:
    step = issue(SUBJECT, SEARCHED, officer(UNIT), NOON)
    body = step.event.body
    assert (step.event.type, body["evidence_hash"], body["strong"]) == ("check.recorded", step.record.evidence_hash, 2)
    assert set(step.event.parties) == {UNIT, OFFICE, STATISTICS_BUREAU}
    assert NAME not in str(body)


def test_the_evidence_hash_is_of_what_was_found_and_not_of_what_is_decided() -> None:
    made = issued()
    other = issued(searched=SEARCHED._replace(catalogue=SEARCHED.catalogue[:1]))
    assert decided(made).evidence_hash == made.evidence_hash != other.evidence_hash


def test_a_subject_that_is_wrong_in_many_ways_is_told_all_of_them() -> None:
    wrong = SUBJECT.model_copy(
        update={"areas": ("110107", "999999"), "basic_class": "weather", "items": ("项" * 200,) * 100}
    )
    assert pointers(lambda: issued(wrong)) == ["/areas/1", "/basic_class", "/items"]


def test_only_an_officer_searches() -> None:
    with pytest.raises(Forbidden):
        issue(SUBJECT, SEARCHED, officer(UNIT, Claim.APPROVER), NOON)


def test_it_can_be_cited_once_every_strong_hit_is_decided() -> None:
    made = issued()
    assert faults(made) == ["/certificate", "/certificate"]
    assert faults(decided(made)) == []


def test_it_can_be_cited_by_its_unit_until_it_expires() -> None:
    made = decided(issued())
    assert faults(None) == faults(made, unit="drc") == ["/certificate"]
    assert faults(made, at=made.expires_at - timedelta(seconds=1)) == []
    assert faults(made, at=made.expires_at) == ["/certificate"]


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"items": ("车场  名称",)}, True),
        ({"items": ()}, True),
        ({"name": f"{NAME} 数据库"}, True),
        ({"items": ("泊位编号",)}, False),
        ({"areas": ("110107", "110108")}, False),
        ({"areas": ("110000",)}, False),
        ({"name": "停车场"}, False),
        ({"intent": Intent.COLLECTION}, False),
        ({"basic_class": "legal_entity"}, False),
    ],
)
def test_it_covers_the_same_name_and_no_more_items_or_areas(changes: dict[str, Any], *, covered: bool) -> None:
    assert covers(SUBJECT, SUBJECT.model_copy(update=changes)) is covered


def test_a_reuse_names_the_request_that_it_makes_and_the_items_in_common() -> None:
    step = decide(issued(), a_reuse())
    wanted = step.event.body["wanted"]
    assert isinstance(wanted, dict)
    assert step.record.decisions[0].request == wanted["request"]
    assert (wanted["resource"], wanted["unit"], wanted["subject"]) == ("r-1", UNIT, SUBJECT.name)
    assert (wanted["items"], wanted["areas"]) == (["空余泊位 数"], ["110107"])
    assert step.payload is None


def test_a_reuse_asks_for_what_is_named_else_for_what_is_common_else_for_all() -> None:
    def wanted(body: Reuse, entry: Reusable) -> Any:
        return decide(issued(), body, given=Given(entry)).event.body["wanted"]["items"]  # type: ignore[index,call-overload]  # a JSON value

    assert wanted(a_reuse(items=["地址"]), ENTRY) == ["地址"]
    assert wanted(a_reuse(), ENTRY._replace(items=("经度", "纬度"))) == ["经度", "纬度"]
    assert wanted(a_reuse(items=["任意"]), ENTRY._replace(items=())) == ["任意"]


@pytest.mark.parametrize(
    ("body", "given", "found"),
    [
        (a_reuse("c-1"), Given(), ["/resource"]),
        (a_reuse("x-9"), Given(ENTRY), ["/hit"]),
        (a_reuse(), Given(), ["/resource"]),
        (a_reuse(), Given(ENTRY._replace(provider=UNIT)), ["/resource"]),
        (a_reuse(), Given(ENTRY._replace(share_type="NOT_SHARED")), ["/resource"]),
        (a_reuse(), Given(ENTRY._replace(items=())), ["/items"]),
        (a_reuse(items=["地址", "海拔"]), Given(ENTRY), ["/items/1"]),
        (a_reuse(duty="basic_info_review", purpose="curiosity"), Given(), ["/resource", "/duty", "/purpose"]),
    ],
)
def test_a_reuse_that_cannot_be_requested_is_told_why(body: Reuse, given: Given, found: list[str]) -> None:
    assert pointers(lambda: decide(issued(), body, given=given)) == found


def test_a_collection_is_reused_by_naming_an_entry() -> None:
    step = decide(issued(), a_reuse("c-1", resource="r-1"))
    assert step.record.decisions[0].hit == "c-1"


@pytest.mark.parametrize(
    "reason", ["不一样", f"{NAME}", f"{NAME}。。。。。。。。。。", "无无无无无无无无无无无无", f"不是{NAME}"]
)
def test_a_reason_without_substance_is_refused(reason: str) -> None:
    assert pointers(lambda: decide(issued(), Justification(hit="r-1", reason=reason))) == ["/reason"]


def test_a_reason_is_sealed_and_the_event_holds_its_hash_alone() -> None:
    step = decide(issued(), Justification(hit="r-1", reason=REASON))
    assert step.payload is not None
    assert step.event.payload_sha256 == step.payload.sha256
    assert REASON not in step.event.model_dump_json()


def test_the_first_decision_about_a_hit_stands() -> None:
    once = decide(issued(), a_reuse()).record
    with pytest.raises(Conflict, match="the first decision stands"):
        decide(once, Justification(hit="r-1", reason=REASON))


def test_an_expired_certificate_takes_no_decision() -> None:
    made = issued()
    with pytest.raises(Conflict, match="expired"):
        decide(made, a_reuse(), at=made.expires_at)


PLAYERS = [officer(UNIT)] * 3 + [
    officer(UNIT, Claim.APPROVER),
    officer(PROVIDER),
    officer(OFFICE),
    officer(STATISTICS_BUREAU),
    ANONYMOUS,
]
BODIES = st.one_of(
    st.builds(a_reuse, st.sampled_from(["r-1", "r-2", "c-1", "x"]), duty=st.sampled_from([DUTY, "nobodys"])),
    st.builds(Justification, hit=st.sampled_from(["r-1", "r-2", "c-1", "x"]), reason=st.sampled_from([REASON, "无"])),
)


class Life(RuleBasedStateMachine):
    """A certificate in everybody's hands, for as long as it is valid and longer."""

    @initialize()
    def search(self) -> None:
        self.record, self.at = issued(), NOON
        self.kept: dict[str, Decision] = {}
        self.events = [issue(SUBJECT, SEARCHED, officer(UNIT), NOON).event]

    @rule(player=st.sampled_from(PLAYERS), body=BODIES, days=st.sampled_from([0] * 9 + [10]))
    def act(self, player: Caller, body: Reuse | Justification, days: int) -> None:
        self.at += timedelta(days=days)
        try:
            step = decide(self.record, body, caller=player, at=self.at)
        except GovShareError:
            return
        assert (player.organisation, Claim.OFFICER in player.claims) == (UNIT, True)
        assert self.at < self.record.expires_at
        assert body.hit not in self.kept
        self.kept[body.hit] = step.record.decisions[-1]
        self.record = step.record
        self.events.append(step.event)

    @invariant()
    def decisions_are_added_and_never_changed(self) -> None:
        assert {decision.hit: decision for decision in self.record.decisions} == self.kept
        assert all((one.choice is Choice.REUSE) == (one.request is not None) for one in self.kept.values())

    @invariant()
    def only_a_valid_certificate_with_all_decided_can_be_cited(self) -> None:
        citable = faults(self.record, at=self.at) == []
        assert citable == (self.at < self.record.expires_at and {"r-1", "c-1"} <= set(self.kept))

    @invariant()
    def events_are_gapless(self) -> None:
        assert [event.case_seq for event in self.events] == list(range(1, len(self.events) + 1))
        assert self.record.version == len(self.events)

    @invariant()
    def nobody_but_the_units_officer_is_offered_an_action(self) -> None:
        offered = [player for player in PLAYERS if MACHINE.actions_for(self.record, player)]
        assert all(player == officer(UNIT) for player in offered)

    def teardown(self) -> None:
        note_end(f"{len(self.kept)} decided")


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=15, deadline=None)


@given(
    items=st.lists(st.sampled_from(["甲", "乙", "丙"]), max_size=3),
    areas=st.sets(st.sampled_from(["110107", "110108"])),
)
def test_less_is_always_covered(items: list[str], areas: set[str]) -> None:
    whole = SUBJECT.model_copy(update={"items": ("甲", "乙", "丙"), "areas": ("110107", "110108")})
    part = whole.model_copy(update={"items": tuple(items), "areas": tuple(areas)})
    assert covers(whole, part)
    assert covers(part, whole) == (set(items) == {"甲", "乙", "丙"} and areas == {"110107", "110108"})
