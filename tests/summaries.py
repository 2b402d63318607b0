"""Published entries as they stand in the list, for rules that look at many of them."""

from typing import Any

from services.catalog.search import Summary

FIRST = "2026-11-23T00:00:00Z"


def entry(place: int, title: str, unit: str, items: tuple[str, ...] | list[str] = (), **said: Any) -> Summary:
    """Return a published entry that says nothing else; a smaller place is older."""
    nothing = dict.fromkeys(Summary.model_fields)
    rest = {"legacy": False, "nobodys": False, "updated": "2026-11-23", "score": 0, "missing": (), "heard_at": FIRST}
    own = {"id": f"{place:05}", "title": title, "provider": unit, "provider_name": unit, "items": items}
    return Summary.model_validate(nothing | rest | own | said)
