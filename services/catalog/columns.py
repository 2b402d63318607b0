"""The guide's table: which columns there are, and what of an entry stands in each. Import and export both read it.

One row a data item; what is said of the entry stands in its first row (政务信息资源目录编制指南（试行），
发改高技〔2017〕1272号; columns of the groups 扩展 and 来源 are ours). Knows no file and no table.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from services.catalog import cell_codes, cells
from services.catalog.cells import Coding
from services.catalog.clerical import plain
from services.catalog.version import Version
from services.shared.organisations import organisation

ITEM = "items."
TITLE, CODE = "信息资源名称", "信息资源代码"
PROVIDER, CREDIT_CODE = "信息资源提供方", "信息资源提供方代码"
FORMATS, CLASSES = "信息资源格式类型", "信息资源格式分类"
PUBLISHED = "发布日期"


class Column(NamedTuple):
    """One column: its header, the guide's group, where its value lies in `facts_of`, how it stands in a cell."""

    header: str
    group: str
    place: str
    coding: Coding
    others: tuple[str, ...] = ()  # headers that mean the same

    @property
    def of_item(self) -> bool:
        """Whether the column says something of one data item."""
        return self.place.startswith(ITEM)


TEXT = cells.text()
COLUMNS = (
    Column("信息资源分类·类", "分类", "classification.cls", cell_codes.listed("classes"), ("类",)),
    Column("信息资源分类·项", "分类", "classification.division", cell_codes.division(), ("项",)),
    Column("信息资源分类·目", "分类", "classification.group", cells.digits(3), ("目",)),
    Column("信息资源分类·细目", "分类", "classification.subgroup", TEXT, ("细目",)),
    Column(TITLE, "名称", "title", TEXT, ("目录名称",)),
    Column(CODE, "代码", "resource_code", TEXT),
    Column(PROVIDER, "提供方", "provider", cell_codes.body(), ("提供单位",)),
    Column(CREDIT_CODE, "提供方代码", "credit_code", TEXT),
    Column("提供方内设机构", "提供方", "department", TEXT, ("提供处室",)),
    Column("信息资源摘要", "摘要", "abstract", TEXT),
    Column(CLASSES, "格式", "format_classes", cells.list_of(cell_codes.listed("formats"))),
    Column(FORMATS, "格式", "formats", cells.list_of(cell_codes.fmt())),
    Column("信息项名称", "信息项", "items.name", TEXT),
    Column("数据类型", "信息项", "items.data_type", cell_codes.listed("item_types")),
    Column("数据长度", "信息项", "items.length", cells.number()),
    Column("敏感级别", "信息项", "items.sensitivity", cell_codes.listed("sensitivities")),
    Column("信息项说明", "信息项", "items.description", TEXT),
    Column("共享类型", "共享属性", "share_type", cell_codes.listed("share_types")),
    Column("共享条件", "共享属性", "share_condition", TEXT),
    Column("共享方式", "共享属性", "share_method", cell_codes.listed("share_methods")),
    Column("是否向社会开放", "开放属性", "open_flag", cells.yes_or_no(), ("是否开放",)),
    Column("开放条件", "开放属性", "open_condition", TEXT),
    Column("更新周期", "更新周期", "update_cycle", cell_codes.listed("update_cycles"), ("更新频率",)),
    Column(PUBLISHED, "发布", "published_on", cells.day()),
    Column("关联资源代码", "发布", "related_codes", cells.list_of(TEXT)),
    Column("所属目录", "扩展", "catalogue", cell_codes.listed("catalogues")),
    Column("基础信息类别", "扩展", "basic_class", cell_codes.listed("basic_classes")),
    Column("主题", "扩展", "theme", TEXT),
    Column("重点领域", "扩展", "key_domain", cell_codes.listed("key_domains")),
    Column("目录标签", "扩展", "tags", cells.list_of(cell_codes.listed("tags"))),
    Column("依据文件", "扩展", "legal_basis.instrument", cell_codes.instrument()),
    Column("依据条款", "扩展", "legal_basis.clause", TEXT),
    Column("产生单位", "扩展", "roles.producer", cell_codes.body()),
    Column("建设单位", "扩展", "roles.builder", cell_codes.body()),
    Column("运营单位", "扩展", "roles.operator", cell_codes.body()),
    Column("共享单位", "扩展", "roles.sharer", cell_codes.body()),
    Column("管理岗位", "扩展", "steward", TEXT),
    Column("安全责任单位", "扩展", "risk_bearer", cell_codes.body()),
    Column("保密风险评估", "扩展", "assessment.secrecy", cells.yes_or_no()),
    Column("个人信息影响评估", "扩展", "assessment.personal_information", cells.yes_or_no()),
    Column("评估签发岗位", "扩展", "assessment.signed_by", TEXT),
    Column("评估日期", "扩展", "assessment.on", cells.day()),
    Column("涉密登记", "扩展", "stub.secret", cell_codes.listed("stub_secrets")),
    Column("涉密事项办理方", "扩展", "stub.handled_by", TEXT),
    Column("来源数据库", "扩展", "database", TEXT),
    Column("采集责任", "扩展", "collection", TEXT),
    Column("扩展元数据", "扩展", "extensions", cells.pairs()),
    Column("来源标识", "来源", "source.source_id", TEXT),
    Column("来源", "来源", "source.source", TEXT),
    Column("来源引用", "来源", "source.citation", TEXT),
    Column("来源地址", "来源", "source.source_url", TEXT),
    Column("来源更新日期", "来源", "source.updated", cells.day()),
    Column("来源提供方", "来源", "source.provider", TEXT),
    Column("摘要中的提供方", "来源", "source.provider_in_summary", TEXT),
    Column("是否归档", "来源", "source.archived", cells.yes_or_no()),
    Column("下载量", "来源", "source.downloads", cells.number()),
    Column("更新频率原文", "来源", "source.update_frequency", TEXT),
)
HEADERS = tuple(column.header for column in COLUMNS)
OF_ENTRY = tuple(column for column in COLUMNS if not column.of_item)
OF_ITEM = tuple(column for column in COLUMNS if column.of_item)

