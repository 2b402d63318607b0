"""Sequencers and intakes that take turns at their calls to AWS in any order, and die; and whether the stories of all
these tests would tell: with any one rule of the write path switched off, they do."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

import pytest

from tests.ledger_forks import planted, put_back_table, restored_after_death, restored_between_two, staged_exchanged
from tests.ledger_harness import a_place, a_world, a_world_with_waiting, is_long
from tests.ledger_mutants import GUARDS, MUTANTS, switched_off
from tests.ledger_schedules import SIZES, play
from tests.ledger_stories import contradictions, more_are_filed, more_come_in, overtakings, two_ways_to_one_tree

AT_THE_EDGE, FAR_FROM_IT = (254, 2), (3, 2)
Tales = Callable[[int, int], Iterator[list[str]]]
INTRUDERS: tuple[Tales, ...] = (
    planted,
    staged_exchanged,
    restored_between_two,
    restored_between_two,
    restored_between_two,
    partial(restored_after_death, restore=put_back_table),
)
BLOCK = 20  # schedules of one test
MOST = 400  # schedules until a fault must have shown


@pytest.fixture(autouse=True, scope="module")
def place() -> Iterator[None]:
    """The functions' environment, and the worlds that stories begin in, made while every rule is kept."""
    with a_place():
        for size in SIZES:
            a_world(size)
        for size, waiting in (AT_THE_EDGE, FAR_FROM_IT, (254, 1)):
            a_world_with_waiting(size, waiting)
        yield


def stories() -> Iterator[list[str]]:
    """Tell the short stories first, and then schedules, as long as it takes."""
    of_two = (overtakings(*AT_THE_EDGE, by) for by in (more_are_filed, more_come_in))
    return chain(two_ways_to_one_tree(), contradictions(), *of_two, map(play, range(MOST)))


@pytest.mark.parametrize("block", range(3))
def test_no_schedule_of_calls_and_deaths_breaks_the_ledger(block: int) -> None:
    length = 100 * BLOCK if is_long() else BLOCK
    played = {seed: play(seed) for seed in range(block * length, (block + 1) * length)}

    assert {seed: wrong for seed, wrong in played.items() if wrong} == {}


@pytest.mark.parametrize("rule", MUTANTS)
def test_the_harness_catches(rule: str) -> None:
    with switched_off(rule):
        assert any(stories())


@pytest.mark.parametrize(("rule", "stories"), [*zip(GUARDS, INTRUDERS, strict=True)])
def test_the_harness_catches_that(rule: str, stories: Tales) -> None:
    with switched_off(rule):
        assert any(chain(stories(*AT_THE_EDGE), stories(*FAR_FROM_IT)))
