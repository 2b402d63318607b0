"""The catalogue chain: both ways from any node, onwards only, agreements to their parties alone, never endless."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.chain import Chain, Kind, Place, Step
from services.catalog.chain_walk import MOST_NODES, chain_of
from services.catalog.exchange import Exchange, activated
from services.catalog.feed import numbered_from
from services.shared.callers import ANONYMOUS, Caller
from services.shared.errors import NotFound
from tests.feeding import PROVIDER, REQUESTER, duty_published, published
from tests.feeding import activated as activation

TODAY = date(2026, 11, 23)
DUTY, BASE, ENTRY = Step(Kind.COLLECTION, "duty"), Step(Kind.DATABASE, "base"), Step(Kind.RESOURCE, "entry")
OTHER = Step(Kind.RESOURCE, "other")
CHANNEL, AGREEMENT = Step(Kind.CHANNEL, "entry.api"), Step(Kind.AGREEMENT, "deal")
NOTHING = Place(None, (), None)


def officer(organisation: str) -> Caller:
    return Caller(organisation=organisation, officer="o-1", claims=frozenset())


def a_place(step: Step, *related: Step, exchange: Exchange | None = None) -> Place:
    event = duty_published(step.id) if step.kind is Kind.COLLECTION else published(step.id)
    change = numbered_from(1, [event], {}).changes[0].model_copy(update={"kind": str(step.kind)})
    return Place(change, related, exchange)


def exchange(*deals: str, entry: str = "entry") -> Exchange:
    made = Exchange(entry=entry)
    for deal in deals:
        made = activated(made, activation(deal, entry))
    return made


PLACES: dict[str, Place] = {
    "duty": a_place(DUTY, BASE),
    "base": a_place(BASE, DUTY, ENTRY, OTHER),
    "entry": a_place(ENTRY, BASE, DUTY, AGREEMENT, exchange=exchange("deal", "deal-2")),
    "other": a_place(OTHER, BASE),
    "deal": Place(None, (ENTRY,), None),
}


def chain(start: Step, caller: Caller = ANONYMOUS, places: dict[str, Place] = PLACES, day: date = TODAY) -> Chain:
    return chain_of(start, lambda case: places.get(case, NOTHING), caller, day)


def names(made: Chain) -> list[str]:
    return [f"{node.kind}/{node.id}" for node in made.nodes]


def test_an_entry_leads_up_to_its_duty_and_down_to_its_channels() -> None:
    made = chain(ENTRY)

    assert names(made) == ["collection/duty", "database/base", "resource/entry", "channel/entry.api"]
    assert {(link.upper, link.lower) for link in made.links} == {
        ("collection/duty", "resource/entry"),
        ("database/base", "resource/entry"),
        ("collection/duty", "database/base"),
        ("resource/entry", "channel/entry.api"),
    }


def test_a_channel_that_names_no_entry_is_not_there_and_nothing_is_asked_for() -> None:
    asked: list[str] = []

    def read(case: str) -> Place:
        asked.append(case)
        return NOTHING

    for name in ("api", ".api"):
        with pytest.raises(NotFound):
            chain_of(Step(Kind.CHANNEL, name), read, ANONYMOUS, TODAY)
    assert "" not in asked  # no table has such a key


def test_nothing_is_reached_by_going_up_one_branch_and_down_another() -> None:
    assert "resource/other" not in names(chain(ENTRY))
    assert "resource/other" in names(chain(BASE))
    assert "resource/other" in names(chain(DUTY))


@pytest.mark.parametrize("organisation", [PROVIDER, REQUESTER, "informatization_office"])
def test_a_party_or_the_office_traces_an_agreement_to_its_duty_and_back(organisation: str) -> None:
    up, down = chain(AGREEMENT, officer(organisation)), chain(DUTY, officer(organisation))

    assert names(up) == [*names(chain(ENTRY)), "agreement/deal"]
    assert up.nodes[-1].href == "/requests/deal/agreement"
    assert {"agreement/deal", "agreement/deal-2"} <= set(names(down))
    assert down.withheld == 0


@pytest.mark.parametrize("caller", [ANONYMOUS, officer("drc"), officer("statistics_bureau")])
def test_others_learn_that_there_are_agreements_and_not_whose(caller: Caller) -> None:
    made = chain(ENTRY, caller)

    assert (made.withheld, [node.kind for node in made.nodes if node.kind == Kind.AGREEMENT]) == (2, [])
    with pytest.raises(NotFound):
        chain(AGREEMENT, caller)


def test_a_channel_is_a_place_to_start_from_while_it_is_live() -> None:
    assert names(chain(CHANNEL)) == names(chain(ENTRY))
    with pytest.raises(NotFound):
        chain(CHANNEL, day=date(2100, 1, 1))
    with pytest.raises(NotFound):
        chain(Step(Kind.CHANNEL, "entry.file"))


@pytest.mark.parametrize(
    "start", [Step(Kind.RESOURCE, "none"), Step(Kind.DATABASE, "entry"), Step(Kind.AGREEMENT, "none")]
)
def test_what_is_not_public_or_of_another_kind_is_not_there(start: Step) -> None:
    with pytest.raises(NotFound):
        chain(start, officer("informatization_office"))


def test_a_related_thing_that_was_never_public_is_left_out() -> None:
    hidden = PLACES | {"base": Place(None, (DUTY, ENTRY), None)}

    assert names(chain(ENTRY, places=hidden)) == ["collection/duty", "resource/entry", "channel/entry.api"]


def test_a_chain_that_is_too_long_says_that_it_was_cut() -> None:
    entries = [Step(Kind.RESOURCE, f"e-{number}") for number in range(300)]
    many = {"base": a_place(BASE, *entries)} | {entry.id: a_place(entry, BASE) for entry in entries}
    made = chain(BASE, places=many)

    assert (len(made.nodes), made.cut) == (MOST_NODES, True)
    assert not chain(BASE).cut


@given(pairs=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20), start=st.integers(0, 5))
def test_whatever_is_linked_the_walk_ends_reads_each_case_once_and_links_only_what_it_shows(
    pairs: set[tuple[int, int]], start: int
) -> None:
    steps = [Step(list(Kind)[number % 3], f"n-{number}") for number in range(6)]
    related = {step: [steps[b] for a, b in pairs | {(b, a) for a, b in pairs} if steps[a] == step] for step in steps}
    places = {step.id: a_place(step, *related[step]) for step in steps}
    reads: list[str] = []

    def read(case: str) -> Place:
        reads.append(case)
        return places[case]

    made = chain_of(steps[start], read, ANONYMOUS, TODAY)

    shown = set(names(made))
    assert str(steps[start]) in shown
    assert len(reads) == len(set(reads))
    assert all({link.upper, link.lower} <= shown for link in made.links)
    # A walk the other way round finds the same link.
    for link in made.links:
        kind, name = link.lower.split("/")
        assert link.upper in names(chain_of(Step(Kind(kind), name), places.__getitem__, ANONYMOUS, TODAY))
