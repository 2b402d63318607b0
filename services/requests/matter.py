"""A matter that the requester of an agreement brings up about what it received: an objection, an onward permission.

A case holds several of each kind; they are counted from 1. Pure.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import ClassVar, TypeVar

from services.requests.agreement import Agreement
from services.requests.agreement_life import relations
from services.requests.case import Case
from services.requests.case_record import CaseRecord
from services.shared.callers import Caller, Claim
from services.shared.errors import Forbidden, Invalid, Problem
from services.shared.events import Event
from services.shared.lifecycle import Party
from services.shared.model import Model


class Matter(CaseRecord):
    """One matter: between whom, about which items of which entry; `kind` is how the names of its records begin.

    `key` is the Idempotency-Key that it was brought up under, so that the same key finds it again.
    """

    kind: ClassVar[str]
    number: int
    requester: str
    provider: str
    resource: str
    resource_title: str
    items: tuple[str, ...]
    key: str | None = None

    @property
    def sides(self) -> Mapping[Party, str]:
        """Who brought it up, and whose information it is about."""
        return {Party.REQUESTER: self.requester, Party.PROVIDER: self.provider}

    @property
    def title(self) -> str:
        """The entry's title."""
        return self.resource_title

    @property
    def name(self) -> str:
        """What it is called in its case."""
        return f"{self.kind}-{self.number}"

    @property
    def public_id(self) -> str:
        """What it is found by."""
        return f"{self.id}.{self.number}"


M = TypeVar("M", bound=Matter)


def is_about(event: Event, matter: Matter) -> bool:
    """Return whether an event of a case is about this matter."""
    return event.type.partition(".")[0] == matter.kind and event.body.get("number") == matter.number


def own_agreement(case: Case, caller: Caller, doing: str) -> Agreement:
    """Return the agreement of a case that the caller's organisation receives under; `doing` is said in a refusal.

    Raises Forbidden for who is no officer, or knows of it and does not receive; Invalid where there is none to see.
    """
    if Claim.OFFICER not in caller.claims:
        raise Forbidden(f"only an officer with the role '{Claim.OFFICER}' may {doing}")
    agreement = case.named("agreement", Agreement)
    mine = relations(agreement, caller) - {Party.SYSTEM} if agreement else frozenset()
    if agreement is None or not mine:
        raise no_agreement()
    if Party.REQUESTER not in mine:
        raise Forbidden(f"only the {Party.REQUESTER} of an agreement may {doing}")
    return agreement


def no_agreement() -> Invalid:
    """Return the refusal of an agreement that is not there, or not for the caller to know of."""
    detail = "没有这个协议 / there is no such agreement"
    return Invalid("the request is not valid", [Problem(pointer="/agreement", detail=detail)])


def next_number(case: Case, model: type[M]) -> int:
    """Return the number that a new matter of a kind has in a case."""
    return max((each.number for _, each in case.all_of(model)), default=0) + 1


def item_faults(items: Sequence[str], allowed: Collection[str], *, strange: tuple[str, str]) -> Iterator[Problem]:
    """Yield a problem for each item that is named twice or not allowed; `strange` says of one what it is not."""
    for place, item in enumerate(items):
        if item in items[:place]:
            yield Problem(pointer=f"/items/{place}", detail=f"重复 / '{item}' is named twice")
        elif item not in allowed:
            zh, en = strange
            yield Problem(pointer=f"/items/{place}", detail=f"{zh} / '{item}' {en}")


def written(said: Model | None) -> Model | None:
    """Return what was sent with an act if there is anything in it, to be sealed beside the event."""
    return said if said is not None and said.model_dump(exclude_none=True) else None
