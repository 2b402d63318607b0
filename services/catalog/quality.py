"""How much of the 2017 guide's twelve groups of metadata a version gives, and what would make it better.

A measure, not a judgement; nothing is refused for it. A stub is measured by what it may say.
"""

from collections.abc import Callable, Iterator, Mapping

from services.catalog.parts import ShareType
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
OF_A_STUB = tuple(group for group in GROUPS if group not in {"abstract", "format", "items", "open", "update_cycle"})


class Improvement(Model):
    """A group that is not there, or not whole, and what to do about it."""

    group: str
    zh: str
    en: str


class Quality(Model):
    """The share of the groups that is there, in whole per cent, the groups that are not, and what to improve."""

    score: int
    missing: tuple[str, ...]
    improve: tuple[Improvement, ...]


def quality_of(version: Version) -> Quality:
    """Return how much of the twelve groups a version gives."""
    groups = OF_A_STUB if version.metadata.stub else GROUPS
    missing = tuple(group for group in groups if not GIVEN[group](version))
    score = 100 * (len(groups) - len(missing)) // len(groups)
    return Quality(score=score, missing=missing, improve=tuple(_improvements(version, missing)))


def _improvements(version: Version, missing: tuple[str, ...]) -> Iterator[Improvement]:
    for group in missing:
        zh, en = _untyped(version) if group == "items" and version.metadata.items else TO_DO[group]
        yield Improvement(group=group, zh=zh, en=en)


def _untyped(version: Version) -> tuple[str, str]:
    items = version.metadata.items
    count = sum(item.data_type is None for item in items)
    return f"{len(items)}个信息项中有{count}个缺数据类型", f"{count} of {len(items)} items have no data type"


def _has_credit_code(version: Version) -> bool:
    body = organisation(version.provider)
    return body is not None and body.uscc is not None


def _has_typed_items(version: Version) -> bool:
    items = version.metadata.items
    return bool(items) and all(item.data_type for item in items)


def _says_how_it_is_shared(version: Version) -> bool:
    said = version.metadata
    if said.share_type is ShareType.NOT_SHARED:
        return said.legal_basis is not None
    stated = said.share_type is ShareType.UNCONDITIONAL or (said.share_type is not None and said.share_condition)
    return bool(stated and said.share_method)


GIVEN: Mapping[str, Callable[[Version], bool]] = {
    "classification": lambda version: version.metadata.classification is not None,
    "title": lambda version: version.metadata.title is not None,
    "resource_code": lambda version: version.resource_code is not None,
    "provider_name": lambda version: organisation(version.provider) is not None,
    "provider_code": _has_credit_code,
    "abstract": lambda version: version.metadata.abstract is not None,
    "format": lambda version: bool(version.metadata.formats),
    "items": _has_typed_items,
    "share": _says_how_it_is_shared,
    # What came from a catalogue of open data is open.
    "open": lambda version: version.metadata.open_flag is not None or version.source is not None,
    "update_cycle": lambda version: version.metadata.update_cycle is not None,
    "publication": lambda version: version.published_at is not None,
}
TO_DO: Mapping[str, tuple[str, str]] = {
    "classification": ("按类、项、目、细目分类", "classify it by class, division and group"),
    "title": ("填写信息资源名称", "give it a title"),
    "resource_code": ("发布新版本时取得信息资源代码", "publish a version that is classified: it gets its code"),
    "provider_name": ("由提供单位认领", "let the department that has it claim it"),
    "provider_code": ("登记提供单位的统一社会信用代码", "record the provider's unified social credit code"),
    "abstract": ("填写摘要", "say in an abstract what it holds"),
    "format": ("填写信息资源格式", "name the formats it comes in"),
    "items": ("逐项列出信息项及数据类型", "list its items, each with its data type"),
    "share": (
        "填写共享类型、条件和方式，限制共享的引用依据",
        "say how it is shared, on what terms, and on what basis if not",
    ),
    "open": ("说明是否向社会开放", "say whether it is open to the public"),
    "update_cycle": ("填写更新周期", "say how often it is updated"),
    "publication": ("提交审核并发布", "submit it and have it published"),
}
