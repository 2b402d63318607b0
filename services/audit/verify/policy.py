"""Whom a verifier trusts: logs, witnesses and the quorum (c2sp.org/tlog-policy). Knows no receipt and no entry."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.audit.verify.errors import Malformed, about
from services.audit.verify.note import COSIGNATURE, ED25519, Key, parse_vkey
from services.audit.verify.spelling import read_number

NO_QUORUM = "none"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Group:
    """At least `threshold` of the `members` (names of witnesses or groups) must have witnessed."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A checkpoint is trusted when one of `logs` signed it and `quorum` (`none`, a witness, a group) witnessed it.

    `urls` says where a witness (by its name here) or a log (by its key's name) is reached, for those who were given an
    address; no check rests on it.
    """

    logs: tuple[Key, ...]
    witnesses: Mapping[str, Key]
    groups: Mapping[str, Group]
    quorum: str
    urls: Mapping[str, str] = field(default_factory=dict)

    def reaches_quorum(self, signed: Collection[Key]) -> bool:
        """Say whether the keys that signed make up the quorum."""
        return self.quorum == NO_QUORUM or self._witnessed(self.quorum, signed)

    def _witnessed(self, name: str, signed: Collection[Key]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in signed
        group = self.groups[name]
        return sum(self._witnessed(member, signed) for member in group.members) >= group.threshold


def parse_policy(policy: bytes) -> Policy:
    """Return the policy written in `policy`, lines of `log`, `witness`, `group` and one `quorum`.

    Raises Malformed with the line's number for a key or a name given twice, two addresses of one name, or a name that
    no earlier line defines.
    """
    text = policy.decode("utf-8", "surrogateescape")  # names and comments are octets to the standard
    draft = _Draft()
    for number, line in enumerate(text.split("\n"), start=1):
        words = [word for word in re.split(r"[ \t]+", line) if word]
        with about(f"policy line {number}"):
            if _FORBIDDEN.search(line):
                raise Malformed("it has a control character")
            if words and not words[0].startswith("#"):
                draft.read(words)
    if len(draft.quorum) != 1:
        raise Malformed("the policy has not exactly one quorum line")
    return Policy(tuple(draft.logs), draft.witnesses, draft.groups, draft.quorum[0], draft.urls)


def trust_log(vkey: str) -> Policy:
    """Return the policy that trusts one log's key and asks for no witness; raises Malformed."""
    return parse_policy(f"log {vkey}\nquorum {NO_QUORUM}\n".encode(errors="surrogateescape"))


@dataclass
class _Draft:
    """A policy while its lines are read, one method a keyword."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: list[str] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    urls: dict[str, str] = field(default_factory=dict)

    def read(self, words: list[str]) -> None:
        keyword, *rest = words
        readers = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}
        least, most = {"log": (1, 2), "witness": (2, 3), "quorum": (1, 1)}.get(keyword, (3, len(rest)))
        if keyword not in readers or not least <= len(rest) <= most:
            raise Malformed(f"it is not a log, witness, group or quorum line: {' '.join(words)[:60]!r}")
        readers[keyword](rest)

    def _log(self, rest: list[str]) -> None:
        key = _key(rest[0], ED25519, self.logs)
        self.logs.append(key)
        self._reached(key.name, rest[1:])

    def _witness(self, rest: list[str]) -> None:
        key = _key(rest[1], COSIGNATURE, self.witnesses.values())
        self.witnesses[self._new(rest[0])] = key
        self._reached(rest[0], rest[2:])

    def _group(self, rest: list[str]) -> None:
        name, count, *members = rest
        for member in members:
            if self._known(member) in self.members:
                raise Malformed(f"{member!r} is a group's member already")
            self.members.add(member)
        threshold = {"all": len(members), "any": 1}.get(count) or read_number(count)
        if not 1 <= threshold <= len(members):
            raise Malformed(f"a group of {len(members)} cannot ask for {threshold}")
        self.groups[self._new(name)] = Group(threshold, tuple(members))

    def _quorum(self, rest: list[str]) -> None:
        self.quorum.append(rest[0] if rest[0] == NO_QUORUM else self._known(rest[0]))

    def _reached(self, name: str, url: list[str]) -> None:
        if url and self.urls.setdefault(name, url[0]) != url[0]:
            raise Malformed(f"{name!r} has another address already")

    def _known(self, name: str) -> str:
        if name not in self.witnesses and name not in self.groups:
            raise Malformed(f"no line before it defines {name!r}")
        return name

    def _new(self, name: str) -> str:
        if name == NO_QUORUM or name in self.witnesses or name in self.groups:
            raise Malformed(f"the name {name!r} is taken")
        return name


def _key(vkey: str, kind: int, others: Collection[Key]) -> Key:
    key = parse_vkey(vkey)
    if key.kind != kind:
        raise Malformed(f"the key of {key.name} is of kind {key.kind}, {kind} is expected here")
    if any(key.public == other.public for other in others):
        raise Malformed(f"the key of {key.name} is given twice")
    return key
