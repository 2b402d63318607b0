"""Rows of an older catalogue (JSON) as rows of the guide's table. Knows the rows' shape, and nothing of the API."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError

from services.catalog.cell_codes import format_classes
from services.catalog.columns import Row, rows_from
from services.shared.organisations import organisation, provider_of
from tools.govshare.failures import Unusable

CITATION = "来源:北京市公共数据开放平台"
TYPES = {"string": "C", "integer": "I", "number": "N", "date": "D"}  # of a column file; an empty column has none


class OlderItem(BaseModel):
    """A data item as the older catalogue lists it; its own types are of no list of ours."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str
    type: str | None


class OlderRow(BaseModel):
    """One row of the older catalogue; an empty text is one the row does not have."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    id: str
    source: str
    title: str
    provider: str
    summary: str
    items: tuple[OlderItem, ...]
    update_frequency: str
    format: tuple[str, ...]
    theme: str
    source_url: str
    updated: str
    provider_in_summary: str
    archived: StrictBool
    downloads: Annotated[StrictInt, Field(ge=0)]


class FileColumn(BaseModel):
    """A column of a data file, its type and the length of its longest value as they were measured."""

    name: str
    type: str
    max_len: int


class ColumnFile(BaseModel):
    """The columns of the data file of a row, `catalogue_id`."""

    file: str
    title: str
    catalogue_id: str
    provider: str
    columns: tuple[FileColumn, ...]


def older_row(content: object) -> OlderRow:
    """Return a row. Raises ValueError, in words, when it has another shape."""
    try:
        return OlderRow.model_validate(content)
    except ValidationError as error:
        faults = ("/" + "/".join(map(str, fault["loc"])) + f" {fault['msg']}" for fault in error.errors())
        raise ValueError("; ".join(faults)) from error


def column_files(path: Path) -> dict[str, ColumnFile]:
    """Return the column files of a JSONL file by the row that they are of. Raises Unusable."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        files = [ColumnFile.model_validate(json.loads(line)) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise Unusable(f"{path} cannot be read: {error}") from error
    return {file.catalogue_id: file for file in files}


def table_rows(row: OlderRow, file: ColumnFile | None = None) -> Iterator[Row]:
    """Yield a row's rows of the guide's table; a column file gives types and lengths, and items the row leaves out."""
    provider = provider_of(row)
    known = organisation(provider)
    yield from rows_from(
        {
            "title": row.title,
            "provider": provider,
            "credit_code": known.uscc if known else None,
            "abstract": row.summary,
            "theme": row.theme,
            "formats": list(row.format),
            "format_classes": format_classes(row.format),
            "items": list(_items([item.name for item in row.items], file)),
            "source": {
                "source_id": row.id,
                "source": row.source,
                "citation": CITATION,
                "source_url": row.source_url,
                "updated": row.updated,
                "provider": row.provider,
                "provider_in_summary": row.provider_in_summary,
                "archived": row.archived,
                "downloads": row.downloads,
                "update_frequency": row.update_frequency,
            },
        }
    )


def _items(names: Sequence[str], file: ColumnFile | None) -> Iterator[Mapping[str, Any]]:
    measured = {column.name: column for column in file.columns} if file else {}
    for name in [*names, *(name for name in measured if name not in names)]:
        column = measured.get(name)
        length = column.max_len or None if column else None
        yield {"name": name, "data_type": TYPES.get(column.type) if column else None, "length": length}
