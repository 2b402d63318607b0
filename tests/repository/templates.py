"""The two templates as plain values, for the tests of what they promise."""

import json
import re
from pathlib import Path
from typing import Any

from cfnlint.decode import decode  # type: ignore[import-untyped]  # cfn-lint ships no types

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]


def load(name: str) -> Json:
    template, problems = decode(str(ROOT / name))
    assert not problems
    plain: Json = json.loads(json.dumps(template))
    return plain


DATA, SUITE = load("infra/data.yaml"), load("template.yaml")


def of_type(template: Json, kind: str) -> dict[str, Json]:
    return {name: r["Properties"] for name, r in template["Resources"].items() if r["Type"] == kind}


FUNCTIONS = of_type(SUITE, "AWS::Serverless::Function")
QUEUES = of_type(DATA, "AWS::SQS::Queue")


def imported(value: object) -> str:
    """Return the name of the export that a value imports, without the data stack's name."""
    return str(re.findall(r"\$\{DataStack\}-(\w+)", json.dumps(value))[0])
