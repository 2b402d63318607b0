"""What those who oversee sharing see of an archive package: the record, its report, what they may do. Pure."""

from pydantic import AwareDatetime

from services.audit.four_properties import CheckCode, CheckReport
from services.audit.package import Package, State
from services.audit.package_life import FILED, MACHINE
from services.audit.retention import class_named
from services.shared.callers import SYSTEM, Caller
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE
from services.shared.views import FilingView, Waiting, filing_view

HERE = "/audit/packages"
CODES = {Party.OFFICE: OFFICE, Party.ARCHIVES: ARCHIVES_BUREAU, Party.SYSTEM: SYSTEM.organisation}


class PackageLine(Model):
    """A package in a list."""

    id: str
    state: State
    archived_case: str
    retention_class: str
    years: int
    entries: int
    manifest_sha256: str
    changed_at: AwareDatetime


class PackagePage(Model):
    """A page of packages, the latest change first within each state."""

    items: tuple[PackageLine, ...]
    next: str | None


class PackageView(Model):
    """A package; `bag` is where its zip is fetched, `filing` the transfer with its receipt once it is received."""

    id: str
    version: int
    state: State
    archived_case: str
    edition: int
    supersedes: str | None
    retention_class: str
    class_zh: str
    class_en: str
    years: int
    entries: int
    checkpoint_size: int
    manifest_sha256: str
    size: int
    prepared_at: AwareDatetime
    report: CheckReport
    failed: tuple[CheckCode, ...]
    bag: str
    filing: FilingView | None
    awaiting: tuple[Waiting, ...]
    due_at: None = None
    actions: tuple[str, ...]
    changed_at: AwareDatetime


def line_of(package: Package) -> PackageLine:
    """Return a package as it is listed."""
    return PackageLine(**package.model_dump(include=set(PackageLine.model_fields)))


def view_of(package: Package, index: int | None, caller: Caller) -> PackageView:
    """Return a package as this caller sees it; `index` is the transfer's place in the ledger once it is filed."""
    same = package.model_dump(include=PackageView.model_fields.keys() & Package.model_fields.keys())
    kind, receipts = class_named(package.retention_class), {} if index is None else {str(package.transfer): index}
    return PackageView(
        **same,
        class_zh=kind.zh,
        class_en=kind.en,
        bag=f"{HERE}/{package.id}/bag",
        filing=filing_view(FILED, package.transfer, receipts) if package.transfer else None,
        awaiting=tuple(Waiting(party=party, organisation=CODES[party]) for party in MACHINE.awaiting(package)),
        actions=MACHINE.actions_for(package, caller),
    )
