"""What anyone may see of a log's witnesses: who they are, how far they are, and how long something waits. Pure."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime

from services.audit.verify.policy import NO_QUORUM, Policy
from services.audit.witness import Awaited, Standing, State, Witnessed, witnesses_of
from services.shared.model import Model


class GroupView(Model):
    """A group of the policy: `threshold` of its `members`, witnesses or groups, must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


class WitnessView(Model):
    """A witness: its key, the largest tree that it cosigned and when, how it answered last and since when so."""

    name: str
    vkey: str
    size: int
    cosigned_at: AwareDatetime | None
    state: State
    since: AwareDatetime | None


class WitnessedView(Model):
    """The largest tree that the quorum cosigned, with its root (hex); `at` is when the quorum was reached."""

    size: int
    root: str
    at: AwareDatetime
    age_seconds: int


class WitnessesView(Model):
    """The witnesses of a log: `quorum` names a witness or group of these lists, or is `none`.

    `awaiting_seconds` is the age of the oldest published checkpoint that the quorum has not covered, 0 when it has.
    """

    quorum: str
    groups: tuple[GroupView, ...]
    witnesses: tuple[WitnessView, ...]
    published_size: int
    witnessed: WitnessedView | None
    awaiting_seconds: int


def witnesses_view(
    policy: Policy,
    standings: Mapping[str, Standing],
    *,
    witnessed: Witnessed,
    awaited: Awaited,
    published: int,
    at: datetime,
) -> WitnessesView:
    """Return what is shown `at` a moment of the policy's witnesses; `standings` are by the witness's id."""
    groups = (GroupView(name=name, **vars(group)) for name, group in policy.groups.items())
    asked = policy.quorum != NO_QUORUM
    waited = awaited.seconds(published=published, witnessed=witnessed.size, at=at) if asked else 0
    return WitnessesView(
        quorum=policy.quorum,
        groups=tuple(groups),
        witnesses=tuple(
            _witness(each.name, each.key.vkey, standings.get(each.id, Standing())) for each in witnesses_of(policy)
        ),
        published_size=published,
        witnessed=_witnessed(witnessed, at),
        awaiting_seconds=waited,
    )


def _witness(name: str, vkey: str, standing: Standing) -> WitnessView:
    shown = {field: value for field, value in standing if field in WitnessView.model_fields}
    return WitnessView(name=name, vkey=vkey, **shown)


def _witnessed(witnessed: Witnessed, at: datetime) -> WitnessedView | None:
    if witnessed.at is None:
        return None
    age = int((at - witnessed.at).total_seconds())
    return WitnessedView(size=witnessed.size, root=witnessed.root, at=witnessed.at, age_seconds=age)
