"""`govshare recover-log` asks the sequencing function until the table knows the whole log, and says how far it is."""

from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from services.audit import listen
from tests.ledger_harness import World, a_place, inside, steps
from tests.restoring import a_log, recovery, restored
from tests.support import Context
from tools.govshare.failures import Refused
from tools.govshare.ledger_commands import add_to
from tools.govshare.recovering import recover_log

SEQUENCER = "AuditSequencer"


@pytest.fixture
def world() -> Iterator[World]:
    """A log of eleven entries, and a table that was lost."""
    with a_place():
        world = restored(a_log(*[steps(case, 1) for case in "abcdefgh"]), {})
        world.cloud.functions = {**world.cloud.functions, SEQUENCER: lambda asked: listen.sequence(asked, Context())}
        with inside(world):
            yield world


def slowly(asked: dict[str, str]) -> dict[str, object]:
    """Recover two entries at a time, as a function that is cut off does with a longer log."""
    assert asked == {"action": "recover"}
    return recovery().run(goes_on=lambda: False, at_once=2).model_dump()


def test_the_command_says_when_the_table_knows_the_whole_log(world: World) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)

    said = CliRunner().invoke(app, ["recover-log", "--function", SEQUENCER])

    assert (said.exit_code, said.output) == (0, "the table knows 11 of 11 entries of the log\n")


def test_a_function_is_asked_until_it_is_done(world: World) -> None:
    world.cloud.functions = {**world.cloud.functions, SEQUENCER: slowly}

    reached = list(recover_log(SEQUENCER))

    assert len(reached) > 2
    assert reached == sorted(set(reached))
    assert reached[-1] == (11, 11)


def test_what_the_function_says_when_it_fails_is_told(world: World) -> None:
    def refuse(_: object) -> object:
        raise listen.SignerFailed("the key is disabled")

    world.cloud.functions = {**world.cloud.functions, SEQUENCER: refuse}

    with pytest.raises(Refused, match="the key is disabled"):
        list(recover_log(SEQUENCER))
