"""What other people's verifiers are asked: claims about a log, as plain bytes and numbers. Knows no verifier."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.audit.merkle import Node, consistency_proof

Prove = Callable[[int, int, Node], list[bytes]]


@dataclass(frozen=True)
class Filed:
    """`entry` stands at `index` of the tree of `size` under `root`, as `proof` shows and the signed `note` says.

    The log's key is `vkey`; every witness in `witnesses` (vkeys too) has cosigned.
    """

    entry: bytes
    index: int
    size: int
    root: bytes
    proof: tuple[bytes, ...]
    note: bytes
    vkey: str
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signed:
    """The `note` is a checkpoint that the log with the key `vkey` signed."""

    note: bytes
    vkey: str


@dataclass(frozen=True)
class Grew:
    """The tree of `size` under `root` begins with the tree of `old_size` under `old_root`, as `proof` shows."""

    old_size: int
    old_root: bytes
    size: int
    root: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class Exported:
    """The `files` of a static tree, by path, are the log whose key is `vkey`, at every archived checkpoint."""

    files: Mapping[str, bytes]
    vkey: str


JudgeFiled = Callable[[Sequence[Filed]], list[bool]]
JudgeSigned = Callable[[Sequence[Signed]], list[bool]]
JudgeGrew = Callable[[Grew], bool]
Audit = Callable[[Exported], bool]
Rebuild = Callable[[Sequence[bytes]], dict[str, bytes]]


@dataclass(frozen=True)
class Verifier:
    """A program that this project did not write, and how it is asked; each answer is whether it accepts the claim.

    `filed` and `signed` judge many claims at once. Where the verifier knows nothing of a kind of claim there is None;
    one that reads no signed note trusts the root it is told. `prove` makes the proof of growth in the form that `grew`
    takes. `rebuild` returns the tiles and bundles of a log of these entries, by path.
    """

    name: str
    version: str
    filed: JudgeFiled
    signed: JudgeSigned | None = None
    grew: JudgeGrew | None = None
    prove: Prove = consistency_proof
    audit: Audit | None = None
    rebuild: Rebuild | None = None
