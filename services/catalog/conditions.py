"""What a share condition must not be: an obstacle to sharing, or the bare word "sensitive"."""

from collections.abc import Iterator

from services.catalog.metadata import Metadata
from services.shared.errors import Problem
from services.shared.obstructions import Obstructions, obstacles_in, obstructions, said_beside_no_reason

__all__ = ["Obstructions", "condition_faults", "faults_of", "obstructions"]


def condition_faults(metadata: Metadata) -> Iterator[Problem]:
    """Yield a problem for each way in which the share condition is none that may be set (Decree 809, S-013)."""
    if metadata.share_condition is None:
        return
    for detail in faults_of(metadata.share_condition):
        yield Problem(pointer="/share_condition", detail=detail)


def faults_of(condition: str) -> Iterator[str]:
    """Yield, in both languages, what is wrong with a condition's words."""
    if not said_beside_no_reason(condition):
        told = obstructions().no_reason
        yield f"{told.zh} / {told.en}"
    yield from obstacles_in(condition)
