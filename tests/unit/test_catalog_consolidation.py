"""Near-duplicates of several units stand in one cluster, with what holds it together; one unit's own do not."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from services.catalog.consolidation import Cluster, clusters_of
from services.catalog.likeness import Thing
from services.catalog.search import Summary
from services.catalog.similarity import pair_score
from services.shared.organisations import provider_of
from tests.summaries import entry

SAMPLE = Path(__file__).parents[2] / "data" / "beijing_catalogue.jsonl"
UNITS = ("transport_commission", "drc", "110107", "110101", "informatization_office")
WORDS = ("停车", "泊位", "公园", "企业", "名单", "信息", "许可证", "学校", "2025年", "石景山区", "预算", "统计表")


@dataclass(frozen=True)
class Row:
    """What says whose a row of the sample is."""

    provider: str
    provider_in_summary: str
    archived: bool


def sample() -> list[Summary]:
    """Return the sample's entries as they stand in the list of what is published."""
    rows = map(json.loads, SAMPLE.read_text(encoding="utf-8").splitlines())
    return [
        entry(
            place,
            row["title"],
            provider_of(Row(row["provider"], row["provider_in_summary"], row["archived"])),
            [item["name"] for item in row["items"]],
        )
        for place, row in enumerate(rows)
    ]


def joined(entries: Sequence[Summary]) -> set[frozenset[str]]:
    """Return the clusters by the slow way: every pair is compared, and what is strong is joined."""
    groups = {one.id: frozenset({one.id}) for one in entries}
    things = {one.id: Thing(one.title, one.items, one.provider, one.basic_class) for one in entries}
    for one, other in combinations(sorted(entries, key=lambda one: one.id), 2):
        if one.provider != other.provider and pair_score(things[one.id], things[other.id]).strong:
            both = groups[one.id] | groups[other.id]
            groups |= dict.fromkeys(both, both)
    return {group for group in groups.values() if len(group) > 1}


def members(clusters: Sequence[Cluster]) -> set[frozenset[str]]:
    return {frozenset(member.id for member in cluster.members) for cluster in clusters}


ENTRIES = st.lists(
    st.builds(
        entry,
        st.integers(0, 99_999),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("".join),
        st.sampled_from(UNITS),
        st.lists(st.sampled_from(("名称", "地址", "电话", "序号")), unique=True),
    ),
    max_size=20,
    unique_by=lambda one: one.id,
)


@given(ENTRIES)
@example([entry(0, "企业企业许可证", UNITS[0], []), entry(1, "企业企业企业", UNITS[1], [])])
def test_the_clusters_are_those_that_comparing_all_pairs_finds(entries: list[Summary]) -> None:
    assert members(clusters_of(entries)) == joined(entries)


def test_so_they_are_in_the_sample() -> None:
    entries = sample()[::4]
    assert members(clusters_of(entries)) == joined(entries) != set()


@given(ENTRIES, st.randoms())
def test_the_order_of_the_entries_does_not_matter(entries: list[Summary], random: Random) -> None:
    before = clusters_of(entries)
    random.shuffle(entries)
    assert clusters_of(entries) == before


@given(ENTRIES)
def test_a_cluster_is_of_several_units_and_held_by_as_few_bonds_as_can_be(entries: list[Summary]) -> None:
    for cluster in clusters_of(entries):
        ids = {member.id for member in cluster.members}
        assert cluster.units == len({member.unit for member in cluster.members}) > 1
        assert len(cluster.bonds) == len(ids) - 1
        assert {end for bond in cluster.bonds for end in (bond.one, bond.other)} == ids
        assert (cluster.id, cluster.score) == (min(ids), min(bond.score for bond in cluster.bonds))


def test_a_unit_that_repeats_itself_is_no_case_for_consolidation() -> None:
    assert clusters_of([entry(1, "停车场", "drc"), entry(2, "停车场", "drc")]) == []


def test_a_bond_says_why() -> None:
    items = ("名称", "地址")
    (cluster,) = clusters_of([entry(1, "停车场信息", "drc", items), entry(2, "停车场名单", "audit_bureau", items)])
    assert cluster.bonds[0].score == 100
    assert all(" / " in reason for reason in cluster.bonds[0].reasons)


def test_a_name_that_everybody_has_is_one_cluster() -> None:
    entries = [entry(place, "停车场", f"unit{place}") for place in range(300)]
    assert [cluster.units for cluster in clusters_of(entries)] == [300]
