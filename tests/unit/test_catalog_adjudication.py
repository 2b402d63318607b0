"""What reviewers decided about two things (S-055): about which, by whom, and what it changes when they come up."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.adjudication import (
    MACHINE,
    Action,
    Adjudication,
    Compared,
    Judged,
    Judgement,
    State,
    follows,
    judge,
    key_of,
    key_of_subject,
    pair_id,
    take,
)
from services.catalog.adjudication_views import line_of, verdicts_by_pair, view_of
from services.catalog.certificate import Certificate, Hit, Intent, Subject
from services.catalog.checking import Candidate, Searched, issue
from services.catalog.consolidation import Cluster, clusters_of
from services.catalog.likeness import DUPLICATES, Thing, Verdict
from services.catalog.similarity import MOST, STRONG, WEAKEST
from services.shared.callers import ANONYMOUS, SYSTEM, Caller, Claim
from services.shared.errors import Conflict, Forbidden, Invalid
from services.shared.lifecycle import Act
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from services.shared.steps import Step
from services.shared.structure import faults, reachable
from tests.sharing import NOON
from tests.summaries import entry

UNIT, OTHERS, STRANGER = "transport_commission", "110107", "drc"
REASON = "两者的数据项和更新周期相同,系同一登记簿。"
SUBJECT = Subject(intent=Intent.DATABASE, name="停车场 ABC 数据库", items=("泊位数",), areas=("110107", "110108"))
ONE = Compared(kind="check", id="k-1", title="停车场数据库", unit=UNIT, key=key_of_subject(SUBJECT))
OTHER = Compared(kind="resource", id="r-1", title="停车泊位名录", unit=OTHERS, key=key_of("resource", "r-1"))
STANDING = Compared(kind="database", id="d-1", title="停车场", unit=UNIT, key=key_of("database", "d-1"))
WANTED_TOO = OTHER.model_copy(update={"kind": "check", "id": "k-2", "key": "subject#2"})
RULED = "评审已认定"


def officer(organisation: str, *claims: Claim) -> Caller:
    return Caller(organisation=organisation, officer=f"o-{organisation}", claims=frozenset(claims or (Claim.OFFICER,)))


WHO = {
    "office": officer(OFFICE),
    "office_approver": officer(OFFICE, Claim.APPROVER),
    "statistics": officer(STATISTICS_BUREAU),
    "statistics_auditor": officer(STATISTICS_BUREAU, Claim.AUDITOR, Claim.ADMINISTRATOR),
    "unit": officer(UNIT),
    "others": officer(OTHERS),
    "others_approver": officer(OTHERS, Claim.APPROVER),
    "stranger": officer(STRANGER),
    "leading_group": officer("leading_group"),
    "system": SYSTEM,
    "anonymous": ANONYMOUS,
}
JUDGES = {"office", "statistics"}
# Written from the rules, not from the code.
ALLOWED = {(State.JUDGED, Action.REVISE, who) for who in JUDGES}


def said(verdict: Verdict = Verdict.SAME, reason: str = REASON) -> Judgement:
    return Judgement(verdict=verdict, reason=reason)


def judged(
    verdict: Verdict = Verdict.SAME, who: str = "office", one: Compared = ONE, other: Compared = OTHER
) -> Step[Adjudication]:
    return judge(one, other, said(verdict), WHO[who], NOON)


def revised(before: Adjudication, verdict: Verdict, who: str = "statistics", hours: int = 1) -> Step[Adjudication]:
    return take(before, Act(Action.REVISE, said(verdict), WHO[who], NOON + timedelta(hours=hours)))


KEYS = st.one_of(
    st.builds(key_of, st.sampled_from(["resource", "collection", "database"]), st.text(min_size=1, max_size=8)),
    st.builds(lambda name: key_of_subject(SUBJECT.model_copy(update={"name": name})), st.text(min_size=1, max_size=8)),
)


@given(KEYS, KEYS)
def test_the_id_of_a_pair_is_a_uuid_of_version_8_whatever_the_order(one: str, other: str) -> None:
    found = pair_id(one, other)
    assert found == pair_id(other, one) == str(UUID(found))
    assert (UUID(found).version, UUID(found).variant) == (8, RFC_4122)


@given(st.lists(st.frozensets(KEYS, min_size=1, max_size=2), unique=True))
def test_no_two_pairs_have_one_id(pairs: list[frozenset[str]]) -> None:
    assert len({pair_id(min(pair), max(pair)) for pair in pairs}) == len(pairs)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "停车场ABC数据库"},
        {"name": "停车场　ＡＢＣ  数据库"},
        {"name": "停车场abc数据库"},
        {"name": "停車場 ABC 數據庫"},
        {"areas": ("110108", "110107")},
        {"areas": ("110107", "110108", "110107")},
        {"items": (), "intent": Intent.COLLECTION, "basic_class": "legal_entity"},
    ],
)
def test_a_subject_is_known_again_by_its_name_and_areas_however_they_are_written(changes: dict[str, Any]) -> None:
    assert key_of_subject(SUBJECT.model_copy(update=changes)) == key_of_subject(SUBJECT)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "停车场 ABD 数据库"},
        {"name": "停车场 AB C数据"},
        {"areas": ("110107",)},
        {"areas": ("110107", "110108", "110105")},
        {"areas": ("110000",)},
    ],
)
def test_another_name_or_other_areas_are_another_subject(changes: dict[str, Any]) -> None:
    assert key_of_subject(SUBJECT.model_copy(update=changes)) != key_of_subject(SUBJECT)


@given(st.sets(st.sampled_from(["110101", "110102", "110105", "110107", "110000"]), min_size=1), st.randoms())
def test_the_order_of_the_areas_says_nothing(areas: set[str], random: Any) -> None:
    shuffled = random.sample(sorted(areas), len(areas))
    one, other = (SUBJECT.model_copy(update={"areas": tuple(order)}) for order in (sorted(areas), shuffled))
    assert key_of_subject(one) == key_of_subject(other)


@pytest.mark.parametrize("who", WHO)
def test_only_officers_of_those_who_review_decide(who: str) -> None:
    if who not in JUDGES:
        with pytest.raises(Forbidden):
            judged(who=who)
        return
    made = judged(who=who).record
    assert (made.by, made.officer) == (WHO[who].organisation, WHO[who].officer)
    assert (made.id, made.state, made.version, made.case_seq) == (pair_id(ONE.key, OTHER.key), State.JUDGED, 1, 1)
    assert (made.one, made.other, made.verdict, made.changed_at) == (ONE, OTHER, Verdict.SAME, NOON)


def test_there_is_nothing_to_decide_between_a_thing_and_itself() -> None:
    again = ONE.model_copy(update={"id": "k-2", "unit": STRANGER})  # another unit's search for the same
    with pytest.raises(Invalid) as refused:
        judge(ONE, again, said(), WHO["office"], NOON)
    assert [problem.pointer for problem in refused.value.problems] == ["/other"]


@pytest.mark.parametrize(("state", "action", "who"), list(product(State, Action, WHO)))
def test_what_the_rules_allow_happens_and_nothing_else(state: State, action: Action, who: str) -> None:
    before = judged().record
    assert before.state is state
    offered = MACHINE.actions_for(before, WHO[who])
    if (state, action, who) in ALLOWED:
        assert offered == (action,)
        assert revised(before, Verdict.RELATED, who).record.state is state
        return
    assert offered == ()
    with pytest.raises((Forbidden, Conflict)):
        revised(before, Verdict.RELATED, who)


def test_nothing_waits_for_nobody_and_an_adjudication_awaits_no_one() -> None:
    only_state = "JUDGED leads to no end"  # it stands for good, and rests there
    assert set(faults(MACHINE, {State.JUDGED: judged().record})) <= {only_state}
    assert reachable(MACHINE) == MACHINE.resting == set(State)
    assert MACHINE.awaiting(judged().record) == ()


REVIEWING = {"office", "office_approver", "statistics", "statistics_auditor"}
HAVING_THE_OTHER = {"others", "others_approver"}


@pytest.mark.parametrize(
    ("one", "other", "units"),
    [
        (STANDING, OTHER, {"unit"} | HAVING_THE_OTHER),
        (ONE, OTHER, {"unit"}),
        (OTHER, ONE, {"unit"}),
        (STANDING, WANTED_TOO, HAVING_THE_OTHER),
        (ONE, WANTED_TOO, {"unit"} | HAVING_THE_OTHER),
    ],
)
def test_those_who_review_read_it_and_the_units_of_both_or_of_what_is_meant_alone(
    one: Compared, other: Compared, units: set[str]
) -> None:
    made = judged(one=one, other=other)
    assert {who for who in WHO if follows(made.record, WHO[who])} == REVIEWING | units
    assert set(made.event.parties) == {WHO[who].organisation for who in REVIEWING | units}


def test_deciding_again_is_about_the_two_as_they_stand_now() -> None:
    before, now = judged(one=STANDING).record, STANDING.model_copy(update={"title": "停车场库", "unit": STRANGER})
    act = Act(Action.REVISE, said(), WHO["office"], NOON, {"one": now, "other": None})
    step = take(before, act)
    assert (step.record.one, step.record.other) == (now, OTHER)
    assert step.event.parties == tuple(sorted((OFFICE, STATISTICS_BUREAU, STRANGER, OTHERS)))


def test_deciding_again_changes_the_verdict_and_who_decided_and_nothing_else() -> None:
    before = judged(Verdict.SAME, "office").record
    after = revised(before, Verdict.DIFFERENT, "statistics").record
    changes = {name for name in Adjudication.model_fields if getattr(before, name) != getattr(after, name)}
    assert changes == {"verdict", "by", "officer", "version", "case_seq", "changed_at"}
    assert (after.verdict, after.by, after.officer) == (Verdict.DIFFERENT, STATISTICS_BUREAU, "o-statistics_bureau")
    assert (after.version, after.case_seq, after.changed_at) == (2, 2, NOON + timedelta(hours=1))


@given(st.lists(st.tuples(st.sampled_from(Verdict), st.sampled_from(sorted(JUDGES))), max_size=5))
def test_however_often_it_is_decided_the_last_word_stands_and_every_one_has_its_event(
    words: list[tuple[Verdict, str]],
) -> None:
    steps = [judged()]
    for hours, (verdict, who) in enumerate(words, 1):
        steps.append(revised(steps[-1].record, verdict, who, hours))
    assert [step.event.case_seq for step in steps] == list(range(1, len(words) + 2))
    assert [step.event.type for step in steps] == ["adjudication.made"] + ["adjudication.revised"] * len(words)
    verdict, who = words[-1] if words else (Verdict.SAME, "office")
    assert (steps[-1].record.verdict, steps[-1].record.by) == (verdict, WHO[who].organisation)
    assert {step.record.id for step in steps} == {pair_id(ONE.key, OTHER.key)}


@pytest.mark.parametrize("step", [judged(), revised(judged().record, Verdict.RELATED)], ids=["made", "revised"])
def test_an_event_names_its_readers_and_holds_no_word_that_anybody_wrote(step: Step[Adjudication]) -> None:
    assert step.event.parties == tuple(sorted((OFFICE, STATISTICS_BUREAU, UNIT)))
    record = step.record
    assert step.event.body == {"one": ONE.key, "other": OTHER.key, "verdict": record.verdict, "by": record.by}
    assert step.payload is not None
    assert step.event.payload_sha256 == step.payload.sha256
    for written in (REASON, ONE.title, OTHER.title, SUBJECT.name):
        assert written not in step.event.model_dump_json()


def test_a_unit_that_has_both_things_is_named_once() -> None:
    own = judged(one=STANDING.model_copy(update={"unit": OTHERS}))
    assert own.event.parties == tuple(sorted((OFFICE, STATISTICS_BUREAU, OTHERS)))


def test_the_view_says_where_the_two_are_found_and_offers_to_those_who_may_what_they_may() -> None:
    seen = view_of(judged().record, WHO["unit"], NOON)
    assert (seen.one.href, seen.other.href) == ("/catalog/checks/k-1", "/catalog/resources/r-1")
    assert (seen.other.unit, seen.other.unit_name, seen.by) == (OTHERS, "北京市石景山区", OFFICE)
    assert (seen.actions, seen.awaiting) == ((), ())
    assert view_of(judged().record, WHO["statistics"], NOON).actions == (Action.REVISE,)


def test_verdicts_are_found_by_the_ids_of_the_two_whichever_comes_first() -> None:
    made = judged(Verdict.CONTAINS).record
    assert verdicts_by_pair([line_of(made)]) == {frozenset({"r-1", "k-1"}): Judged(Verdict.CONTAINS, made.id)}


# What a certificate makes of it: r-1 is strong by its score; r-2 is not, being of another district.
WANTED = Subject(intent=Intent.DATABASE, name="停车场空余泊位数据库", items=("空余泊位数",), areas=("110107",))
AREAS = {"r-1": ("110107",), "r-2": ("110108",)}


def candidate(name: str, areas: tuple[str, ...], owner: str, kind: str = "resource") -> Candidate:
    title = "停车场空余泊位"
    return Candidate(kind, name, title, owner, Thing(title, WANTED.items, owner, None, areas))


def certified(judgements: Mapping[str, Judged], owner: str = OTHERS) -> Certificate:
    catalogue = [candidate(name, areas, owner) for name, areas in AREAS.items()]
    duty = candidate("c-1", WANTED.areas, owner, "collection")
    return issue(WANTED, Searched([duty], catalogue, 41, judgements), WHO["unit"], NOON).record


def hit(certificate: Certificate, name: str) -> Hit:
    return next(found for found in certificate.hits if found.id == name)


def test_without_a_judgement_the_scores_say_what_a_hit_is() -> None:
    made = certified({})
    assert [(hit(made, name).strong, hit(made, name).score >= STRONG) for name in AREAS] == [(True,) * 2, (False,) * 2]
    assert all(found.judged is None and RULED not in "".join(found.reasons) for found in made.hits)
    assert all(found.strong is (found.verdict in DUPLICATES) for found in made.hits)


@pytest.mark.parametrize(("name", "verdict"), list(product(AREAS, Verdict)))
def test_a_hit_is_what_reviewers_decided_whatever_its_score(name: str, verdict: Verdict) -> None:
    before, after = certified({}), certified({name: Judged(verdict, "a-1")})
    found, plain = hit(after, name), hit(before, name)
    assert (found.verdict, found.judged) == (verdict, "a-1")
    assert found.strong is (verdict in {Verdict.SAME, Verdict.CONTAINS, Verdict.OTHER_PERIOD})
    assert (found.score, found.rank, found.reasons[1:]) == (plain.score, 1, plain.reasons)
    assert found.reasons[0].startswith(RULED)
    assert found.reasons[0].endswith(f"reviewers have decided: {verdict}")
    assert others(after, name) == others(before, name)


def others(certificate: Certificate, name: str) -> list[dict[str, Any]]:
    """Return all hits but one, whatever their ranks."""
    return [found.model_dump(exclude={"rank"}) for found in certificate.hits if found.id != name]


@pytest.mark.parametrize("verdict", Verdict)
def test_what_was_judged_is_shown_first_however_unlike_it_is_and_however_much_is_alike(verdict: Verdict) -> None:
    unlike = Candidate(
        "resource", "r-0", "渣土车违法违规信息", OTHERS, Thing("渣土车违法违规信息", ("车牌号",), OTHERS)
    )
    alike = [candidate(f"r-{n}", WANTED.areas, OTHERS) for n in range(1, MOST + 2)]
    searched = Searched([], [*alike, unlike], 41)
    before = issue(WANTED, searched, WHO["unit"], NOON).record
    assert "r-0" not in {found.id for found in before.hits}
    ruled = searched._replace(judged={"r-0": Judged(verdict, "a-1")})
    first, *rest = issue(WANTED, ruled, WHO["unit"], NOON).record.catalogue_hits
    assert (first.rank, first.id, first.verdict, first.judged) == (1, "r-0", verdict, "a-1")
    assert first.score < WEAKEST
    assert first.strong is (verdict in DUPLICATES)
    assert [found.rank for found in rest] == list(range(2, MOST + 2))


def test_a_judgement_about_a_collection_duty_is_shown_in_the_other_search() -> None:
    made = certified({"c-1": Judged(Verdict.RELATED, "a-1")})
    assert [(found.id, found.strong, found.judged) for found in made.collection_hits] == [("c-1", False, "a-1")]


@pytest.mark.parametrize("verdict", Verdict)
def test_what_is_the_units_own_needs_no_decision_whatever_was_decided(verdict: Verdict) -> None:
    made = certified(dict.fromkeys(AREAS, Judged(verdict, "a-1")), owner=UNIT)
    assert [(found.strong, found.verdict) for found in made.catalogue_hits] == [(False, verdict)] * 2
    assert made.undecided == ()


def evidence_before(certificate: Certificate) -> str:
    """Hash what was looked for and found as it was done before a hit had a verdict."""
    evidence = certificate.model_dump(
        mode="json", include={"subject", "collection_hits", "catalogue_hits", "catalogue_version"}
    )
    for found in (*evidence["collection_hits"], *evidence["catalogue_hits"]):
        found.pop("verdict")
        found.pop("judged")
    spelt = json.dumps(evidence, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelt.encode()).hexdigest()


def test_a_certificate_that_was_filed_before_hits_had_verdicts_keeps_its_hash() -> None:
    said_later = {"verdict", "judged"}
    new = certified({"r-1": Judged(Verdict.RELATED, "a-1")})
    stored = json.loads(new.model_dump_json())
    for found in (*stored["collection_hits"], *stored["catalogue_hits"]):
        assert said_later <= found.keys()
        for name in said_later:
            del found[name]
    old = Certificate.model_validate(stored)
    assert {(found.verdict, found.judged) for found in old.hits} == {(None, None)}
    assert old.evidence_hash == evidence_before(old) == evidence_before(new) != new.evidence_hash


def test_the_hash_binds_what_was_decided_and_by_which_adjudication() -> None:
    judgements = [Judged(Verdict.RELATED, "a-1"), Judged(Verdict.DIFFERENT, "a-1"), Judged(Verdict.RELATED, "a-2")]
    assert len({certified(made).evidence_hash for made in ({}, *({"r-1": one} for one in judgements))}) == 4


# What the consolidation report makes of it: the first two entries are alike, the third is like neither.
ALIKE = [
    entry(1, "停车场信息", "drc", ("名称", "地址")),
    entry(2, "停车场名单", "audit_bureau", ("名称", "地址")),
    entry(3, "能源消费总量", "statistics_bureau", ("总量",)),
]


def clusters(*judgements: tuple[str, str, Verdict]) -> list[Cluster]:
    return clusters_of(ALIKE, {frozenset({one, other}): Judged(verdict, "a-1") for one, other, verdict in judgements})


def members(found: list[Cluster]) -> list[set[str]]:
    return [{member.id for member in cluster.members} for cluster in found]


def test_what_nobody_judged_is_brought_together_by_its_score() -> None:
    (cluster,) = clusters()
    assert (members([cluster]), cluster.bonds[0].judged) == ([{"00001", "00002"}], None)
    assert RULED not in "".join(cluster.bonds[0].reasons)


@pytest.mark.parametrize("verdict", [Verdict.RELATED, Verdict.DIFFERENT])
def test_two_that_reviewers_hold_apart_are_in_no_cluster(verdict: Verdict) -> None:
    assert clusters(("00002", "00001", verdict)) == []


@pytest.mark.parametrize("verdict", sorted(DUPLICATES))
def test_two_that_reviewers_hold_for_one_are_in_a_cluster_however_little_they_look_alike(verdict: Verdict) -> None:
    found = clusters(("00003", "00001", verdict), ("00001", "00002", Verdict.DIFFERENT))
    assert members(found) == [{"00001", "00003"}]
    bond = found[0].bonds[0]
    assert (bond.score, found[0].score, bond.verdict, bond.judged) == (100, 100, verdict, "a-1")
    assert bond.reasons[0].startswith(RULED)


def test_a_judgement_joins_what_the_scores_brought_together() -> None:
    (cluster,) = clusters(("00002", "00003", Verdict.SAME))
    assert members([cluster]) == [{"00001", "00002", "00003"}]
    assert {(bond.one, bond.other, bond.judged) for bond in cluster.bonds} == {
        ("00001", "00002", None),
        ("00002", "00003", "a-1"),
    }


def test_a_judgement_about_what_is_not_published_or_all_of_one_unit_changes_nothing() -> None:
    assert clusters(("00001", "k-1", Verdict.SAME), ("k-1", "k-2", Verdict.SAME)) == clusters()
    own = [ALIKE[0], ALIKE[2].model_copy(update={"provider": "drc"})]
    assert clusters_of(own, {frozenset({"00001", "00003"}): Judged(Verdict.SAME, "a-1")}) == []
