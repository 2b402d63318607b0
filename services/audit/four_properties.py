"""The check report of an archive package: authenticity, integrity, usability, security (四性检测; Archives Law Art. 39,
in the manner of DA/T 70-2018). Pure.

The report lies in the bag that it is about. A package that fails any check is not offered to the archives.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from services.audit import package_checks as checks
from services.audit.package_content import Content
from services.audit.verify.errors import NotVerified
from services.shared.model import Model

MOST_REASONS = 20  # of one check; a package with as many faults is broken as a whole


class Property(StrEnum):
    """What of a record is checked when it is handed over."""

    AUTHENTICITY = "authenticity"
    INTEGRITY = "integrity"
    USABILITY = "usability"
    SECURITY = "security"


class CheckCode(StrEnum):
    """The single checks; the archives return a package by naming those that failed with them."""

    RECEIPTS = "receipts"
    CHECKPOINT = "checkpoint"
    ACTORS = "actors"
    IDENTITY = "identity"
    SEQUENCE = "sequence"
    CHAIN = "chain"
    COUNT = "count"
    PARTS = "parts"
    MANIFESTS = "manifests"
    DESCRIPTION = "description"
    WELL_FORMED = "well_formed"
    SCHEMA = "schema"
    DECODABLE = "decodable"
    FORMATS = "formats"
    SURPLUS = "surplus"
    PATHS = "paths"
    ACTIVE_CONTENT = "active_content"
    SIZES = "sizes"
    CLEAR_TEXT = "clear_text"
    VIRUSES = "viruses"


class Result(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TESTED = "not_tested"


class CheckResult(Model):
    """One check: what it asks, how it ended, and up to 20 reasons why it failed or was not made."""

    code: CheckCode
    zh: str
    en: str
    result: Result
    reasons: tuple[str, ...]


class PropertyReport(Model):
    """One property: failed as soon as one of its checks is."""

    property: Property
    zh: str
    en: str
    result: Result
    checks: tuple[CheckResult, ...]


class CheckReport(Model):
    """The four properties of one package; `passed` when no check failed."""

    passed: bool
    properties: tuple[PropertyReport, ...]

    @property
    def failed(self) -> Iterator[CheckResult]:
        """The checks that failed, in order."""
        return (check for each in self.properties for check in each.checks if check.result is Result.FAILED)


@dataclass(frozen=True)
class _Row:
    """A row of the table: `make` yields what is wrong; without it the check is not made here."""

    zh: str
    en: str
    make: Callable[[Content], Iterator[str]] | None


WORDS: dict[Property, tuple[str, str]] = {
    Property.AUTHENTICITY: ("真实性", "authenticity"),
    Property.INTEGRITY: ("完整性", "integrity"),
    Property.USABILITY: ("可用性", "usability"),
    Property.SECURITY: ("安全性", "security"),
}
TABLE: dict[Property, dict[CheckCode, _Row]] = {
    Property.AUTHENTICITY: {
        CheckCode.RECEIPTS: _Row("回执有效", "every receipt verifies", checks.receipts_hold),
        CheckCode.CHECKPOINT: _Row("检查点有效", "the checkpoint verifies", checks.checkpoint_holds),
        CheckCode.ACTORS: _Row("来源可靠", "who acted is known", checks.actors_are_known),
        CheckCode.IDENTITY: _Row("内容与案卷一致", "it is of the case it names", checks.is_the_case),
    },
    Property.INTEGRITY: {
        CheckCode.SEQUENCE: _Row("序号连续", "the numbers follow without a gap", checks.numbers_follow),
        CheckCode.CHAIN: _Row("前后承接", "each entry names the one before", checks.hashes_follow),
        CheckCode.COUNT: _Row("件数与账本一致", "all entries of the ledger", checks.all_are_there),
        CheckCode.PARTS: _Row("组件齐全", "every part is there", checks.parts_are_there),
        CheckCode.MANIFESTS: _Row("清单相符", "the manifests hold", checks.manifests_hold),
        CheckCode.DESCRIPTION: _Row("元数据与内容一致", "the XML tells of all of it", checks.xml_tells_all),
    },
    Property.USABILITY: {
        CheckCode.WELL_FORMED: _Row("XML格式良好", "the XML is well-formed", checks.xml_is_well_formed),
        CheckCode.SCHEMA: _Row("XML符合模式", "the XML is valid", checks.xml_is_valid),
        CheckCode.DECODABLE: _Row("编码可还原", "every encoded part decodes", checks.parts_decode),
        CheckCode.FORMATS: _Row("格式合规", "each file is in its format", checks.formats_are_listed),
    },
    Property.SECURITY: {
        CheckCode.SURPLUS: _Row("无多余文件", "no unexpected file", checks.nothing_else_is_there),
        CheckCode.PATHS: _Row("路径安全", "no path leads out", checks.paths_stay_inside),
        CheckCode.ACTIVE_CONTENT: _Row("无可执行内容", "nothing active", checks.nothing_is_active),
        CheckCode.SIZES: _Row("大小有界", "sizes are bounded", checks.sizes_are_bounded),
        CheckCode.CLEAR_TEXT: _Row("仅含附文摘要", "hashes of writings alone", checks.only_hashes_of_writings),
        CheckCode.VIRUSES: _Row("病毒检测", "viruses", None),
    },
}
NOT_MADE = ("未检测，由接收方进行 / not tested here; it is the receiver's to do",)


def report_of(content: Content) -> CheckReport:
    """Return the report of a package: every check of every property is made, whatever another one found."""
    properties = tuple(_property(name, rows, content) for name, rows in TABLE.items())
    return CheckReport(passed=all(each.result is Result.PASSED for each in properties), properties=properties)


def _property(name: Property, rows: dict[CheckCode, _Row], content: Content) -> PropertyReport:
    made = tuple(_made(code, row, content) for code, row in rows.items())
    result = Result.FAILED if any(each.result is Result.FAILED for each in made) else Result.PASSED
    zh, en = WORDS[name]
    return PropertyReport(property=name, zh=zh, en=en, result=result, checks=made)


def _made(code: CheckCode, row: _Row, content: Content) -> CheckResult:
    reasons = NOT_MADE if row.make is None else _reasons(row.make, content)
    result = Result.NOT_TESTED if row.make is None else Result.FAILED if reasons else Result.PASSED
    return CheckResult(code=code, zh=row.zh, en=row.en, result=result, reasons=reasons)


def _reasons(make: Callable[[Content], Iterator[str]], content: Content) -> tuple[str, ...]:
    try:
        return tuple(islice(make(content), MOST_REASONS))
    except (ValueError, LookupError, NotVerified) as error:
        return (str(error),)
