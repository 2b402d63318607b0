"""The single checks behind the four properties of an archive package (四性检测, in the manner of DA/T 70-2018). Pure.

Each yields a sentence for everything it finds wrong, and nothing when it finds nothing; one that cannot be made at all
raises ValueError, LookupError or NotVerified, which says why.
"""

import json
import re
from collections.abc import Callable, Iterator

from services.audit import bags
from services.audit.casefile import Told
from services.audit.eep_xml import encoded_files, parsed, schema_faults, text_of, told_in
from services.audit.package_content import CHECKPOINT, EEP, Content
from services.audit.verify.canonical import parse_entry
from services.audit.verify.checkpoint import verify_checkpoint
from services.audit.verify.errors import NotVerified
from services.audit.verify.layout import LONGEST_ENTRY
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.note import parse_note
from services.audit.verify.receipt import parse_receipt, verify_receipt
from services.shared.callers import SYSTEM
from services.shared.organisations import organisation

SHA256 = re.compile(r"[0-9a-f]{64}")
FIELDS = Told.model_fields.keys() | {"v", "prev_hash"}
WRITINGS = frozenset({"payload", "salt", "key", "box", "content"})  # what is kept with the owner, never in an entry
PROGRAMS = (b"MZ", b"\x7fELF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"#!")
ACTIVE = re.compile(rb"<!|<\?|<script|javascript:|xlink:href|\bon\w+\s*=\s*[\"']", re.IGNORECASE)


def receipts_hold(content: Content) -> Iterator[str]:
    """Each receipt leads from its entry's bytes to a checkpoint that the log's own key signed."""
    for name, entry in content.entries.items():
        if (receipt := content.receipt_of(name)) is None:
            continue  # that one is missing is for the integrity check to say
        try:
            verify_receipt(receipt, entry, content.policy)
        except NotVerified as error:
            yield f"{name}: {error}"


def checkpoint_holds(content: Content) -> Iterator[str]:
    """The checkpoint of the package is signed by the log's own key."""
    if (note := content.bag.payload.get(CHECKPOINT)) is not None:
        verify_checkpoint(note, content.policy)
    yield from ()


def actors_are_known(content: Content) -> Iterator[str]:
    """Each organisation that acted, or that something is filed with, is in the register; each act has an officer."""
    for name, told in content.told.items():
        authority = {told.filing["authority"]} if told.filing else set()
        for code in sorted({told.organisation, *authority} - {SYSTEM.organisation}):
            if organisation(code) is None:
                yield f"{name}: 名录中没有单位 {code} / no organisation {code} is in the register"
        if not told.actor.strip():
            yield f"{name}: 没有经办人 / it names no officer"


def is_the_case(content: Content) -> Iterator[str]:
    """Entries and XML are of the case that the package is said to be of."""
    for name, told in content.told.items():
        if told.case != content.case:
            yield f"{name}: 属于案卷 {told.case} / it is of case {told.case}"
    said = content.case if content.root is None else text_of(content.root, "电子文件号")
    if said != content.case:
        yield f"{EEP}: 属于案卷 {said} / it is of case {said}"


def numbers_follow(content: Content) -> Iterator[str]:
    """The entries are numbered from 1 without a gap."""
    for place, (name, told) in enumerate(content.told.items(), start=1):
        if told.case_seq != place:
            yield f"{name}: 序号{told.case_seq}，应为{place} / its number is {told.case_seq}, {place} is expected"


def hashes_follow(content: Content) -> Iterator[str]:
    """Each entry names the hash of the one before it."""
    previous = ""
    for name, entry in content.entries.items():
        said = json.loads(entry).get("prev_hash") if name in content.told else previous
        if said != previous:
            yield f"{name}: 未承接前一条记录 / it does not name the hash of the entry before it"
        previous = leaf_hash(entry).hex()


def all_are_there(content: Content) -> Iterator[str]:
    """There are as many entries as the ledger has in the case, and the last is the ledger's last."""
    if len(content.entries) != content.head.case_seq:
        found, expected = len(content.entries), content.head.case_seq
        yield f"{found}条记录，账本有{expected}条 / {found} entries; the ledger has {expected}"
    last = next(reversed(content.entries.values()), b"")
    if leaf_hash(last).hex() != content.head.leaf_hash:
        yield "末条记录不是账本的末条 / the last entry is not the ledger's last"


def parts_are_there(content: Content) -> Iterator[str]:
    """Each file that a package must have is in it."""
    for name in content.expected:
        if name not in content.bag.payload:
            yield f"{name} 缺失 / is missing"


def manifests_hold(content: Content) -> Iterator[str]:
    """The bag is complete, and each file is what its manifest says (RFC 8493 §3)."""
    yield from bags.faults(content.bag)


def xml_tells_all(content: Content) -> Iterator[str]:
    """The XML tells of every entry, in order, and carries the very bytes of the files."""
    if content.root is None:
        return  # that it cannot be read is for a usability check to say
    if told_in(content.root) != tuple(told.event_id for told in content.told.values()):
        yield f"{EEP}: 业务行为与记录不一致 / its acts are not those of the entries"
    try:
        carried = encoded_files(content.root)
    except ValueError:
        return
    for name in sorted(carried.keys() | content.entries.keys()):
        if carried.get(name) != content.entries.get(name):
            yield f"{EEP}: {name} 与包内文件不同 / is not the file beside it"


def xml_is_well_formed(content: Content) -> Iterator[str]:
    """The XML can be read."""
    parsed(content.xml)
    yield from ()


def xml_is_valid(content: Content) -> Iterator[str]:
    """The XML is as its schema has it."""
    if content.root is not None:
        yield from (f"{EEP}: {fault}" for fault in schema_faults(content.root))


def parts_decode(content: Content) -> Iterator[str]:
    """Every encoded part of the XML decodes."""
    if content.root is not None:
        encoded_files(content.root)
    yield from ()


def formats_are_listed(content: Content) -> Iterator[str]:
    """Each entry, receipt and checkpoint is written in the one spelling of its format."""
    checks: list[tuple[str, bytes, Callable[[bytes], object]]]
    checks = [(name, body, parse_entry) for name, body in content.entries.items()]
    checks += [(name, body, parse_receipt) for name, body in content.receipts.items()]
    checks += [(CHECKPOINT, content.bag.payload[CHECKPOINT], parse_note)] if CHECKPOINT in content.bag.payload else []
    for name, body, parse in checks:
        try:
            parse(body)
        except NotVerified as error:
            yield f"{name}: {error}"


def nothing_else_is_there(content: Content) -> Iterator[str]:
    """There is no file that a package does not have."""
    yield from (f"{path} 不应在包内 / does not belong here" for path in content.surplus)


def paths_stay_inside(content: Content) -> Iterator[str]:
    """No file's name leads out of the bag."""
    yield from (f"{path!r} 路径有误 / leads out of the bag" for path in content.bag.files if bags.leads_out(path))


def nothing_is_active(content: Content) -> Iterator[str]:
    """No file is a program or an archive, and the XML holds nothing that a program would carry out."""
    for path, body in sorted(content.bag.files.items()):
        if body.startswith(PROGRAMS):
            yield f"{path} 是程序或压缩文件 / is a program or an archive"
    if ACTIVE.search(content.xml):
        yield f"{EEP}: 含可执行内容 / holds active content"


def sizes_are_bounded(content: Content) -> Iterator[str]:
    """Neither the bag nor an entry is larger than it may be."""
    size = sum(map(len, content.bag.files.values()))
    if size > bags.MOST_BYTES or len(content.bag.files) > bags.MOST_FILES:
        yield f"过大 / too large: {size} bytes in {len(content.bag.files)} files"
    for name, entry in content.entries.items():
        if len(entry) > LONGEST_ENTRY:
            yield f"{name}: 超过{LONGEST_ENTRY}字节 / more than {LONGEST_ENTRY} bytes"


def only_hashes_of_writings(content: Content) -> Iterator[str]:
    """Of what people wrote there is the salted hash alone."""
    for name in content.told:
        fields = json.loads(content.entries[name])
        if surplus := sorted((fields.keys() - FIELDS) | (WRITINGS & fields["body"].keys())):
            yield f"{name}: 含明文字段 / holds more than hashes: {', '.join(surplus)}"
        if not SHA256.fullmatch(str(fields.get("payload_sha256", "0" * 64))):
            yield f"{name}: payload_sha256 不是摘要 / is no hash"
