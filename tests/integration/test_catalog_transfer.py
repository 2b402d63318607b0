"""The whole real sample, over HTTP: in by a file of the guide's table, out by the export, cell by cell the same.

tests/data/beijing_columns.jsonl: 来源:北京市公共数据开放平台.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from services.catalog.api import handler
from services.catalog.columns import HEADERS, Row
from services.catalog.sheets import write_xlsx
from services.catalog.workbooks import read_csv, read_xlsx
from tests.standing import standing_stack
from tests.support import Reply, call
from tests.transfers import checked, committed, work
from tools.govshare.older import column_files, older_row, table_rows

ROOT = Path(__file__).parents[2]
READERS = {"xlsx": read_xlsx, "csv": read_csv}
FILES = column_files(ROOT / "tests" / "data" / "beijing_columns.jsonl")
SAMPLE = [json.loads(line) for line in (ROOT / "data" / "beijing_catalogue.jsonl").read_text().splitlines()]
TABLE: list[Row] = [row for each in SAMPLE for row in table_rows(older_row(each), FILES.get(each["id"]))]


@pytest.fixture(scope="module")
def sent() -> Iterator[Reply]:
    """The import of the sample, done, in a stack that stands for all tests here."""
    with standing_stack():
        yield committed(write_xlsx(HEADERS, TABLE), "legacy")


def exported(format: str) -> bytes:
    """Return the file that the export leads to, once it is built."""
    call(handler, "GET", f"/catalog/exports/{format}")
    work()
    ready = call(handler, "GET", f"/catalog/exports/{format}")
    assert ready.status == 303
    key = ready.headers["location"].partition("?")[0].partition(".com/")[2]
    return boto3.client("s3").get_object(Bucket=os.environ["FILES_BUCKET"], Key=key)["Body"].read()


def entries(rows: list[Row]) -> list[list[Row]]:
    """Return rows entry by entry, in the order of their sources' ids."""
    found: list[list[Row]] = []
    for row in rows:
        if row["来源标识"]:
            found.append([])
        found[-1].append(row)
    return sorted(found, key=lambda entry: entry[0]["来源标识"])


def test_every_row_of_the_sample_comes_in(sent: Reply) -> None:
    assert (sent.body["state"], sent.body["results"]) == ("DONE", {"new": 1100, "revised": 0, "left": 0})


@pytest.mark.parametrize("format", READERS)
def test_the_sample_comes_out_as_it_went_in_and_is_unchanged_when_it_comes_back(sent: Reply, format: str) -> None:
    file = exported(format)
    head, *rows = READERS[format](file)
    assert tuple(head.cells.values()) == HEADERS
    read = [dict.fromkeys(HEADERS, "") | {HEADERS[place]: text for place, text in row.cells.items()} for row in rows]
    assert entries(read) == entries(TABLE)
    assert checked(file, "legacy", format=format).body["counts"]["unchanged"] == 1100
