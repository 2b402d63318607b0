"""The life of an effect feedback (D) as a table (S-091). Silence decides nothing: what is late is only marked."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from services.requests.case_record import parties_of
from services.requests.feedback import Contest, Effects, Feedback, FeedbackAction, FeedbackState, Response
from services.requests.lateness import day_has_passed, marked_overdue
from services.shared.callers import Caller
from services.shared.errors import Problem
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.organisations import OFFICE

if TYPE_CHECKING:
    from services.requests.feedback_acts import Respond, SendFeedback

REQ, PRO = frozenset({Party.REQUESTER}), frozenset({Party.PROVIDER})
MIO, SUP, SYS = frozenset({Party.OFFICE}), frozenset({Party.SUPERVISION}), frozenset({Party.SYSTEM})
FOLLOW = REQ | PRO | MIO | SUP  # who sees an effect feedback
OUTCOMES = ("decision", "efficiency", "service")

F_EFFECT = Filing(kind=FilingKind.EFFECT, authority=OFFICE)

S, A = FeedbackState, FeedbackAction
Row = Move[Feedback]
TERMINAL = frozenset({S.ACKNOWLEDGED, S.CLOSED})
CLOCKS: Mapping[StrEnum, str] = {
    S.DUE: "effect_feedback",
    S.SENT: "feedback_response",
    S.CONTESTED: "contest_response",
}


def relations(feedback: Feedback, caller: Caller) -> frozenset[Party]:
    """Return what a caller is to a feedback; nobody else has to do with it."""
    return parties_of(feedback, caller) & (FOLLOW | SYS)


def _names_an_outcome(_: Feedback, act: Act) -> Iterator[Problem]:
    yield from effects_faults(act.body, "")


def _corrects_with_an_outcome(_: Feedback, act: Act) -> Iterator[Problem]:
    body: Respond = act.body
    if body.effects:
        yield from effects_faults(body.effects, "/effects")


def effects_faults(effects: Effects, at: str) -> Iterator[Problem]:
    """Yield what is wrong with what is fed back: it is about one of the three outcomes at least (S-007)."""
    if not any(getattr(effects, outcome) for outcome in OUTCOMES):
        detail = "决策、效能、服务至少填写一项 / at least one of decision, efficiency and service"
        yield Problem(pointer=f"{at}/decision", detail=detail)


def _sent(feedback: Feedback, act: Act) -> Feedback:
    body: SendFeedback = act.body
    effects = Effects(**body.model_dump(exclude={"feedback"}))
    return feedback.model_copy(update={"effects": effects, "sent_at": act.at})


def _acknowledged(feedback: Feedback, act: Act) -> Feedback:
    return feedback.model_copy(update={"comment": act.body.comment})


def _contested(feedback: Feedback, act: Act) -> Feedback:
    contest = Contest(reason=act.body.reason, officer=act.caller.officer, at=act.at)
    return feedback.model_copy(update={"contests": (*feedback.contests, contest)})


def _responded(feedback: Feedback, act: Act) -> Feedback:
    body: Respond = act.body
    said = Response(text=body.text, corrected=body.effects is not None, officer=act.caller.officer, at=act.at)
    update = {"responses": (*feedback.responses, said), "effects": body.effects or feedback.effects}
    return feedback.model_copy(update=update)


def _closed(feedback: Feedback, act: Act) -> Feedback:
    return feedback.model_copy(update={"reason": act.body.reason})


_MARK_OVERDUE = Row(SYS, None, "feedback.overdue", guards=(day_has_passed,), effect=marked_overdue, awaited=False)

TABLE: dict[tuple[FeedbackState, FeedbackAction], Row] = {
    (S.DUE, A.SEND): Row(REQ, S.SENT, "feedback.sent", guards=(_names_an_outcome,), effect=_sent, filing=F_EFFECT),
    (S.SENT, A.ACKNOWLEDGE): Row(PRO, S.ACKNOWLEDGED, "feedback.acknowledged", effect=_acknowledged),
    (S.SENT, A.CONTEST): Row(PRO, S.CONTESTED, "feedback.contested", effect=_contested),
    (S.CONTESTED, A.RESPOND): Row(
        REQ, S.SENT, "feedback.responded", guards=(_corrects_with_an_outcome,), effect=_responded
    ),
    (S.CONTESTED, A.CLOSE): Row(MIO, S.CLOSED, "feedback.closed", effect=_closed, awaited=False),
    **{(state, A.MARK_OVERDUE): _MARK_OVERDUE for state in FeedbackState if state not in TERMINAL},
}
SYSTEM_ACTIONS = (A.MARK_OVERDUE,)

FEEDBACK: Machine[Feedback] = Machine(
    name="effect_feedback",
    table=TABLE,
    relations=relations,
    initial=S.DUE,
    terminal=TERMINAL,
)
