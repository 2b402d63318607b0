"""The clock in: shows the published checkpoint to the log's witnesses and publishes their cosignatures on it.

It reads what is filed and never touches the head, so that no witness can hold up a filing.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.audit.batch import archived
from services.audit.cosigning import NotCosigned, Post, Shown, ask, cosignatures_of, has_quorum
from services.audit.merkle import consistency_proof
from services.audit.objects import halt
from services.audit.published import PublishedCheckpoint
from services.audit.tiles import TileTree
from services.audit.verify.checkpoint import parse_checkpoint
from services.audit.verify.cosignature import Cosignature
from services.audit.verify.note import parse_note
from services.audit.verify.policy import NO_QUORUM, Policy
from services.audit.witness import Standing, State, Witness, Witnessed, stack_policy, witnesses_of
from services.audit.witness_calls import post
from services.audit.witness_store import Known, WitnessStore
from services.shared.canonical import now
from services.shared.observe import count, logger, traced

DEADLINE_SECONDS = 12.0  # two posts of five seconds, and what a name's lookup takes
TRIES = 5
WORDS = {
    State.SILENT: "witness_silent",
    State.REFUSED: "witness_refused",
    State.WRONG: "witness_refused",
    State.AHEAD: "witness_ahead",
}
Outcome = Cosignature | NotCosigned


@traced
def handler(_event: Mapping[str, Any], _context: object) -> None:
    """Ask the witnesses of this environment's log, and report how long a checkpoint has waited for its quorum."""
    origin = os.environ["LOG_ORIGIN"]
    round_ = Round(
        policy=stack_policy(os.environ.get("WITNESS_POLICY", "")),
        store=WitnessStore(os.environ["AUDIT_TABLE"], origin),
        log=PublishedCheckpoint(os.environ["LOG_BUCKET"]),
        at=now(),
    )
    count("QuorumAgeSeconds", round_.run())


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round of asking the witnesses of `policy` `at` a moment."""

    policy: Policy
    store: WitnessStore
    log: PublishedCheckpoint
    at: datetime
    post: Post = post
    deadline_seconds: float = DEADLINE_SECONDS

    def run(self) -> int:
        """Ask those who are due, publish what they cosigned; return the age in seconds of what still awaits a quorum.

        May run at any time and any number of times at once. Raises LogHalted when the published checkpoint is not the
        log's; whatever was heard by then is kept.
        """
        if not self.policy.witnesses or (shown := self._shown()) is None:
            return 0
        known = self.store.load(witnesses_of(self.policy))
        size = shown.checkpoint.size
        awaited = known.awaited.noted(published=size, witnessed=known.witnessed.size, at=self.at)
        if awaited != known.awaited:
            self.store.save_awaited(awaited, known.awaited)
        standings = self._asked(known.standings, shown)
        covered = self._cover(known, shown, [standing.line.encode() for standing in standings.values()])
        asked = self.policy.quorum != NO_QUORUM
        return awaited.seconds(published=size, witnessed=covered, at=self.at) if asked else 0

    def _shown(self) -> Shown | None:
        """Return the published checkpoint as the log alone signed it; None before the first."""
        try:
            note, _ = self.log.latest()
        except LookupError:
            return None
        text = parse_note(note).text
        checkpoint = parse_checkpoint(text)
        signed = self.log.read(archived(checkpoint.size))
        if parse_note(signed).text != text:
            raise halt(f"the published checkpoint {checkpoint.size} is not the archived one")
        tree = TileTree(checkpoint.size, self.log.read)
        if tree.root != checkpoint.root:
            raise halt(f"the tiles at {checkpoint.size} do not lead to the published root")
        return Shown(checkpoint, signed, lambda old: consistency_proof(old, checkpoint.size, tree.node))

    def _asked(self, standings: Mapping[str, Standing], shown: Shown) -> dict[str, Standing]:
        """Return the standings once all that are due were asked at the same time, each written when it was heard."""
        moved = dict(standings)
        due = [each for each in witnesses_of(self.policy) if standings[each.id].is_due(shown.checkpoint, self.at)]
        for witness, outcome in self._outcomes(due, standings, shown):
            moved[witness.id] = self._heard(witness, standings[witness.id], outcome, shown)
        return moved

    def _outcomes(
        self, due: Sequence[Witness], standings: Mapping[str, Standing], shown: Shown
    ) -> Iterator[tuple[Witness, Outcome]]:
        """Yield what each said, the fastest first; those not heard of by the deadline are silent."""
        pool = ThreadPoolExecutor(max(1, len(due)))
        futures = {pool.submit(self._outcome, each, standings[each.id], shown): each for each in due}
        waiting = dict(futures)
        try:
            for future in as_completed(futures, timeout=self.deadline_seconds):
                witness = waiting.pop(future)
                if outcome := _said(future, witness):
                    yield witness, outcome
        except TimeoutError:
            silent = NotCosigned(State.SILENT, f"no answer in {self.deadline_seconds} s")
            yield from ((witness, silent) for witness in waiting.values())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _outcome(self, witness: Witness, standing: Standing, shown: Shown) -> Outcome:
        if standing.contradicts(shown.checkpoint):
            return NotCosigned(State.AHEAD, f"has cosigned another tree, of {standing.size}")
        try:
            return ask(witness, standing.size, shown, self.post, at=self.at)
        except NotCosigned as error:
            return error

    def _heard(self, witness: Witness, standing: Standing, outcome: Outcome, shown: Shown) -> Standing:
        if isinstance(outcome, NotCosigned):
            said = {"witness": witness.name, "status": outcome.status, "reason": str(outcome)}
            logger.error(WORDS[outcome.state], extra=said | {"size": shown.checkpoint.size})
            moved = standing.failed(outcome.state, self.at)
        else:
            time = datetime.fromtimestamp(outcome.time, UTC)
            moved = standing.cosigned(shown.checkpoint, outcome.line, time=time, at=self.at)
        self.store.save(witness, moved)
        return moved

    def _cover(self, known: Known, shown: Shown, lines: Sequence[bytes]) -> int:
        """Publish the cosignatures and note whether they are the quorum; return the size that it has covered."""
        cosignatures = self._published(shown, lines)
        covered, size = known.witnessed, shown.checkpoint.size
        if has_quorum(self.policy, cosignatures):
            made = Witnessed(
                size=size,
                root=shown.checkpoint.root.hex(),
                note=_note(shown, cosignatures).decode(),
                cosignatures=len(cosignatures),
                at=covered.at if covered.size == size and covered.at else self.at,
            )
            if (made.size, made.cosignatures) > (covered.size, covered.cosignatures):
                self.store.save_witnessed(made)
            return max(made.size, covered.size)
        return covered.size

    def _published(self, shown: Shown, lines: Sequence[bytes]) -> tuple[Cosignature, ...]:
        """Return the cosignatures on the checkpoint once they are published, those already there among them.

        When the log has published a larger one meanwhile, that stays.
        """
        text = shown.checkpoint.text
        for _ in range(TRIES):
            note, tag = self.log.latest()
            same = parse_note(note).text == text
            there = note.removeprefix(text + b"\n") if same else b""
            cosignatures = cosignatures_of(self.policy, text, [*lines, there])
            made = _note(shown, cosignatures)
            if not same or made == note or self.log.replace(made, tag):
                return cosignatures
        return cosignatures_of(self.policy, text, lines)


def _note(shown: Shown, cosignatures: Sequence[Cosignature]) -> bytes:
    return shown.note + b"".join(each.line for each in cosignatures)


def _said(future: Future[Outcome], witness: Witness) -> Outcome | None:
    """Return what a witness said; None when asking it went wrong on our side, which must not touch the others."""
    try:
        return future.result()
    except Exception:  # noqa: BLE001 - our fault, for the log and its alarm; the next round asks again
        count("Failures", 1)
        logger.exception("failed", extra={"witness": witness.name})
        return None
