"""The check report of an archive package: each of the four properties fails by what harms it, and by nothing else."""

import base64
import io
import json
import zipfile
from collections.abc import Callable

import pytest
import rfc8785

from services.audit.bags import Bag, NotABag, bag_of, leads_out, unzipped, zipped
from services.audit.eep import encapsulated
from services.audit.four_properties import TABLE, CheckCode, Property, Result
from services.audit.package_content import REPORT
from services.audit.verify.merkle import leaf_hash
from tests.packages import a_bag, a_file, face_of, failed_in, judged, rebuilt, spoilt
from tests.unit.ledger_makers import LOG, Signer, a_checkpoint

Payload = dict[str, bytes]
FIRST, LAST = "entries/000001.json", "entries/000004.json"


def replaced(old: str, new: str) -> Callable[[Payload], None]:
    """Return a change of one text in the XML, wherever it stands."""

    def change(payload: Payload) -> None:
        assert old.encode() in payload["eep.xml"]
        payload["eep.xml"] = payload["eep.xml"].replace(old.encode(), new.encode())

    return change


def swapped(one: str, other: str) -> Callable[[Payload], None]:
    def change(payload: Payload) -> None:
        payload[one], payload[other] = payload[other], payload[one]

    return change


def with_file(name: str, body: bytes) -> Callable[[Payload], None]:
    return lambda payload: payload.update({name: body})


def without(name: str) -> Callable[[Payload], None]:
    def change(payload: Payload) -> None:
        del payload[name]

    return change


def another_code(payload: Payload) -> None:
    """Break the encoding of the first entry in the XML, with letters that base64 has."""
    coded = base64.b64encode(payload[FIRST])
    payload["eep.xml"] = payload["eep.xml"].replace(coded, coded[:-3] + b"===")


def signed_by_a_stranger(payload: Payload) -> None:
    entries = [payload[name] for name in sorted(payload) if name.startswith("entries/")]
    payload["checkpoint"] = a_checkpoint(entries, signer=Signer(name=LOG.name, seed=bytes([7]) * 32))


# The damage, and every check that finds it: what cannot be told apart is found by more than one.
DAMAGES: list[tuple[Callable[[Payload], None], dict[str, list[str]]]] = [
    (swapped("receipts/000001.tlog-proof", "receipts/000002.tlog-proof"), {"authenticity": ["receipts"]}),
    (signed_by_a_stranger, {"authenticity": ["checkpoint"]}),
    (without("receipts/000002.tlog-proof"), {"integrity": ["parts"]}),
    (without("checkpoint"), {"integrity": ["parts"]}),
    (replaced("<业务行为>request.created", "<业务行为>"), {"usability": ["schema"]}),
    (replaced("<版本>2009</版本>", "<版本>2009</版"), {"usability": ["well_formed"]}),
    (another_code, {"usability": ["schema", "decodable"]}),
    (with_file("receipts/000001.tlog-proof", b"no receipt"), {"authenticity": ["receipts"], "usability": ["formats"]}),
    (with_file("readme.txt", b"hello"), {"security": ["surplus"]}),
    (with_file("../outside.txt", b"hello"), {"security": ["surplus", "paths"]}),
    (with_file("macro.exe", b"MZ\x90"), {"security": ["surplus", "active_content"]}),
    (replaced("北京市交通委员会", "javascript:alert(1)"), {"security": ["active_content"]}),
]


@pytest.mark.parametrize(("damage", "expected"), DAMAGES, ids=range(len(DAMAGES)))
def test_what_harms_a_property_fails_there_alone(
    damage: Callable[[Payload], None], expected: dict[str, list[str]]
) -> None:
    file, made = a_bag()

    assert failed_in(judged(spoilt(made, damage), file)) == expected


