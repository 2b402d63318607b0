"""A table and a log that contradict each other are never made to agree: the recovery refuses, and writes nothing."""

from collections.abc import Iterator

import pytest

from services.audit.batch import archived
from services.audit.items import mark_name
from services.audit.objects import LogHalted
from services.audit.recover import Interrupted, Progress
from services.audit.verify.layout import bundle_path
from services.shared.dynamo import item_of
from tests.ledger_harness import LOG, ORIGIN, World, a_place, file, inside, steps
from tests.ledger_wire import hooked, overtaken
from tests.restoring import a_log, back_up, recover, recovered, restored


@pytest.fixture(autouse=True)
def place() -> Iterator[None]:
    """The functions' environment."""
    with a_place():
        yield


def refused(world: World) -> str:
    """Return why a recovery refuses a world, once it is sure that it wrote nothing."""
    before = back_up(world)
    with pytest.raises(LogHalted) as raised:
        recovered(world)
    assert back_up(world) == before
    return str(raised.value)


def put_over(world: World, kind: str, **changes: object) -> None:
    """Change the head or what was signed last, as only someone who writes beside the ledger can."""
    key = f"{kind}#{ORIGIN}"
    world.cloud.items[key] = {kind: world.cloud.items[key][kind] | item_of(changes)}


def test_a_head_that_the_log_does_not_begin_with_is_refused() -> None:
    world = a_log(steps("a", 1))
    backup = back_up(world)
    with inside(world):
        world.send(steps("b", 1))
        file()
    after = restored(world, backup)
    put_over(after, "HEAD", root="ab" * 32)

    assert "does not begin with the head of the table" in refused(after)


def test_a_head_that_is_applied_beyond_the_log_is_refused() -> None:
    world = a_log(steps("a", 1))
    put_over(world, "HEAD", size=9)

    assert "is applied" in refused(world)


def test_a_signature_that_contradicts_the_log_is_refused() -> None:
    world = a_log(steps("a", 1))
    put_over(world, "SIGNED", root="ab" * 32)

    assert "what was signed last" in refused(world)


def test_a_signature_of_more_than_the_log_holds_is_refused() -> None:
    world = a_log(steps("a", 1))
    put_over(world, "SIGNED", size=9)

    assert "a tree of 9 was signed, the log has 4 entries" in refused(world)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entry_sha256": "ab" * 32}, "has other bytes in the table"),
        ({"index": 9}, "filed at 9 in the table, at 3 in the log"),
    ],
)
def test_a_mark_that_contradicts_the_log_is_refused(changes: dict[str, object], said: str) -> None:
    world = a_log(steps("a", 1))
    name = mark_name("a-1")
    world.cloud.items[name["pk"]] = {"EVT": world.cloud.items[name["pk"]]["EVT"] | item_of(changes)}

    assert said in refused(world)


def test_another_event_in_a_place_of_a_case_that_the_log_has_filled_is_refused() -> None:
    world = a_log(steps("a", 1))
    backup = back_up(world)
    with inside(world):
        world.send(steps("a", 2))
        file()
    after = restored(world, backup)
    (rival,) = steps("a", 2)
    with inside(after):
        after.send([rival.model_copy(update={"id": "rival"})])

    assert "another event than the log in case a" in refused(after)


def test_a_checkpoint_that_the_logs_key_did_not_sign_is_passed_over() -> None:
    world = a_log(steps("a", 1))
    note = world.read(archived(4))
    world.cloud.objects[LOG][archived(7)] = (note.replace(b"\n4\n", b"\n7\n"),)

    assert recovered(world) == Progress(size=4, of=4, done=True)


@pytest.mark.parametrize("bundle", [b"\x00\x05x", None])
def test_a_log_that_cannot_be_read_is_refused(bundle: bytes | None) -> None:
    world = a_log(steps("a", 1))
    world.cloud.objects[LOG][bundle_path(0, 4)] = (bundle,)

    assert "cannot be recovered from the log" in refused(restored(world, {}))


def test_a_recovery_whose_head_is_written_by_someone_else_stops() -> None:
    world = a_log(steps("a", 1))
    backup = back_up(world)
    with inside(world):
        world.send(steps("b", 1))
        file()
    after = restored(world, backup)
    rival = overtaken(lambda: put_over(after, "HEAD", version=99), 1, {"PutItem"})

    with inside(after), pytest.raises(Interrupted), hooked(rival):
        recover()
