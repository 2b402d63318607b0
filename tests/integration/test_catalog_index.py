"""The search index survives broken snapshots, lost races and a crash at any write; a rebuild answers the same."""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import boto3
import pytest

from services.catalog import files_store, index_work, search_store, snapshot_store
from services.catalog.findable import Findable
from services.catalog.finding import Question, find
from services.catalog.retrieval import Facet
from services.catalog.snapshot_store import CURRENT, SNAPSHOTS, Pointer
from services.catalog.tantivy_index import FORMAT, TantivyIndex, build
from services.shared.canonical import now
from services.shared.errors import TooMany, Unavailable
from tests.catalogue import ENTRY, PROVIDER, act, published
from tests.searching import index, look_again, number_changes, search, titles
from tests.stack import Calls
from tests.support import Context

REASON = {"reason": "来源系统已停用。"}
QUERIES = ("", "停车场", "车位", "停车", "市交通委", "泊位数 空余")


@pytest.fixture(autouse=True)
def stack(data_stack: dict[str, str]) -> dict[str, str]:
    """The data stack, empty."""
    return data_stack


@pytest.fixture
def bucket(stack: dict[str, str]) -> str:
    """The bucket that snapshots lie in."""
    return stack["FilesBucket"]


def entry(title: str) -> Any:
    return published(ENTRY | {"title": title})


def answers() -> list[Any]:
    """Return what everybody is shown for a number of searches, but for the version."""
    look_again()
    shown = [search(query).body for query in QUERIES]
    assert all("items" in page for page in shown), shown
    return [{name: value for name, value in page.items() if name != "version"} for page in shown]


def snapshots(bucket: str) -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=SNAPSHOTS).get("Contents", [])
    return [each["Key"] for each in found]


def pointer() -> Pointer:
    held = snapshot_store.pointer()
    assert held is not None
    return held.pointer


