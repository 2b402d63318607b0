"""XML of archive packages: written in its canonical form (W3C C14N), read without trust, held to the schema beside it.

Knows element names only as far as it must find what a package carries.
"""

import base64
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Union

from lxml import etree

SCHEMA = Path(__file__).with_name("eep.xsd")
NAMESPACE = "urn:govshare:eep:1"
Children = Sequence["Node"]
_WITHOUT_PREFIX: Any = {None: NAMESPACE}


class Node(NamedTuple):
    """An element: its name, its text or its children, its attributes."""

    name: str
    content: Union[str, "Children"]
    attributes: tuple[tuple[str, str], ...] = ()


def rendered(root: Node) -> bytes:
    """Return an element as the bytes of its canonical form; what XML cannot hold is written U+FFFD."""
    return etree.tostring(_element(root), method="c14n")


def parsed(xml: bytes) -> etree._Element:
    """Return the root of a package's XML. Raises ValueError when it is not well-formed, or holds more than elements."""
    if b"<!" in xml:  # a package has no DTD, comment or section: nothing in it is for a program to expand
        raise ValueError("it holds a declaration or a comment")
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"not well-formed: {error}") from error


def schema_faults(root: etree._Element) -> Iterator[str]:
    """Yield what in a package's XML is not as the schema has it."""
    schema = _schema()
    if not schema.validate(root):
        errors: Any = schema.error_log
        yield from (str(error.message) for error in errors)


def encoded_files(root: etree._Element) -> dict[str, bytes]:
    """Return the files that a package's XML carries, by name. Raises ValueError when one does not decode."""
    carried = {}
    for part in root.iter(_tag("编码")):
        name = part.findtext(f"{_tag('电子属性')}/{_tag('计算机文件名')}") or ""
        carried[name] = base64.b64decode(part.findtext(_tag("编码数据")) or "", validate=True)
    return carried


def text_of(root: etree._Element, name: str) -> str | None:
    """Return the text of the first element with this name, or None."""
    return next((element.text for element in root.iter(_tag(name))), None)


def told_in(root: etree._Element) -> tuple[str, ...]:
    """Return the ids of the acts in a package's XML, in order."""
    return tuple(str(each.text) for each in root.iter(_tag("业务标识符")))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _element(node: Node) -> etree._Element:
    element = etree.Element(_tag(node.name), dict(node.attributes), nsmap=_WITHOUT_PREFIX)
    if isinstance(node.content, str):
        element.text = _readable(node.content)
    else:
        element.extend(map(_element, node.content))
    return element


def _readable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMA)))
