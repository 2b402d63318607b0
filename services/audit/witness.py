"""What the log knows of its witnesses, and what each answer makes of that. Pure: the moment is an argument.

A witness never holds up a filing: one that is silent, refuses or contradicts the log is noted, and asked again later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import AwareDatetime

from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.merkle import EMPTY_ROOT
from services.audit.verify.note import Key
from services.audit.verify.policy import NO_QUORUM, Policy, parse_policy
from services.shared.model import Model

SOONEST, LATEST = timedelta(seconds=30), timedelta(minutes=15)  # asked each minute; twice as late after each failure
HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class State(StrEnum):
    """How a witness answered last."""

    UNASKED = "unasked"
    COSIGNED = "cosigned"
    SILENT = "silent"  # no answer, or one that says to come later
    REFUSED = "refused"
    WRONG = "wrong"  # its answer is no cosignature of this checkpoint
    AHEAD = "ahead"  # it has cosigned a tree that ours does not contain: the log was rolled back or forked


@dataclass(frozen=True)
class Witness:
    """A witness of the policy: its `name` there, its key, and the `url` under which it takes checkpoints."""

    name: str
    key: Key
    url: str

    @property
    def id(self) -> str:
        """Its key's name and id: a witness with another key is another witness."""
        return f"{self.key.name}+{self.key.id.hex()}"


class Standing(Model):
    """How far a witness is: the largest tree that it cosigned and the `line` that says so, and its last answer.

    `since` is when it began to answer like that. While `next_try` lies ahead it is left alone.
    """

    size: int = 0
    root: str = EMPTY_ROOT.hex()
    line: str = ""
    cosigned_at: AwareDatetime | None = None
    state: State = State.UNASKED
    since: AwareDatetime | None = None
    failures: int = 0
    next_try: AwareDatetime | None = None

    def cosigned(self, checkpoint: Checkpoint, line: bytes, *, time: datetime, at: datetime) -> "Standing":
        """Return the standing once the witness cosigned `checkpoint` at its `time`, as was heard `at`."""
        return Standing(
            size=checkpoint.size,
            root=checkpoint.root.hex(),
            line=line.decode(),
            cosigned_at=time,
            state=State.COSIGNED,
            since=self._since(State.COSIGNED, at),
        )

    def failed(self, state: State, at: datetime) -> "Standing":
        """Return the standing after an answer that is no cosignature: what was cosigned before stays."""
        failures = self.failures + 1
        wait = min(LATEST, SOONEST * 2 ** min(failures - 1, 10))
        now = {"state": state, "since": self._since(state, at), "failures": failures, "next_try": at + wait}
        return self.model_copy(update=now)

    def is_due(self, checkpoint: Checkpoint, at: datetime) -> bool:
        """Say whether the witness is to be asked for `checkpoint` now."""
        waits = self.next_try is not None and at < self.next_try
        return not waits and (self.size, self.root) != (checkpoint.size, checkpoint.root.hex())

    def contradicts(self, checkpoint: Checkpoint) -> bool:
        """Say whether the witness has cosigned what the log does not contain: more entries, or as many others."""
        same = (self.size, self.root) == (checkpoint.size, checkpoint.root.hex())
        return self.size >= checkpoint.size and not same

    def _since(self, state: State, at: datetime) -> datetime:
        return self.since if self.since and self.state is state else at


class Witnessed(Model):
    """The largest checkpoint that the quorum cosigned: its signed `note`, and when the quorum was reached."""

    size: int = 0
    root: str = EMPTY_ROOT.hex()
    note: str = ""
    cosignatures: int = 0
    at: AwareDatetime | None = None


class Awaited(Model):
    """Since when a published checkpoint lies above the witnessed size `above` without the quorum's cosignatures."""

    above: int = 0
    since: AwareDatetime | None = None

    def noted(self, *, published: int, witnessed: int, at: datetime) -> "Awaited":
        """Return what is awaited once a checkpoint of `published` entries was seen: this, or from now on the next."""
        begins = published > witnessed and (self.above != witnessed or self.since is None)
        return Awaited(above=witnessed, since=at) if begins else self

    def seconds(self, *, published: int, witnessed: int, at: datetime) -> int:
        """Return for how long the oldest published checkpoint without a quorum has waited; 0 when none waits."""
        waits = published > witnessed == self.above and self.since is not None
        return int((at - self.since).total_seconds()) if waits and self.since else 0


def stack_policy(text: str) -> Policy:
    """Return the policy of a log's own witnesses (c2sp.org/tlog-policy); an empty text is a log that has none.

    Raises Malformed for what is no policy, ValueError for a witness without an address that is safe to call.
    """
    policy = parse_policy(text.encode() if text.strip() else f"quorum {NO_QUORUM}\n".encode())
    witnesses_of(policy)
    return policy


def witnesses_of(policy: Policy) -> tuple[Witness, ...]:
    """Return the witnesses of a policy in its order. Raises ValueError when one has no address that is safe to call."""
    return tuple(Witness(name, key, _address(name, policy.urls)) for name, key in policy.witnesses.items())


def _address(name: str, urls: Mapping[str, str]) -> str:
    """Return where a witness takes checkpoints: over TLS, but for one on this machine."""
    parts = urlsplit(urls.get(name, ""))
    plain = parts.scheme == "http" and parts.hostname in HERE
    if not (parts.hostname and (parts.scheme == "https" or plain)) or parts.query or parts.fragment or parts.username:
        raise ValueError(f"witness {name} needs an https address in its policy line")
    return parts.geturl().rstrip("/") + "/add-checkpoint"
