"""The public catalogue as a file: built once for each state of the catalogue, the same bytes for the same entries."""

import csv
import io
import os
import zipfile
from datetime import timedelta
from itertools import zip_longest
from typing import Any

import boto3
import pytest
from openpyxl import load_workbook

from services.catalog import export_store, listen
from services.catalog.api import handler
from services.catalog.columns import HEADERS
from services.catalog.export_work import export
from services.catalog.exports import Format, key_of
from services.catalog.job_store import Job
from services.shared.canonical import now
from tests.catalogue import BASIC, ENTRY, PROVIDER, act, create, published
from tests.harvest import parsed
from tests.stack import Calls
from tests.support import Pump, Reply, call
from tests.transfers import work

FORMATS = ("xlsx", "csv", "jsonld", "ttl")
FACTS = ("resource.published", "resource.withdrawn")


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def ask(form: str, query: str = "") -> Reply:
    return call(handler, "GET", f"/catalog/exports/{form}{query}")


def listen_to(table: str) -> None:
    Pump(table, listen.handler, FACTS).run()


def fetched(form: str, query: str = "") -> bytes:
    """Return the file of a format, once it is built."""
    reply = ask(form, query)
    assert reply.status == 303, reply.body
    key = key_of(Format(form), reply.body["version"])
    assert f"/{key}?" in reply.headers["location"]
    data: bytes = stored(key)["Body"].read()
    return data


def stored(key: str) -> Any:
    return boto3.client("s3").get_object(Bucket=os.environ["FILES_BUCKET"], Key=key)


def queued() -> int:
    url = os.environ["JOBS_QUEUE_URL"]
    told = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(told["Attributes"]["ApproximateNumberOfMessages"])


def test_who_asks_first_is_told_where_to_ask_again_and_however_many_ask_it_is_built_once(table: str) -> None:
    published()
    listen_to(table)
    first, second = ask("ttl"), ask("ttl")

    assert (first.status, second.status, queued()) == (202, 202, 1)
    assert first.headers["retry-after"] == "5"
    assert first.headers["location"] == first.body["href"] == "/catalog/exports/ttl?version=1"
    work()
    assert call(handler, "GET", first.headers["location"]).status == 303


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_holds_what_is_published_and_nothing_else(form: str, table: str) -> None:
    live, gone = published(ENTRY | {"title": "停车场泊位"}), published(ENTRY | {"title": "旧泊位"})
    act(gone, "withdraw", PROVIDER, {"reason": "业务取消"})
    create(ENTRY | {"title": "草稿泊位"})
    listen_to(table)
    ask(form)
    work()

    data = fetched(form)
    said = titles(form, data)
    assert said["listed"] == ["停车场泊位"]
    assert live.body["resource_code"] in said["codes"]
    assert "草稿" not in said["all"]


def titles(form: str, data: bytes) -> dict[str, Any]:
    """Return the titles of what is not withdrawn, the codes, and the whole text of a file."""
    if form in {"xlsx", "csv"}:
        rows = list(rows_of(form, data))
        return {
            "listed": [row["信息资源名称"] for row in rows if row["信息资源名称"]],
            "codes": [row["信息资源代码"] for row in rows],
            "all": str(rows),
        }
    graph = parsed(data.decode(), {"ttl": "turtle", "jsonld": "json-ld"}[form])
    asked = """
        SELECT ?title ?code WHERE { ?d a dcat:Dataset ; dcterms:title ?title ; dcterms:identifier ?code .
        FILTER NOT EXISTS { ?d <http://www.w3.org/ns/adms#status> ?gone } }"""
    found: list[Any] = list(graph.query(asked))
    return {"listed": [str(row[0]) for row in found], "codes": [str(row[1]) for row in found], "all": data.decode()}


def rows_of(form: str, data: bytes) -> Any:
    if form == "csv":
        return csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    head, *rows = load_workbook(io.BytesIO(data), read_only=True).worksheets[0].iter_rows(values_only=True)
    assert tuple(head) == HEADERS
    return [dict(zip_longest(head, (cell or "" for cell in row), fillvalue="")) for row in rows]


@pytest.mark.parametrize("form", FORMATS)
def test_a_second_export_of_the_same_entries_is_byte_identical(form: str, table: str) -> None:
    for number in range(3):
        published(ENTRY | {"title": f"泊位{number}"})
    published(BASIC)
    listen_to(table)
    ask(form)
    work()
    first = fetched(form)
    boto3.client("s3").delete_object(Bucket=os.environ["FILES_BUCKET"], Key=key_of(Format(form), 4))
    export(Job(name="export", about=form, part=4))

    assert fetched(form) == first
    if form == "xlsx":
        assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_job_that_comes_again_does_not_build_again(table: str, aws_calls: Calls) -> None:
    export(Job(name="export", about="csv", part=0))
    aws_calls.clear()
    export(Job(name="export", about="csv", part=0))

    assert aws_calls.names == ["HeadObject"]


def test_a_file_of_an_earlier_state_stays_what_it_was_and_one_that_nobody_asked_for_is_not_there(table: str) -> None:
    published()
    listen_to(table)
    ask("csv")
    work()
    before = fetched("csv")
    published(ENTRY | {"title": "新泊位"})
    listen_to(table)

    assert ask("csv").status == 202
    assert fetched("csv", "?version=1") == before
    assert ask("ttl", "?version=1").status == 404
    assert ask("csv", "?version=9").status == 404


def test_a_file_that_never_came_may_be_asked_for_again_later(table: str) -> None:
    at = now()

    assert export_store.ask(table, Format.CSV, 1, at)
    assert not export_store.ask(table, Format.CSV, 1, at + timedelta(minutes=14))
    assert export_store.ask(table, Format.CSV, 1, at + timedelta(minutes=16))


def test_an_export_that_is_there_costs_two_calls(table: str, aws_calls: Calls) -> None:
    ask("csv")
    work()
    aws_calls.clear()

    assert ask("csv").status == 303
    assert aws_calls.names == ["GetItem", "HeadObject"]


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("csv", "text/csv; charset=utf-8"),
        ("jsonld", "application/ld+json"),
        ("ttl", "text/turtle; charset=utf-8"),
    ],
)
def test_a_file_is_of_its_media_type(form: str, kind: str) -> None:
    ask(form)
    work()

    assert stored(key_of(Format(form), 0))["ContentType"] == kind


@pytest.mark.parametrize("path", ["/catalog/exports/pdf", "/catalog/exports/csv?version=-1"])
def test_another_format_or_a_version_that_cannot_be_is_refused(path: str) -> None:
    assert call(handler, "GET", path).status == 422
