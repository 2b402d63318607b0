"""What an archive package of a case is: a BagIt bag around one XML, the entries, their receipts and a check report."""

import base64
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import bagit
import pytest
from lxml import etree

from services.audit.bags import unzipped
from services.audit.eep import encapsulated
from services.audit.eep_xml import NAMESPACE, SCHEMA, encoded_files, parsed, schema_faults, told_in
from services.audit.package import make
from services.audit.verify.entry import verify_case
from services.shared.canonical import new_id
from tests.filing import NOON
from tests.packages import REFUSED, a_bag, a_file, events_of, face_of, judged, report_in
from tests.unit.ledger_makers import a_policy

NAMES = {"e": NAMESPACE}


def texts(root: etree._Element, path: str) -> list[str]:
    return [str(found.text) for found in root.iterfind(f".//{path}", NAMES)]


def test_the_bag_is_valid_to_the_library_of_congress_s_own_library(tmp_path: Path) -> None:
    file, made = a_bag()
    with zipfile.ZipFile(io.BytesIO(made.body)) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()

    bag = bagit.Bag(str(folder))
    assert bag.validate()
    assert (bag.info["External-Identifier"], bag.info["Internal-Sender-Identifier"]) == (folder.name, file.case)
    assert bag.info["Bagging-Date"] == "2026-11-23"
    assert "保管期限10年 / kept for 10 years" in bag.info["External-Description"]


def test_a_changed_byte_is_found_by_that_library_too(tmp_path: Path) -> None:
    _, made = a_bag()
    with zipfile.ZipFile(io.BytesIO(made.body)) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    (folder / "data" / "checkpoint").write_bytes(b"another")

    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(folder)).validate()


def test_the_entries_and_receipts_in_it_verify_offline_as_a_case() -> None:
    file, made = a_bag()
    payload = unzipped(made.body).payload
    entries = [payload[name] for name in sorted(payload) if name.startswith("entries/")]
    receipts = [payload[name] for name in sorted(payload) if name.startswith("receipts/")]

    verdict = verify_case(entries, receipts, a_policy())
    assert (verdict.case, verdict.first, len(verdict.verdicts)) == (file.case, 1, len(REFUSED))


def test_the_same_case_packaged_at_the_same_moment_is_the_same_bytes() -> None:
    file, made = a_bag()
    again = make(file, face_of(file), a_policy())
    later = make(file, face_of(file, NOON + timedelta(days=1)), a_policy())

    assert (again.body, again.manifest_sha256) == (made.body, made.manifest_sha256)
    assert later.manifest_sha256 != made.manifest_sha256


def test_the_zip_is_sorted_uncompressed_and_without_a_time() -> None:
    _, made = a_bag()
    with zipfile.ZipFile(io.BytesIO(made.body)) as archive:
        parts = archive.infolist()

    assert [part.filename for part in parts] == sorted(part.filename for part in parts)
    assert {part.compress_type for part in parts} == {zipfile.ZIP_STORED}
    assert {part.date_time for part in parts} == {(1980, 1, 1, 0, 0, 0)}


def test_the_xml_is_valid_against_its_schema() -> None:
    file, made = a_bag()
    xml = unzipped(made.body).payload["eep.xml"]
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))

    schema.assertValid(etree.fromstring(xml))
    assert xml == encapsulated(file, face_of(file))


def test_the_xml_tells_of_the_case_its_acts_and_who_acted() -> None:
    file, made = a_bag()
    root = parsed(unzipped(made.body).payload["eep.xml"])

    assert texts(root, "e:电子文件号") == [file.case]
    assert texts(root, "e:保管期限") == ["10年"]
    assert texts(root, "e:封装包类型") == ["原始型"]
    assert texts(root, "e:业务行为") == [kind for kind, _ in REFUSED]
    assert texts(root, "e:行为时间")[0] == "2026-11-23T12:01:00.000+08:00"
    assert texts(root, "e:行为依据") == ["statistics-law 9"]
    assert texts(root, "e:机构人员名称") == ["北京市交通委员会"]
    assert [dict(found.attrib) for found in root.iterfind(".//e:备案", NAMES)] == [
        {"authority": "informatization_office", "kind": "request"}
    ]


def test_the_xml_carries_the_very_bytes_of_entries_and_receipts() -> None:
    file, made = a_bag()
    payload = unzipped(made.body).payload
    root = parsed(payload["eep.xml"])

    assert encoded_files(root) == {name: body for name, body in payload.items() if name.startswith("entries/")}
    signed = [base64.b64decode(text) for text in texts(root, "e:签名结果")]
    assert signed == [filed.receipt for filed in file.filed]
    assert told_in(root) == tuple(filed.told.event_id for filed in file.filed)


def test_the_xml_says_where_something_was_written_and_whether_it_was_erased() -> None:
    events, erasure = events_of(*REFUSED), new_id()
    root = parsed(encapsulated(file := a_file(events, {events[2].id: erasure}), face_of(file)))

    found = [(str(each.text), dict(each.attrib)) for each in root.iterfind(".//e:行为附文", NAMES)]
    assert [(text, said["状态"], said.get("删除行为标识符")) for text, said in found] == [
        ("cd" * 32, "由记录单位保管", None),
        ("cd" * 32, "已删除", erasure),
    ]


def test_a_package_that_takes_another_s_place_names_it() -> None:
    file = a_file()
    root = parsed(encapsulated(file, face_of(file, supersedes="p-1")))

    assert texts(root, "e:封装包类型") == ["修改型"]
    assert texts(root, "e:原封装包标识符") == ["p-1"]
    assert list(schema_faults(root)) == []


def test_what_xml_cannot_hold_is_marked_in_it_and_whole_in_the_entry() -> None:
    (first, *rest) = events_of(*REFUSED)
    file = a_file([first.model_copy(update={"actor": "o-\x01"}), *rest])
    root = parsed(encapsulated(file, face_of(file)))

    assert texts(root, "e:经办人标识符")[0] == "o-\ufffd"
    assert json.loads(file.filed[0].entry)["actor"] == "o-\x01"


@pytest.mark.parametrize(
    "xml",
    [b"", b"<a>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a><!-- b --></a>", "<a/>".encode("utf-16")],
)
def test_xml_that_is_broken_or_holds_more_than_elements_is_not_read(xml: bytes) -> None:
    with pytest.raises(ValueError, match=r"not well-formed|holds a declaration"):
        parsed(xml)


def test_the_report_lies_in_the_bag_and_is_the_report_of_that_bag() -> None:
    file, made = a_bag()
    bag = unzipped(made.body)

    assert made.report.passed
    assert report_in(bag) == made.report.model_dump(mode="json") == judged(bag, file).model_dump(mode="json")


def test_an_empty_case_is_no_package() -> None:
    file = a_file()
    with pytest.raises(ValueError, match="nothing"):
        make(file.model_copy(update={"filed": ()}), face_of(file), a_policy())
