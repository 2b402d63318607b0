"""When an application entry holds as its own what its provider's basic entries hold (政策四(一), S-109). Pure."""

from collections.abc import Iterable, Iterator

from services.catalog.clerical import plain
from services.catalog.metadata import Catalogue, Metadata
from services.shared.errors import Problem
from services.shared.model import Model


class BasicEntry(Model):
    """A published entry of basic information as far as its items go."""

    title: str
    resource_code: str | None
    items: tuple[str, ...]


def repeats_basic(metadata: Metadata, basics: Iterable[BasicEntry]) -> Iterator[Problem]:
    """Yield a problem for each item of an application entry that a basic entry of its provider already has.

    An entry that names the basic one in `related_codes` refers to its items, and may.
    """
    if metadata.catalogue is not Catalogue.APPLICATION:
        return
    taken = {
        plain(name): basic.title
        for basic in basics
        if basic.resource_code not in metadata.related_codes
        for name in basic.items
    }
    for place, item in enumerate(metadata.items):
        if title := taken.get(plain(item.name)):
            yield Problem(
                pointer=f"/items/{place}/name",
                detail=f"已在基础信息《{title}》中，应用目录不重复列入，可填关联资源代码 / "
                f"stands in the basic entry '{title}': refer to it by its code in related_codes",
            )