def test_a_package_that_is_as_it_was_made_passes_all_but_what_is_not_tested_here() -> None:
    file, made = a_bag()
    report = judged(unzipped(made.body), file)

    assert report.passed
    results = {check.code: check.result for each in report.properties for check in each.checks}
    assert {code for code, result in results.items() if result is not Result.PASSED} == {CheckCode.VIRUSES}
    assert results[CheckCode.VIRUSES] is Result.NOT_TESTED


def test_every_code_is_a_check_of_one_property() -> None:
    assert sorted(code for rows in TABLE.values() for code in rows) == sorted(CheckCode)
    assert set(TABLE) == set(Property)


def test_a_changed_entry_is_neither_authentic_nor_whole() -> None:
    file, made = a_bag()

    def change(payload: Payload) -> None:
        payload["entries/000002.json"] = payload["entries/000002.json"].replace(b'"o-1"', b'"o-2"')

    assert failed_in(judged(spoilt(made, change), file)) == {
        "authenticity": ["receipts"],
        "integrity": ["chain", "description"],
    }


def test_a_file_changed_after_bagging_is_found_by_the_manifest() -> None:
    file, made = a_bag()
    bag = unzipped(made.body)
    changed = Bag(name=bag.name, files=bag.files | {f"data/{REPORT}": b"{}"})

    assert failed_in(judged(changed, file)) == {"integrity": ["manifests"]}
    assert "check-report.json" in next(judged(changed, file).failed).reasons[0]


def test_manifests_that_are_missing_or_list_too_much_are_found() -> None:
    file, made = a_bag()
    bag = unzipped(made.body)
    bare = Bag(name=bag.name, files={path: body for path, body in bag.files.items() if "manifest" not in path})
    more = Bag(name=bag.name, files=bag.files | {"tagmanifest-sha256.txt": b"00  gone.txt\n", "bagit.txt": b"odd"})

    assert failed_in(judged(bare, file)) == {"integrity": ["manifests"]}
    assert [reason for check in judged(more, file).failed for reason in check.reasons if "gone.txt" in reason]


def test_a_package_without_the_case_s_last_entry_is_not_whole() -> None:
    file, _ = a_bag()
    bag = rebuilt(file, [filed.entry for filed in file.filed[:-1]])

    assert failed_in(judged(bag, file)) == {"integrity": ["count"]}


def test_a_package_without_the_case_s_first_entry_is_neither_in_sequence_nor_chained() -> None:
    file, _ = a_bag()
    bag = rebuilt(file, [filed.entry for filed in file.filed[1:]])

    # The remaining ones are numbered 2 to 4, and so are their files.
    assert failed_in(judged(bag, file)) == {
        "integrity": ["sequence", "chain", "count", "parts"],
        "security": ["surplus"],
    }


def test_a_rewritten_case_with_good_receipts_is_not_the_ledger_s() -> None:
    file, _ = a_bag()
    fields = [json.loads(filed.entry) for filed in file.filed]
    fields[0]["organisation"] = "drc"
    entries: list[bytes] = []
    for each in fields:
        entries.append(rfc8785.dumps(each | {"prev_hash": leaf_hash(entries[-1]).hex() if entries else ""}))

    assert failed_in(judged(rebuilt(file, entries), file)) == {"integrity": ["count"]}


def edited(**changes: object) -> Bag:
    """Return the bag of a case whose last entry says something else, well chained and with a receipt that holds."""
    file = a_file()
    entries = [filed.entry for filed in file.filed]
    changed = {name: value for name, value in (json.loads(entries[-1]) | changes).items() if value is not None}
    return rebuilt(file, [*entries[:-1], rfc8785.dumps(changed)])


