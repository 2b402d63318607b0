"""Builds a file of the public catalogue: reads what is published, renders it, and puts it where it can be fetched.

A file that is there is not built again; the same entries make the same bytes.
"""

import os
from collections.abc import Callable, Iterable

from services.catalog import columns, sheets
from services.catalog.dcat import Contents, nodes_of
from services.catalog.export_store import published, tombstones
from services.catalog.exports import MEDIA, Format, key_of
from services.catalog.files_store import put, size_of
from services.catalog.job_store import Job
from services.catalog.rdf import jsonld, turtle


def export(job: Job) -> None:
    """Build the file of a format (`about`) and a version of the catalogue (`part`)."""
    form, version = Format(job.about), job.part
    if size_of(key_of(form, version)) is not None:
        return
    table = os.environ["CATALOG_TABLE"]
    contents = Contents(tuple(published(table)), tombstones(table, version), version)
    put(key_of(form, version), RENDER[form](contents), MEDIA[form])


def _rows(contents: Contents) -> Iterable[columns.Row]:
    ordered = sorted(contents.versions, key=lambda version: version.id)
    return (row for version in ordered for row in columns.rows_of(version))


def _xlsx(contents: Contents) -> bytes:
    return sheets.write_xlsx(columns.HEADERS, _rows(contents))


def _csv(contents: Contents) -> bytes:
    return sheets.write_csv(columns.HEADERS, _rows(contents))


def _jsonld(contents: Contents) -> bytes:
    return "".join(jsonld(nodes_of(contents, _base()))).encode()


def _turtle(contents: Contents) -> bytes:
    return "".join(turtle(nodes_of(contents, _base()))).encode()


def _base() -> str:
    return os.environ["CATALOG_BASE"]


RENDER: dict[Format, Callable[[Contents], bytes]] = {
    Format.XLSX: _xlsx,
    Format.CSV: _csv,
    Format.JSONLD: _jsonld,
    Format.TTL: _turtle,
}
