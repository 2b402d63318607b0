"""docs/events.md: every type of event with its producer, its consumers and its body, from the table in the code."""

from collections import defaultdict
from pathlib import Path

from services.shared.events import EVENT_TYPES, EventType
from services.shared.model import Model

HEAD = """# Events

Written from `services/shared/events.py`; do not edit. Every event but `filing.*` also goes to `audit`, which files it.
The envelope around each body is `Event` in the same module.

| type | made by | heard by | body |
|---|---|---|---|
"""


def pages() -> dict[Path, str]:
    """Return the page by its path from the repository's root."""
    return {Path("docs/events.md"): page()}


def page() -> str:
    """Return the table of event types, and below it the fields of each body."""
    rows = "".join(_row(name, kind) for name, kind in EVENT_TYPES.items())
    bodies: dict[type[Model], list[str]] = defaultdict(list)
    for name, kind in EVENT_TYPES.items():
        bodies[kind.body].append(name)
    return HEAD + rows + "".join(_body(model) for model in bodies)


def _row(name: str, kind: EventType) -> str:
    consumers = [*(["audit"] if not name.startswith("filing.") else []), *kind.consumers]
    return f"| `{name}` | {kind.producer} | {', '.join(consumers)} | {kind.body.__name__} |\n"


def _body(model: type[Model]) -> str:
    fields = "".join(f"- `{name}`: {_type_of(field.annotation)}\n" for name, field in model.model_fields.items())
    return f"\n## {model.__name__}\n\n{' '.join((model.__doc__ or '').split())}\n\n{fields}"


def _type_of(annotation: object) -> str:
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return str(annotation).replace("services.shared.event_bodies.", "").replace("datetime.", "")
