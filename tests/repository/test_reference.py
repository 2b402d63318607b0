"""The reference data is whole: duties rest on clauses, clauses on instruments, codes on lists, and each on a source."""

from collections import Counter
from itertools import pairwise

import pytest

from services.shared.organisations import organisations
from services.shared.reference import (
    EXCLUDING_LEVELS,
    Vocabulary,
    collection_standards,
    duties,
    duties_of,
    excludes_sharing,
    find_clause,
    legal_instruments,
    vocabulary,
)


def test_every_duty_belongs_to_a_body_and_rests_on_a_clause() -> None:
    lost = [duty.code for duty in duties().values() if duty.organisation not in organisations()]
    baseless = [duty.code for duty in duties().values() if not find_clause(duty.legal_instrument, duty.clause)]
    assert (lost, baseless) == ([], [])


def test_every_member_body_but_the_four_without_a_task_in_the_policy_has_a_duty() -> None:
    idle = [body.code for body in organisations().values() if body.functions and not duties_of(body.code)]
    assert idle == [
        "party_general_office",
        "government_general_office",
        "staffing_commission_office",
        "legal_affairs_office",
    ]


def test_parking_is_a_duty_of_the_transport_commission() -> None:
    assert [duty.code for duty in duties_of("transport_commission")] == ["parking_management"]


def test_only_law_regulation_or_state_council_decision_excludes_sharing() -> None:
    marked = [i for i in legal_instruments().values() if any(clause.excludes_sharing for clause in i.clauses)]
    assert marked
    assert {instrument.level for instrument in marked} <= EXCLUDING_LEVELS


@pytest.mark.parametrize(
    ("instrument", "clause", "excludes"),
    [
        ("data-security-law", "38", True),
        ("decree-809", "3", True),
        ("decree-809", "15", False),
        ("policy-2005", "三(五)", False),
        ("data-security-law", "99", False),
        ("no-such-law", "1", False),
    ],
)
def test_a_clause_excludes_sharing_only_where_it_says_so(instrument: str, clause: str, *, excludes: bool) -> None:
    assert excludes_sharing(instrument, clause) is excludes


def test_no_instrument_comes_into_force_before_it_is_issued() -> None:
    dated = [(i.issued, i.in_force, i.id) for i in legal_instruments().values() if i.issued and i.in_force]
    assert [name for issued, in_force, name in dated if in_force < issued] == []


def test_every_entry_names_its_source() -> None:
    lists = (getattr(vocabulary(), name) for name in Vocabulary.model_fields)
    assert all(entry.source for entry in (*legal_instruments().values(), *duties().values(), *lists))


@pytest.mark.parametrize(
    ("name", "size"),
    [("work_areas", 4), ("key_domains", 15), ("share_types", 3), ("item_types", 11), ("basic_classes", 4)],
)
def test_a_closed_list_has_as_many_codes_as_its_source(name: str, size: int) -> None:
    assert len(getattr(vocabulary(), name).terms) == size


@pytest.mark.parametrize("name", sorted(Vocabulary.model_fields))
def test_no_list_has_a_code_twice(name: str) -> None:
    counts = Counter(term.code for term in getattr(vocabulary(), name).terms)
    assert max(counts.values()) == 1


def test_a_format_agrees_only_with_share_methods_on_the_list() -> None:
    methods = {method for term in vocabulary().formats.terms for method in term.methods}
    assert all(vocabulary().share_methods.has(method) for method in methods)
    assert not vocabulary().share_methods.has("API")


def test_each_basic_class_has_one_standard_in_force_and_a_version_ends_when_the_next_begins() -> None:
    standards = collection_standards()
    assert {term.code for term in vocabulary().basic_classes.terms} == {
        standard.basic_class for standard in standards if standard.superseded is None
    }
    for older, newer in pairwise(standards):
        if older.id == newer.id:
            assert older.superseded == newer.in_force
    assert len({(standard.id, standard.version) for standard in standards}) == len(standards)
    assert all(standard.source for standard in standards)
