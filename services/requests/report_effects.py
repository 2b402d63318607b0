"""What a step changes in a report period beyond its state. Pure; each effect returns a changed copy."""

from typing import TYPE_CHECKING

from services.requests.period import Period
from services.requests.period_parts import Explanation, Finding, Inspection, Provision, Usage
from services.requests.reconciliation import differences
from services.requests.report_guards import compared
from services.shared.lifecycle import Act, Party

if TYPE_CHECKING:
    from services.requests.report_acts import Conclude, Explain, FileProvision, FileUsage, Inspect


def file_provision(period: Period, act: Act) -> Period:
    """Keep what the provider reports."""
    body: FileProvision = act.body
    return period.model_copy(update={"provision": Provision(**body.model_dump(exclude={"period"}))})


def file_usage(period: Period, act: Act) -> Period:
    """Keep what the requester reports."""
    body: FileUsage = act.body
    return period.model_copy(update={"usage": Usage(**body.model_dump(exclude={"period"}))})


def chase(period: Period, act: Act) -> Period:
    """Note when the last reminder was."""
    return period.model_copy(update={"chased_at": act.at})


def explain(period: Period, act: Act) -> Period:
    """Keep what a side says, and its report anew if it gives one."""
    body: Explain = act.body
    said = Explanation(
        round=period.round,
        by=_party(act),
        text=body.text,
        corrected=(body.provision or body.usage) is not None,
        officer=act.caller.officer,
        at=act.at,
    )
    reports = {"provision": body.provision or period.provision, "usage": body.usage or period.usage}
    return period.model_copy(update=reports | {"explanations": (*period.explanations, said)})


def find(period: Period, act: Act) -> Period:
    """Keep what does not agree: another round."""
    found = tuple(differences(compared(period, act)))
    return period.model_copy(update={"differences": found, "round": period.round + 1})


def find_nothing(period: Period, _: Act) -> Period:
    """Forget the differences of an earlier round, which are settled."""
    return period.model_copy(update={"differences": ()})


def inspect(period: Period, act: Act) -> Period:
    """Keep who looks into it, and why."""
    body: Inspect = act.body
    look = Inspection(by=_party(act), reason=body.reason, officer=act.caller.officer, at=act.at)
    return period.model_copy(update={"inspection": look})


def conclude(period: Period, act: Act) -> Period:
    """Keep the finding."""
    body: Conclude = act.body
    finding = Finding(outcome=body.outcome, finding=body.finding, officer=act.caller.officer, at=act.at)
    return period.model_copy(update={"finding": finding})


def _party(act: Act) -> Party:
    if act.party is None:
        raise ValueError("an effect needs an act whose party is known")
    return act.party
