"""The XML of an archive package, in the manner of DA/T 48-2009 (基于XML的电子文件封装规范). Pure.

Our own profile: the standard's elements as far as a filed case has something to say in them, the events as the acts,
and the ledger's receipts as the signatures.
"""

import base64
from datetime import datetime
from typing import NamedTuple

from services.audit.casefile import (
    CaseFile,
    FiledEntry,
    Written,
    entry_name,
    officers_in,
    organisations_in,
)
from services.audit.eep_xml import Children, Node, rendered
from services.audit.retention import class_named
from services.audit.verify.checkpoint import parse_checkpoint
from services.audit.verify.note import parse_note
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, name_at, organisation
from services.shared.working_days import BEIJING, day_in_beijing

STANDARD = "参照DA/T 48—2009《基于XML的电子文件封装规范》，按govshare归档方案封装"
VERSION = "2009"
ORIGINAL = ("原始型", "本封装包包含电子文件数据及其元数据，原始封装，未经修改")
SUPPLEMENT = ("修改型", "本封装包包含电子文件数据及其元数据，系案卷续有记录后重新封装，取代原封装包")
ENCODING = "本封装包中“编码数据”元素存储的是计算机文件二进制流的Base64编码（RFC 4648）"
RULE = "c2sp.org/tlog-proof@v1"
ALGORITHM = "Ed25519 (RFC 8032), SHA-256 (RFC 9162)"
WRITTEN = {Written.KEPT: "由记录单位保管", Written.ERASED: "已删除"}


class Face(NamedTuple):
    """What a package is, besides the case in it: `supersedes` is the package that it takes the place of."""

    id: str
    created_at: datetime
    supersedes: str | None = None


def encapsulated(file: CaseFile, face: Face) -> bytes:
    """Return the XML of a case's package. Raises ValueError for a file without entries."""
    kind, described = SUPPLEMENT if face.supersedes else ORIGINAL
    replaced = [Node("原封装包标识符", face.supersedes)] if face.supersedes else []
    signed: Children = (
        Node("封装包标识符", face.id),
        Node("封装包类型", kind),
        Node("封装包类型描述", described),
        *replaced,
        Node("封装包创建时间", _moment(face.created_at)),
        Node("封装包创建单位", _name(OFFICE, face.created_at)),
        Node("封装内容", (_records(file, face), _business(file), _agents(file))),
    )
    package = Node(
        "电子文件封装包",
        (
            Node("封装包格式描述", STANDARD),
            Node("版本", VERSION),
            Node("被签名对象", signed, (("eep版本", VERSION),)),
            _signatures(file),
        ),
    )
    return rendered(package)


def _records(file: CaseFile, face: Face) -> Node:
    standing = file.standing
    if standing is None:
        raise ValueError("a package of nothing")
    kind, first, last = class_named(standing.retention_class), file.filed[0].told, file.filed[-1].told
    closed = day_in_beijing(standing.closing or last.occurred_at)
    source = Node("来源", (Node("档案馆名称", _name(ARCHIVES_BUREAU, face.created_at)), _maker(face)))
    number = Node(
        "档号", (Node("年度", str(closed.year)), Node("保管期限", kept_for(standing.years)), _class(kind.code))
    )
    described = Node(
        "内容描述",
        (
            Node("题名", f"{kind.zh} {file.case}"),
            Node("责任者", _name(first.organisation, first.occurred_at)),
            Node("日期", f"{day_in_beijing(first.occurred_at)}/{day_in_beijing(last.occurred_at)}"),
        ),
    )
    form = Node("形式特征", (Node("文件组合类型", "组合文件"), Node("件数", str(len(file.filed)))))
    documents = Node("文件数据", tuple(map(_document, file.filed)))
    record = (Node("聚合层次", "案卷"), source, Node("电子文件号", file.case), number, described, form, documents)
    return Node("文件实体块", (Node("文件实体", record),))


def kept_for(years: int) -> str:
    """Return a period as the schedule words it: 永久, 30年, 10年."""
    return f"{years}年" if years else "永久"


