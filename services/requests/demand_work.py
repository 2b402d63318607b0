"""Lets a demand go on without anybody's word, as far as one does: it is marked when its day has passed (S-010)."""

from datetime import datetime

from services.requests.demand_steps import next_of_the_demand
from services.requests.demand_store import demand_store


def go_on(demand_id: str, at: datetime) -> int:
    """Take the step that a demand is ready for at an aware moment, if any; return how many.

    Raises Stale when somebody else moved it meanwhile, NotFound when there is none.
    """
    store = demand_store()
    demand = store.get(demand_id).record
    step = next_of_the_demand(demand, at)
    if step is None:
        return 0
    store.save_step(step, demand)
    return 1
