"""How much of the 2017 guide's twelve groups of metadata a version gives: what a legacy entry still lacks.

A measure, not a judgement; nothing is refused for it.
"""

from collections.abc import Callable, Mapping

from services.catalog.version import Version
from services.shared.model import Model
from services.shared.organisations import organisation

GROUPS = (  # 政务信息资源目录编制指南（试行），发改高技〔2017〕1272号
    "classification",
    "title",
    "resource_code",
    "provider_name",
    "provider_code",
    "abstract",
    "format",
    "items",
    "share",
    "open",
    "update_cycle",
    "publication",
)


class Quality(Model):
    """The share of the twelve groups that is there, in whole per cent, and the groups that are not."""

    score: int
    missing: tuple[str, ...]


def quality_of(version: Version) -> Quality:
    """Return how much of the twelve groups a version gives."""
    missing = tuple(group for group in GROUPS if not (group in GIVEN and GIVEN[group](version)))
    return Quality(score=100 * (len(GROUPS) - len(missing)) // len(GROUPS), missing=missing)


def _has_credit_code(version: Version) -> bool:
    body = organisation(version.provider)
    return body is not None and body.uscc is not None


def _has_typed_items(version: Version) -> bool:
    items = version.metadata.items
    return bool(items) and all(item.data_type for item in items)


# No entry has a resource code before codes are given out, so that group stands in no row.
GIVEN: Mapping[str, Callable[[Version], bool]] = {
    "classification": lambda version: version.metadata.theme is not None,
    "title": lambda version: version.metadata.title is not None,
    "provider_name": lambda version: organisation(version.provider) is not None,
    "provider_code": _has_credit_code,
    "abstract": lambda version: version.metadata.abstract is not None,
    "format": lambda version: bool(version.metadata.formats),
    "items": _has_typed_items,
    "share": lambda version: version.metadata.share_type is not None,
    "open": lambda version: version.source is not None,  # the older catalogue is one of open data
    "update_cycle": lambda version: version.metadata.update_cycle is not None,
    "publication": lambda version: version.published_at is not None,
}