def _maker(face: Face) -> Node:
    return Node("立档单位名称", _name(OFFICE, face.created_at))


def _class(code: str) -> Node:
    return Node("机构或问题", code)


def _document(filed: FiledEntry) -> Node:
    told, name = filed.told, entry_name(filed.told.case_seq)
    properties = (Node("格式信息", "application/json"), Node("计算机文件名", name), _size(filed.entry))
    data = base64.b64encode(filed.entry).decode()
    coded = (
        Node("电子属性", properties),
        Node("编码描述", ENCODING),
        Node("反编码关键字", "base64"),
        Node("编码数据", data, (("编码数据ID", f"编码数据{told.case_seq}"),)),
    )
    versions = Node(
        "文档数据", (Node("编码", coded, (("编码ID", f"编码{told.case_seq}"),)),), (_data_id(told.case_seq),)
    )
    return Node(
        "文档",
        (
            Node("文档标识符", told.event_id),
            Node("文档序号", str(told.case_seq)),
            Node("题名", told.type),
            versions,
        ),
    )


def _size(body: bytes) -> Node:
    return Node("计算机文件大小", str(len(body)))


def _data_id(case_seq: int) -> tuple[str, str]:
    return ("文档数据ID", f"文档数据{case_seq}")


def _business(file: CaseFile) -> Node:
    return Node("业务实体块", tuple(map(_act, file.filed)))


def _act(filed: FiledEntry) -> Node:
    told = filed.told
    content = [
        Node("业务标识符", told.event_id),
        Node("机构人员标识符", told.organisation),
        Node("经办人标识符", told.actor),
        Node("文件标识符", entry_name(told.case_seq)),
        Node("业务状态", "历史行为"),
        Node("业务行为", told.type),
        Node("行为时间", _moment(told.occurred_at)),
    ]
    if basis := told.body.get("instrument"):
        content.append(Node("行为依据", f"{basis} {told.body.get('clause') or ''}".strip()))
    if told.filing:
        content.append(Node("备案", "", tuple(sorted(told.filing.items()))))
    if filed.written is not Written.NOTHING:
        content.append(_writing(filed))
    return Node("业务实体", tuple(content))


def _writing(filed: FiledEntry) -> Node:
    named = [("摘要算法", "SHA-256(salt ‖ RFC 8785)"), ("状态", WRITTEN[filed.written])]
    if filed.erased_by:
        named.append(("删除行为标识符", filed.erased_by))
    return Node("行为附文", filed.told.payload_sha256 or "", tuple(named))


def _agents(file: CaseFile) -> Node:
    bodies = (
        Node(
            "机构人员实体",
            (
                Node("机构人员标识符", agent.code),
                Node("机构人员类型", "单位"),
                Node("机构人员名称", agent.name),
                *((Node("组织机构代码", agent.uscc),) if agent.uscc else ()),
            ),
        )
        for agent in organisations_in(file.filed)
    )
    officers = (
        Node("机构人员实体", (Node("机构人员标识符", officer), Node("机构人员类型", "个人")))
        for officer in officers_in(file.filed)
    )
    return Node("机构人员实体块", (*bodies, *officers))


def _signatures(file: CaseFile) -> Node:
    return Node("电子签名块", tuple(map(_signature, file.filed)))


def _signature(filed: FiledEntry) -> Node:
    note = parse_note(filed.receipt.partition(b"\n\n")[2])
    key = note.signatures[0]
    return Node(
        "电子签名",
        (
            Node("签名标识符", filed.told.event_id),
            Node("签名规则", RULE),
            Node("签名人", parse_checkpoint(note.text).origin),
            Node("签名结果", base64.b64encode(filed.receipt).decode()),
            Node("证书引证", f"{key.name}+{key.key_id.hex()}"),
            Node("签名算法标识", ALGORITHM),
        ),
    )


def _name(code: str, at: datetime) -> str:
    body = organisation(code)
    return name_at(body, day_in_beijing(at)).zh if body else code


def _moment(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="milliseconds")