def spoil(bucket: str, key: str) -> None:
    """Turn a byte in the middle of a file."""
    client = boto3.client("s3")
    body = bytearray(client.get_object(Bucket=bucket, Key=key)["Body"].read())
    body[len(body) // 2] ^= 0xFF
    client.put_object(Bucket=bucket, Key=key, Body=bytes(body))


def test_a_run_knows_every_change_there_was_and_the_next_one_has_nothing_to_do(aws_calls: Calls) -> None:
    entry("停车场")
    assert index() == 1
    aws_calls.clear()
    assert index_work.handler({}, Context()) == {"version": 1}
    assert sorted(aws_calls.names) == ["GetItem", "GetObject", "HeadObject"]


def test_an_empty_catalogue_has_an_index_too(bucket: str) -> None:
    assert index() == 0
    assert (pointer().rows, len(snapshots(bucket))) == (0, 1)
    assert titles(search("停车场")) == []


def test_a_rebuild_answers_as_the_index_did_that_grew_with_each_change() -> None:
    made = [entry(f"停车场{number}号") for number in range(5)]
    index()
    act(made[1], "withdraw", PROVIDER, REASON)
    entry("充电桩车位")
    index()
    grown = answers()
    assert index(rebuild=True) == 7
    assert answers() == grown
    found = [hit["title"] for hit in grown[1]["items"]]
    assert sorted(found) == ["停车场0号", "停车场2号", "停车场3号", "停车场4号", "充电桩车位"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("write", [1, 2])
def test_a_run_that_dies_at_a_write_leaves_what_was_and_the_next_makes_it_good(
    when: str, write: int, aws_calls: Calls
) -> None:
    entry("停车场")
    index()
    before = answers()
    entry("停车场新号")
    number_changes()
    with aws_calls.crash(when, write):
        index_work.handler({}, Context())
    assert aws_calls.crashed
    swapped = (when, write) == ("after", 2)
    assert (answers() == before) is not swapped
    assert index() == 2
    assert sorted(titles(search("停车场"))) == ["停车场", "停车场新号"]


def test_what_a_crash_left_is_cleared_once_nobody_can_ask_for_it(bucket: str, aws_calls: Calls) -> None:
    entry("停车场")
    number_changes()
    with aws_calls.crash("before", 2):
        index_work.handler({}, Context())
    orphans = snapshots(bucket)
    assert len(orphans) == 1
    index()
    assert set(snapshots(bucket)) == {*orphans, f"{SNAPSHOTS}{pointer().name}.tar"}
    assert snapshot_store.clear(pointer().name, now()) == 0
    assert snapshot_store.clear(pointer().name, now() + timedelta(minutes=20)) == 1
    assert snapshots(bucket) == [f"{SNAPSHOTS}{pointer().name}.tar"]


def test_of_two_at_once_the_second_finds_that_the_first_was_quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    entry("停车场")
    number_changes()
    held = snapshot_store.pointer()
    assert index_work.handler({}, Context()) == {"version": 1}
    new = pointer()
    assert not snapshot_store.swap(new.model_copy(update={"name": "other"}), held)
    assert pointer() == new


def test_one_that_is_always_overtaken_gives_up_and_is_called_again(bucket: str) -> None:
    entry("停车场")
    number_changes()
    client = boto3.client("s3")
    rival = Pointer(name="rival", sha256="", bytes=0, version=0, rows=0, format=FORMAT)

    def overtake(**_: Any) -> None:
        rivals.append(rival.model_copy(update={"rows": len(rivals)}))
        client.put_object(Bucket=bucket, Key=CURRENT, Body=rivals[-1].model_dump_json().encode())

    rivals: list[Pointer] = []
    events = files_store.s3().meta.events
    events.register("before-call.s3.HeadObject", overtake)
    events.register("provide-client-params.s3.PutObject", overtake_unless_own := _only_snapshots(overtake))
    try:
        with pytest.raises(TooMany):
            index_work.handler({}, Context())
    finally:
        events.unregister("before-call.s3.HeadObject", overtake)
        events.unregister("provide-client-params.s3.PutObject", overtake_unless_own)


def _only_snapshots(overtake: Any) -> Any:
    def when_a_snapshot_is_written(params: dict[str, Any], **_: Any) -> None:
        if params["Key"].startswith(SNAPSHOTS):
            overtake()

    return when_a_snapshot_is_written


def test_a_broken_snapshot_is_never_served_and_the_open_one_goes_on_answering(bucket: str) -> None:
    entry("停车场")
    index()
    search("停车场")
    entry("停车场新号")
    number_changes()
    index_work.handler({}, Context())
    spoil(bucket, f"{SNAPSHOTS}{pointer().name}.tar")
    look_again()
    assert titles(search("停车场")) == ["停车场"]
    search_store.snapshots.cache_clear()
    refused = search("停车场")
    assert (refused.status, refused.body["title"]) == (503, "Unavailable")
    with pytest.raises(Unavailable):
        search_store.newest()


def test_an_indexer_that_meets_a_broken_snapshot_makes_it_anew_from_the_table(bucket: str) -> None:
    entry("停车场")
    index()
    spoil(bucket, f"{SNAPSHOTS}{pointer().name}.tar")
    entry("停车场新号")
    assert index() == 2
    assert sorted(titles(search("停车场"))) == ["停车场", "停车场新号"]


def test_a_snapshot_that_is_gone_is_made_again_though_nothing_changed(bucket: str) -> None:
    entry("停车场")
    index()
    boto3.client("s3").delete_object(Bucket=bucket, Key=f"{SNAPSHOTS}{pointer().name}.tar")
    assert index_work.handler({}, Context()) == {"version": 1}
    search_store.snapshots.cache_clear()
    assert titles(search("停车场")) == ["停车场"]


def test_an_index_of_another_format_is_made_anew_and_not_served_meanwhile(bucket: str) -> None:
    entry("停车场")
    index()
    search("停车场")
    old = pointer().model_copy(update={"format": FORMAT + 1})
    boto3.client("s3").put_object(Bucket=bucket, Key=CURRENT, Body=old.model_dump_json().encode())
    look_again()
    assert titles(search("停车场")) == ["停车场"]
    search_store.snapshots.cache_clear()
    assert search("停车场").status == 503
    index()
    assert titles(search("停车场")) == ["停车场"]


def test_a_pointer_that_says_nonsense_is_no_index_and_the_next_run_makes_one(bucket: str) -> None:
    entry("停车场")
    boto3.client("s3").put_object(Bucket=bucket, Key=CURRENT, Body=b"{")
    assert search("停车场").status == 503
    index()
    assert titles(search("停车场")) == ["停车场"]


def test_pages_of_a_snapshot_that_is_no_longer_kept_are_refused_in_words(bucket: str) -> None:
    for number in range(3):
        entry(f"停车场{number}号")
    index()
    page = search("停车场", limit=1).body
    boto3.client("s3").delete_object(Bucket=bucket, Key=f"{SNAPSHOTS}{pointer().name}.tar")
    search_store.snapshots.cache_clear()
    refused = search("停车场", limit=1, next=page["next"])
    assert (refused.status, refused.body["detail"]) == (409, "this search is too old; search again")


@pytest.mark.parametrize("name", ["../../etc", "empty", "x" * 36, ""])
def test_a_forged_name_of_a_snapshot_opens_no_folder(name: str) -> None:
    entry("停车场")
    index()
    with pytest.raises(Exception, match="too old"):
        search_store.snapshots().named(name)


def test_however_often_one_thing_changes_it_is_one_row() -> None:
    made = entry("停车场")
    number_changes()
    for _ in range(3):
        act(made, "confirm", PROVIDER, {})
    index()
    assert pointer().rows == 1


def test_a_hundred_thousand_updates_run_by_run_leave_the_index_that_is_made_of_the_last_at_once(tmp_path: Path) -> None:
    draw = Random(1)  # noqa: S311 - a test repeats itself
    standing: dict[str, Findable | None] = {}
    grown = _built(tmp_path / "0", ())
    for run in range(1, 51):
        touched: dict[str, Findable | None] = {}
        for number in range(2_000):
            case = f"{draw.randrange(300):03}"
            title = f"{draw.choice('东西南北')}区{draw.choice(('停车场', '公园', '医院'))}{run}号{number}"
            row = Findable(kind="resource", id=case, title=title, unit=PROVIDER, unit_name="市交通委", updated="2026")
            touched[case] = row if draw.random() < 0.9 else None
        standing |= touched
        grown = _built(tmp_path / str(run), index_work._merged(grown.rows(), touched))
    whole = _built(tmp_path / "whole", (row for row in standing.values() if row))
    assert list(grown.rows()) == list(whole.rows())
    for query in QUERIES:
        question = Question(query, most=300, facets=tuple(Facet))
        assert find(grown, question) == find(whole, question)


def _built(folder: Path, rows: Iterable[Findable]) -> TantivyIndex:
    folder.mkdir()
    build(rows, folder)
    return TantivyIndex(folder)


@pytest.fixture
def searched() -> Iterator[None]:
    yield
    search_store.snapshots.cache_clear()


def test_what_a_search_opens_stays_bounded_and_what_is_closed_leaves_the_disk(searched: None) -> None:
    for number in range(5):
        entry(f"停车场{number}号")
        index()
        search("停车场")
    opened = search_store.snapshots()
    assert len(list(opened._place.iterdir())) == search_store.MOST_OPEN
    assert find(opened.newest(), Question("停车场", facets=(Facet.KIND,))).total == 5


def test_a_pointer_is_written_for_people_to_read(bucket: str) -> None:
    entry("停车场")
    index()
    said = json.loads(boto3.client("s3").get_object(Bucket=bucket, Key=CURRENT)["Body"].read())
    assert (said["version"], said["rows"], said["format"]) == (1, 1, FORMAT)
