"""What can be taken away of the public catalogue: in which formats, under which names, and how far a file is.

A file is of one version of the catalogue, the number of its last change. Pure, and knows no way to render a file.
"""

from enum import StrEnum

from services.shared.model import Model

JOB = "export"
RETRY_SECONDS = 5


class Format(StrEnum):
    """The guide's table as a workbook or CSV, or DCAT 3 as JSON-LD or Turtle."""

    XLSX = "xlsx"
    CSV = "csv"
    JSONLD = "jsonld"
    TTL = "ttl"


MEDIA: dict[Format, str] = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSONLD: "application/ld+json",
    Format.TTL: "text/turtle; charset=utf-8",
}


class Progress(StrEnum):
    """Whether a file can be fetched yet."""

    BUILDING = "BUILDING"
    BUILT = "BUILT"


class Export(Model):
    """An export of the catalogue as of change number `version`.

    `href` is where to ask again while it is BUILDING, and where the file lies, for five minutes, once it is BUILT.
    """

    format: Format
    version: int
    state: Progress
    href: str


def key_of(form: Format, version: int) -> str:
    """Return where a file lies in the bucket of files."""
    return f"exports/{version}/{form}"


def name_of(form: Format, version: int) -> str:
    """Return the name that a file is saved under."""
    return f"govshare-catalog-{version}.{form}"


def address_of(form: Format, version: int) -> str:
    """Return where a file can be asked for, however the catalogue goes on."""
    return f"/catalog/exports/{form}?version={version}"
