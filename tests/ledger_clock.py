"""The clock of all functions in a world of the ledger: it goes on when it is looked at, so that runs are the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from tests.filing import NOON


@dataclass
class Clock:
    """The clock of all functions: each look at it is a millisecond later, unless it `jumps`."""

    moment: datetime = NOON

    def now(self, _: tzinfo) -> datetime:
        """Return the present moment."""
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def jump(self, minutes: float) -> None:
        """Go wrong, or be put right."""
        self.moment += timedelta(minutes=minutes)


CLOCK = Clock()


def restart_clock() -> None:
    """Let the clock of all functions show what it shows at the beginning of every story."""
    CLOCK.moment = NOON + timedelta(days=1)
