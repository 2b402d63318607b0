"""What must hold of a request's clock: when more time is asked for, a silence recorded, a day marked as over."""

from services.requests.guards import Faults
from services.requests.request import Request
from services.shared.clocks import rule_of
from services.shared.errors import Problem
from services.shared.lifecycle import Act, Party


def extension_is_asked_once(request: Request, _: Act) -> Faults:
    """A reply is put off once, while its clock runs, where its rule allows for that (R7)."""
    clock = request.clock
    if request.extension is not None:
        yield Problem(pointer="/reason", detail="an extension of this reply was asked for before")
    if clock is None or clock.due is None:
        yield Problem(pointer="/reason", detail="this reply has no day on which it is due")
    elif clock.overdue_since is not None:
        yield Problem(pointer="/reason", detail="this reply is overdue; an extension is asked for before that")
    elif (rule := rule_of(clock.clock, clock.profile)) is None or rule.extension is None:
        yield Problem(pointer="/reason", detail=f"规则 {clock.clock} 不可延长 / rule {clock.clock} has no extension")


def clock_gives_no_day(request: Request, _: Act) -> Faults:
    """Where a clock has a number, it tells of silence by itself (I3)."""
    if request.clock is None or request.clock.due is not None:
        yield Problem(pointer="/comment", detail="this reply has a day on which it is due: the clock itself will tell")
    elif request.clock.overdue_since is not None:
        yield Problem(pointer="/comment", detail="the silence is recorded already")


def reply_is_overdue(request: Request, _: Act) -> Faults:
    """Without a round or a refusal, only a provider past its clock can be brought to the table (I3)."""
    if request.clock is None or request.clock.overdue_since is None:
        yield Problem(
            pointer="/reason",
            detail="双方尚未协商 / the two have not negotiated: there is no answer, and none is overdue",
        )


def day_has_passed(request: Request, act: Act) -> Faults:
    """The day on which the act is due is over (I6: that is marked and told, and decides nothing)."""
    if request.wakes_at is None or act.at <= request.wakes_at:
        yield Problem(pointer="/clock", detail="it is not overdue")


def decides_extension(request: Request) -> frozenset[Party]:
    """Return who has an extension to decide: the office, while one is asked for."""
    waits = request.extension is not None and request.extension.granted is None
    return frozenset({Party.OFFICE}) if waits else frozenset()