Facts = Mapping[str, Any]
Row = dict[str, str]


@cache
def column_named(header: str) -> Column | None:
    """Return the column that a header means, however it is spaced, wide or marked as required; None for no column."""
    return _headers().get(plain(header.replace("（必填）", "").replace("(必填)", "")))


@cache
def header_at(place: str) -> str:
    """Return the header of the column that holds what lies at a dotted place, around it, or first under it."""
    for column in COLUMNS:
        if column.place == place or place.startswith(f"{column.place}."):
            return column.header
    return next((column.header for column in COLUMNS if column.place.startswith(f"{place}.")), TITLE)


def rows_of(version: Version) -> Iterator[Row]:
    """Yield a version's rows, every column in each: one for each data item, and one where there is none."""
    yield from rows_from(facts_of(version))


def rows_from(facts: Facts) -> Iterator[Row]:
    """Yield the rows of what is said of an entry, nested as the columns' places name it; what is not said is empty."""
    blank = dict.fromkeys(HEADERS, "")
    said = {column.header: _written(column, facts) for column in OF_ENTRY}
    for place, item in enumerate(facts.get("items") or [{}]):
        of_item = {column.header: _written(column, {"items": item}) for column in OF_ITEM}
        yield blank | (said if place == 0 else {}) | of_item


def facts_of(version: Version) -> Facts:
    """Return what a version says, nested as the columns' places name it."""
    known = organisation(version.provider)
    day = version.published_at.date().isoformat() if version.published_at else None
    source = version.source.model_dump(mode="json") if version.source else None
    stands = version.metadata.classification
    place = stands.model_dump() | {"division": stands.cls + stands.division} if stands else None
    return version.metadata.model_dump(mode="json") | {
        "classification": place,
        "provider": version.provider,
        "credit_code": known.uscc if known else None,
        "resource_code": version.resource_code,
        "format_classes": cell_codes.format_classes(version.metadata.formats),
        # When an older catalogue first published an entry is what it says itself.
        "published_on": source["published_on"] if source else day,
        "source": source,
    }


def _written(column: Column, facts: Facts) -> str:
    value: Any = facts
    for step in column.place.split("."):
        value = value.get(step) if value else None
    return "" if value is None or value in ([], "") else column.coding.write(value)


@cache
def _headers() -> Mapping[str, Column]:
    return {plain(header): column for column in COLUMNS for header in (column.header, *column.others)}