def judged_alone(bag: Bag) -> dict[str, list[str]]:
    """Return what fails in a bag, given the ledger's head as if its last entry were the ledger's."""
    file = a_file()
    case = json.loads(bag.payload[FIRST])["case"]
    head = file.head.model_copy(update={"leaf_hash": leaf_hash(bag.payload[LAST]).hex()})
    return failed_in(judged(bag, file.model_copy(update={"case": case, "head": head})))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"organisation": "nobody_known"}, {"authenticity": ["actors"]}),
        ({"filing": {"kind": "request", "authority": "nobody_known"}}, {"authenticity": ["actors"]}),
        ({"actor": " "}, {"authenticity": ["actors"]}),
        ({"case": "another"}, {"authenticity": ["identity"]}),
        ({"case_seq": 4, "prev_hash": "ab" * 32}, {"integrity": ["chain"]}),
        ({"payload": "what was written"}, {"security": ["clear_text"]}),
        ({"body": {"state": "CLOSED_REFUSED", "salt": "ab"}}, {"security": ["clear_text"]}),
        ({"payload_sha256": "what was written"}, {"usability": ["schema"], "security": ["clear_text"]}),
    ],
)
def test_what_an_entry_may_not_say_is_found_though_it_is_filed(
    changes: dict[str, object], expected: dict[str, list[str]]
) -> None:
    assert judged_alone(edited(**changes)) == expected


def test_xml_of_another_case_is_not_of_the_case() -> None:
    file, made = a_bag()
    other = encapsulated(another := a_file(), face_of(another))

    report = judged(spoilt(made, with_file("eep.xml", other)), file)
    assert failed_in(report) == {"authenticity": ["identity"], "integrity": ["description"]}


def test_entries_that_cannot_be_read_are_said_to_be_unusable() -> None:
    file, made = a_bag()

    failed = failed_in(judged(spoilt(made, with_file(FIRST, b"not an entry")), file))
    assert failed["usability"] == ["formats"]
    assert "receipts" in failed["authenticity"]


def test_a_bag_without_anything_fails_and_says_why() -> None:
    file, _ = a_bag()

    failed = failed_in(judged(bag_of("empty", {}, {}), file))
    assert failed == {"integrity": ["count", "parts"], "usability": ["well_formed"]}


def test_an_entry_longer_than_the_ledger_takes_is_too_large() -> None:
    file, made = a_bag()

    failed = failed_in(judged(spoilt(made, with_file(LAST, b'{"a":"' + b"x" * 65_535 + b'"}')), file))
    assert failed["security"] == ["sizes"]


def a_zip(*parts: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, body in parts:
            archive.writestr(name, body)
    return target.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PK\x03\x04 and no more",
        a_zip(),
        a_zip(("a/b", b""), ("c/d", b"")),
        a_zip(("b", b"")),
        a_zip(("a/../../b", b"")),
        a_zip(("/a/b", b"")),
        a_zip(("a/C:\\b", b"")),
    ],
)
def test_a_zip_that_is_no_bag_s_is_not_opened(body: bytes) -> None:
    with pytest.raises(NotABag):
        unzipped(body)


def test_a_zip_whose_bytes_were_changed_is_not_opened() -> None:
    _, made = a_bag()
    at = made.body.index(b"request.created")

    with pytest.raises(NotABag):
        unzipped(made.body[:at] + b"R" + made.body[at + 1 :])


def test_a_bag_comes_out_of_its_zip_as_it_went_in() -> None:
    bag = bag_of("b", {"one": b"1", "two/three": b"3"}, {"Contact-Name": "a\nb"})

    assert unzipped(zipped(bag)) == bag
    assert bag.files["bag-info.txt"] == b"Contact-Name: a b\nPayload-Oxum: 2.2\n"


@pytest.mark.parametrize("path", ["", ".", "..", "a/..", "../a", "/a", "a//b", "a/./b", "a\\b", "c:/a", "a\nb"])
def test_a_path_that_is_not_plain_leads_out(path: str) -> None:
    assert leads_out(path)


@pytest.mark.parametrize("path", ["a", "a/b", "data/entries/000001.json", "a.b/..c"])
def test_a_plain_path_stays_inside(path: str) -> None:
    assert not leads_out(path)
