"""Lets a case go on as far as it can without anybody's word: what a receipt, an event or a day brings about."""

from datetime import datetime

from services.requests.by_itself import next_step
from services.requests.store import request_store

MOST_STEPS = 100  # of one case at once: more would be a step that does not end


def go_on(case: str, at: datetime) -> int:
    """Take every step that a case is ready for at an aware moment; return how many.

    Raises Stale when somebody else moved the case meanwhile, NotFound when there is none.
    """
    store = request_store()
    for taken in range(MOST_STEPS):
        step = next_step(store.get(case), at)
        if step is None:
            return taken
        store.save(step)
    raise RuntimeError(f"case {case} would go on for ever")
