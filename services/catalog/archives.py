"""What is inside a workbook's archive, looked at before anything opens it: bombs, macros, links, entities are refused.

Trusts no size that the archive declares. Knows nothing of rows.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from services.catalog.uploads import Unfit

MOST_PARTS, MOST_BYTES, MOST_RATIO = 500, 200_000_000, 200
SMALL = 1_000_000  # a part this small may be packed as tightly as it likes
CHUNK = 1 << 16
TAIL = 16  # of a chunk, looked at again with the next
ARCHIVE, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
OTHER_ENCODING = re.compile(rb"^(?:\xfe\xff|\xff\xfe|<\?xml[^>]{0,80}encoding=[\"'](?!utf-8))", re.IGNORECASE)
HOSTILE_PARTS = (
    (re.compile(r"vbaproject|macrosheets|customui", re.IGNORECASE), "含宏 / it holds macros"),
    (re.compile(r"externallinks/", re.IGNORECASE), "含外部链接 / it links to other files"),
    (re.compile(r"embeddings/|activex/|oleobject", re.IGNORECASE), "含嵌入对象 / it holds embedded objects"),
    (
        re.compile(r"connections\.xml|querytables/|xl/model/", re.IGNORECASE),
        "含数据连接 / it fetches data from elsewhere",
    ),
)
HYPERLINK = "/hyperlink"
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)


def look_inside(data: bytes) -> None:
    """Return when a workbook can be opened without harm. Raises Unfit with every reason that is seen."""
    if data.startswith(OLD_WORKBOOK):
        raise Unfit("旧版或加密的工作簿，请另存为 .xlsx / an old or encrypted workbook; save it as .xlsx")
    if not data.startswith(ARCHIVE):
        raise Unfit("不是 .xlsx 文件 / this is not an .xlsx file")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if faults := [*_sizes(parts), *_names(parts)]:
                raise Unfit(*faults)
            if faults := list(dict.fromkeys(_contents(archive))):
                raise Unfit(*faults)
    except (*BROKEN, DefusedXmlException, ParseError) as error:
        raise Unfit("压缩包已损坏或加密 / the archive is broken or encrypted") from error


def _sizes(parts: list[zipfile.ZipInfo]) -> Iterator[str]:
    if len(parts) > MOST_PARTS:
        yield f"压缩包内超过{MOST_PARTS}个文件 / more than {MOST_PARTS} files in the archive"
    if sum(part.file_size for part in parts) > MOST_BYTES:
        yield f"解压后超过{MOST_BYTES}字节 / more than {MOST_BYTES} bytes when unpacked"
    if any(part.file_size > max(SMALL, MOST_RATIO * part.compress_size) for part in parts):
        yield f"压缩比超过{MOST_RATIO} / packed more tightly than {MOST_RATIO} to 1"


def _names(parts: list[zipfile.ZipInfo]) -> Iterator[str]:
    names = [part.filename for part in parts]
    if len(set(names)) < len(names) or any(".." in name or name.startswith(("/", "\\")) for name in names):
        yield "压缩包内文件名有误 / the archive's file names are not sound"
    for pattern, words in HOSTILE_PARTS:
        if any(pattern.search(name) for name in names):
            yield words


def _contents(archive: zipfile.ZipFile) -> Iterator[str]:
    left = MOST_BYTES
    for part in archive.infolist():
        seen, first = b"", True
        with archive.open(part) as content:
            while chunk := content.read(CHUNK):
                if (left := left - len(chunk)) < 0:
                    raise Unfit(f"解压后超过{MOST_BYTES}字节 / more than {MOST_BYTES} bytes when unpacked")
                yield from _markup(part.filename, seen + chunk, first=first)
                seen, first = chunk[-TAIL:], False
        if part.filename.endswith(".rels"):
            yield from _links(archive.read(part))


def _markup(name: str, chunk: bytes, *, first: bool) -> Iterator[str]:
    if not name.endswith((".xml", ".rels", ".vml")):
        return
    if DECLARATION.search(chunk):
        yield "含XML实体或DTD / its XML declares entities or a DTD"
    if first and OTHER_ENCODING.search(chunk):
        yield "XML不是UTF-8 / its XML is not UTF-8"
    if name == "[Content_Types].xml" and b"macroEnabled" in chunk:
        yield "含宏 / it holds macros"


def _links(content: bytes) -> Iterator[str]:
    for link in fromstring(content):
        if link.get("TargetMode") == "External" and not str(link.get("Type")).endswith(HYPERLINK):
            yield "含外部链接 / it links to other files"
