"""The last scene of the story: evidence is fetched, verified with no network, and altered to see it fail.

Knows the ledger's files; knows nothing of what the cases are about.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from services.audit.verify.errors import NotVerified
from services.audit.verify.policy import Policy
from tools.govshare.evidence import download, verify_folder
from tools.stage import Person, Record, Unexpected, expect, say


def prove(reader: Person, cases: list[str], policy: Policy) -> None:
    """Every receipt is verified offline, and one altered byte is not accepted."""
    with TemporaryDirectory(prefix="govshare-demo-") as place:
        for case in cases:
            _fetch(reader, case, Path(place, case))
            proven = verify_folder(Path(place, case), policy)
            count = len(proven.verdicts)
            say(
                f"离线验证案卷 {case}:{count} 条记录、{count} 份回执,全部成立,无缺漏。",
                f"Verified offline: all {count} entries and receipts of the case hold, none is missing.",
            )
        _tamper(Path(place, cases[0]), policy)


def _fetch(reader: Person, case: str, folder: Path) -> None:
    """Download a case's evidence once all that happened in it is filed."""
    events = len(reader.read(f"/requests/{case}/history?limit=100")["items"])

    def all_filed(page: Record) -> bool:
        return [filing["state"] for filing in page["items"]] == ["filed"] * events

    reader.wait(f"/audit/filings?case={case}&limit=100", all_filed, for_what=f"{events} filed entries")
    expect(events, len(download(reader.api, case, folder)), of="entries downloaded")
    print(
        f"    {reader.organisation}: GET /audit/filings/{{index}}, /audit/receipts/{{event_id}}, {events} times -> 200"
    )


def _tamper(folder: Path, policy: Policy) -> None:
    """Alter one byte of a copy of the last entry, and show what the verifier says."""
    copy = Path(shutil.copytree(folder, folder.with_name("altered")))
    last = max(copy.glob("*.json"), key=lambda path: int(path.stem))
    entry = bytearray(last.read_bytes())
    entry[entry.index(b'"event_id":"') + len(b'"event_id":"')] ^= 1
    last.write_bytes(entry)
    try:
        verify_folder(copy, policy)
    except NotVerified as refusal:
        say("改动副本中的一个字节,验证即告失败:", "One byte of a copy is altered, and it fails:")
        print(f"    {refusal}")
        return
    raise Unexpected("an altered entry was verified")
