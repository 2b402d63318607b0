"""Who reads what of the ledger, as a table."""

import pytest

from services.audit.access import Part, may_read, may_read_entry
from services.audit.entry import entry_of, mark_of
from services.audit.filings import is_bundle
from services.audit.verify.layout import bundle_path, tile_path
from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.errors import NotFound
from services.shared.events import Filing, FilingKind
from tests.unit.test_audit_entry import an_event

OVERSEERS = ["informatization_office", "supervision_bureau", "archives_bureau"]
MARK = mark_of(
    entry_of(
        an_event(parties=("drc", "110107"), filing=Filing(kind=FilingKind.RESULT, authority="statistics_bureau")), ""
    )
)


def caller(organisation: str, *claims: Claim) -> Caller:
    """Return an officer of an organisation."""
    return Caller(organisation=organisation, officer="o-1", claims=frozenset(claims or (Claim.OFFICER,)))


@pytest.mark.parametrize("part", [Part.CHECKPOINT, Part.HASH_TILE])
@pytest.mark.parametrize("reader", [ANONYMOUS, caller("drc")])
def test_checkpoint_and_hash_tiles_are_anyones(part: Part, reader: Caller) -> None:
    assert may_read(part, reader)


@pytest.mark.parametrize("part", [Part.ENTRY_BUNDLE, Part.ALL_FILINGS])
@pytest.mark.parametrize(
    ("organisation", "allowed"), [*((body, True) for body in OVERSEERS), ("drc", False), ("", False)]
)
def test_entries_as_a_whole_are_for_the_overseers(part: Part, organisation: str, *, allowed: bool) -> None:
    assert may_read(part, caller(organisation)) is allowed


@pytest.mark.parametrize(
    ("organisation", "allowed"),
    [
        *((body, True) for body in OVERSEERS),
        ("drc", True),
        ("110107", True),
        ("statistics_bureau", True),
        ("sports_bureau", False),
    ],
)
def test_an_entry_is_for_its_parties_its_authority_and_the_overseers(organisation: str, *, allowed: bool) -> None:
    assert may_read_entry(MARK, caller(organisation)) is allowed


def test_nobody_in_particular_reads_no_entry() -> None:
    assert not may_read_entry(MARK.model_copy(update={"parties": ("",)}), ANONYMOUS)


def test_an_overseer_needs_the_role_of_officer_or_auditor() -> None:
    assert may_read(Part.ALL_FILINGS, caller("archives_bureau", Claim.AUDITOR))
    assert not may_read(Part.ALL_FILINGS, caller("archives_bureau", Claim.ADMINISTRATOR))


@pytest.mark.parametrize("index", [0, 999, 1000, 1_234_067])
@pytest.mark.parametrize("width", [1, 255, 256])
def test_every_path_that_the_log_writes_is_a_tile(index: int, width: int) -> None:
    for level in (0, 1, 63):
        assert not is_bundle(tile_path(level, index, width).removeprefix("tile/"))
    assert is_bundle(bundle_path(index, width).removeprefix("tile/"))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "64/000",
        "00/000",
        "-1/000",
        "0/0",
        "0/0000",
        "0/x000/001",
        "0/001/002",
        "0/x001",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000.p",
        "0/000/",
        "0/../checkpoint",
        "../checkpoint",
        "other/000",
        "0/٠٠٠",
        "0/000\n",
    ],
)
def test_anything_else_is_not_there(path: str) -> None:
    with pytest.raises(NotFound):
        is_bundle(path)
