"""What lies in an archive package, read without trust, for the checks to look at. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from services.audit.bags import TAG_FILES, Bag
from services.audit.casefile import FiledEntry, Told, entry_name, receipt_name
from services.audit.chain import CaseHead
from services.audit.eep_xml import parsed
from services.audit.verify.policy import Policy

EEP, CHECKPOINT, REPORT = "eep.xml", "checkpoint", "check-report.json"
ENTRIES, RECEIPTS = "entries/", "receipts/"


@dataclass(frozen=True, kw_only=True)
class Content:
    """A bag that claims to be the package of a `case`, whose latest entry the ledger keeps as `head`.

    `policy` says whose receipts count; it never comes from the bag.
    """

    bag: Bag
    case: str
    head: CaseHead
    policy: Policy

    @cached_property
    def entries(self) -> dict[str, bytes]:
        """The files of entries by name, in order."""
        return dict(sorted(self._below(ENTRIES)))

    @cached_property
    def receipts(self) -> dict[str, bytes]:
        """The files of receipts by name, in order."""
        return dict(sorted(self._below(RECEIPTS)))

    @cached_property
    def told(self) -> dict[str, Told]:
        """What each readable entry says, by its file's name; one that cannot be read is told of by another check."""
        return dict(self._told())

    @cached_property
    def expected(self) -> tuple[str, ...]:
        """The payload's files as they must be named, for as many entries as there are."""
        numbers = range(1, len(self.entries) + 1)
        return (EEP, CHECKPOINT, *map(entry_name, numbers), *map(receipt_name, numbers))

    @property
    def xml(self) -> bytes:
        """The bytes of the XML, none when it is missing."""
        return self.bag.payload.get(EEP, b"")

    @cached_property
    def root(self) -> etree._Element | None:
        """The root of the XML, or None when it cannot be read, which is one check's to say."""
        try:
            return parsed(self.xml)
        except ValueError:
            return None

    @property
    def surplus(self) -> list[str]:
        """The files that no package has."""
        named = {f"data/{name}" for name in (*self.expected, REPORT)}
        return sorted(set(self.bag.files) - named - set(TAG_FILES))

    def receipt_of(self, entry: str) -> bytes | None:
        """Return the receipt that lies beside an entry's file, or None."""
        return self.receipts.get(entry.replace(ENTRIES, RECEIPTS).replace(".json", ".tlog-proof"))

    def _below(self, folder: str) -> Iterator[tuple[str, bytes]]:
        return ((name, body) for name, body in self.bag.payload.items() if name.startswith(folder))

    def _told(self) -> Iterator[tuple[str, Told]]:
        for name, entry in self.entries.items():
            try:
                yield name, FiledEntry(entry=entry, receipt=b"").told
            except ValueError:
                continue
