"""A small made-up machine for tests of the engine: a letter is written, sealed by two, and posted by the system."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.errors import Problem
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Act, Machine, Move, Party, Record

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BOTH = frozenset({Party.REQUESTER, Party.PROVIDER})
WRITER, READER, CENSOR = "writer", "reader", "censor"


class Stage(StrEnum):
    """Where a letter stands."""

    WRITTEN = "WRITTEN"
    READ = "READ"
    SEALED = "SEALED"
    POSTED = "POSTED"


class Do(StrEnum):
    """What can be done to a letter."""

    EDIT = "edit"
    SHOW = "show"
    SEAL = "seal"
    POST = "post"
    BURN = "burn"


class Letter(Record):
    """A letter; `read_by` says whose it is to read, `words` what stands in it."""

    state: Stage
    words: str = ""
    read_by: Party = Party.PROVIDER


def has_words(letter: Letter, _: Act) -> Iterator[Problem]:
    if not letter.words:
        yield Problem(pointer="/words", detail="a letter has words")


def is_polite(letter: Letter, act: Act) -> Iterator[Problem]:
    if "please" not in letter.words:
        yield Problem(pointer="/words", detail="a letter says please")
    if act.body != "stamp":
        yield Problem(pointer="/stamp", detail="a letter has a stamp")


def edited(letter: Letter, act: Act) -> Letter:
    return letter.model_copy(update={"words": act.body})


def relations(_: Letter, caller: Caller) -> frozenset[Party]:
    known = {WRITER: Party.REQUESTER, READER: Party.PROVIDER, CENSOR: Party.OFFICE, "system": Party.SYSTEM}
    return frozenset({known[caller.organisation]} if caller.organisation in known else set())


SEALING = Filing(kind=FilingKind.RESULT, authority="informatization_office")
TABLE: dict[tuple[Any, Any], Move[Letter]] = {
    (Stage.WRITTEN, Do.EDIT): Move(frozenset({Party.REQUESTER}), None, "letter.edited", effect=edited, awaited=False),
    (Stage.WRITTEN, Do.SHOW): Move(
        frozenset({Party.REQUESTER}),
        Stage.READ,
        "letter.shown",
        claim=Claim.APPROVER,
        guards=(has_words, is_polite),
    ),
    (Stage.READ, Do.EDIT): Move(lambda letter: frozenset({letter.read_by}), None, "letter.edited", effect=edited),
    (Stage.READ, Do.SEAL): Move(BOTH, Stage.SEALED, "letter.sealed", filing=SEALING, each_once=True),
    (Stage.SEALED, Do.POST): Move(frozenset({Party.SYSTEM}), Stage.POSTED, "letter.posted"),
}
LETTERS = Machine[Letter](
    name="letter",
    table=TABLE,
    relations=relations,
    initial=Stage.WRITTEN,
    terminal=frozenset({Stage.POSTED}),
)


def a_letter(stage: Stage = Stage.WRITTEN, **fields: Any) -> Letter:
    return Letter(id="l-1", state=stage, version=3, case_seq=5, changed_at=NOON, **fields)


def officer(organisation: str, *claims: Claim) -> Caller:
    return Caller(organisation=organisation, officer=f"o-{organisation}", claims=frozenset(claims or (Claim.OFFICER,)))


def act(action: Do, caller: Caller = SYSTEM, body: Any = None) -> Act:
    return Act(action, body, caller, NOON)
