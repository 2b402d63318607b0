"""What callers send: whether a body is JSON at all, and a validator's faults as problems with pointers into it.

Knows no route and no status.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from services.shared.errors import Invalid, NotFound, Problem, UnsupportedMedia

LONGEST_PATH = 1000  # bytes; an id becomes part of a key, and DynamoDB's sort key holds 1,024
JSON_TYPES = frozenset({"", "application/json"})
DEEPEST = 100  # levels of objects and lists; what we take has six
TOO_DEEP = "nested too deeply"
OBJECT = "send a JSON object"
# pydantic speaks of Python's types; a caller sends JSON.
SAYINGS = {
    "model_attributes_type": OBJECT,
    "model_type": OBJECT,
    "dict_type": OBJECT,
    "extra_forbidden": "there is no such field",
}


def check_request(event: Mapping[str, Any], content_type: str | None) -> None:
    """Return when an API Gateway request can be read at all.

    Raises NotFound for an address longer than any id, UnsupportedMedia for a body that is not said to be JSON,
    Invalid for one that is not JSON (RFC 8259: NaN and Infinity are not, either) or no object.
    """
    if len(event["path"].encode()) > LONGEST_PATH:
        raise NotFound("there is nothing at this address")
    if not event.get("body"):
        return
    if (content_type or "").partition(";")[0].strip() not in JSON_TYPES:
        raise UnsupportedMedia("send application/json")
    sent = _read(event)
    if _is_deeper(sent, DEEPEST):  # where an interpreter itself gives up differs from one to the next
        raise _no_json(TOO_DEEP)
    # Powertools would take a list of one object for the object itself.
    if not isinstance(sent, dict | None):
        raise Invalid("the request is not valid", [Problem(pointer="", detail=OBJECT)])


def problems_of(faults: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Return pydantic's faults as problems: pointers into the body, or into `/query`, `/path` and `/header`."""
    return [Problem(pointer=_pointer(fault["loc"]), detail=_words(fault)) for fault in faults]


def _read(event: Mapping[str, Any]) -> object:
    try:
        sent = base64.b64decode(event["body"], validate=True) if event.get("isBase64Encoded") else event["body"]
        read: object = json.loads(sent, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise _no_json(f"{error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise _no_json(TOO_DEEP) from error
    except ValueError as error:
        # Python's own words for a long number advise on the interpreter.
        raise _no_json("a number has too many digits" if "digits" in str(error) else "not UTF-8 text") from error
    return read


def _is_deeper(value: object, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [part for each in level for part in _parts(each)]
    return any(isinstance(each, dict | list) for each in level)


def _parts(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _refuse(constant: str) -> NoReturn:
    raise _no_json(f"{constant} is not a number in JSON")


def _no_json(fault: str) -> Invalid:
    return Invalid("the body is not JSON", [Problem(pointer="", detail=fault)])


def _pointer(loc: Sequence[object]) -> str:
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in loc]
    return "".join(f"/{part}" for part in (parts[1:] if parts[:1] == ["body"] else parts))


def _words(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "missing" and list(fault["loc"]) == ["body"]:
        return OBJECT
    return SAYINGS.get(fault["type"], str(fault["msg"]).removeprefix("Value error, "))
