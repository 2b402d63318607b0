"""What the two templates promise each other, the code and the operator."""

import importlib
import json
import re
from pathlib import Path

import grimp
import pytest

from services.shared.http import PROBLEM
from tests.repository.templates import DATA, FUNCTIONS, QUEUES, ROOT, SUITE, Json, imported, of_type
from tools.openapi import document

ALARMS = of_type(SUITE, "AWS::CloudWatch::Alarm")
EVENTS = [(name, event) for name, function in FUNCTIONS.items() for event in function.get("Events", {}).values()]


def variables(function: Json) -> set[str]:
    return set(SUITE["Globals"]["Function"]["Environment"]["Variables"]) | set(function["Environment"]["Variables"])


def reads(module: str) -> set[str]:
    path = ROOT / Path(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return set(re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', source.read_text()))


@pytest.mark.parametrize("module", sorted({f["Handler"].rpartition(".")[0] for f in FUNCTIONS.values()}))
def test_every_variable_that_a_function_reads_is_set_for_it_and_no_other(module: str) -> None:
    used = grimp.build_graph("services").find_upstream_modules(module) | {module}
    read = {name for each in used for name in reads(each)}

    given = {n for f in FUNCTIONS.values() if f["Handler"].rpartition(".")[0] == module for n in variables(f)}

    assert read - given == set()
    assert {name for name in given - read if not name.startswith("POWERTOOLS_")} == set()


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_handler_exists(function: Json) -> None:
    module, _, name = function["Handler"].rpartition(".")

    assert callable(getattr(importlib.import_module(module), name))


def test_every_route_of_the_apps_is_in_the_template_and_no_other() -> None:
    routed = {
        (event["Properties"]["Path"].replace("+}", "}"), event["Properties"]["Method"])
        for _, event in EVENTS
        if event["Type"] == "Api"
    }

    assert routed == {(path, method) for path, methods in document()["paths"].items() for method in methods}


def test_every_queue_has_dead_letters_or_is_where_they_lie() -> None:
    targets = {name: q["RedrivePolicy"]["deadLetterTargetArn"] for name, q in QUEUES.items() if "RedrivePolicy" in q}
    dead = {target["Fn::GetAtt"][0] for target in targets.values()}

    assert targets.keys() | dead | {"RelayFailures"} == set(QUEUES)
    assert dead == {f"{name}DeadLetters" for name in targets}


def test_every_place_of_dead_letters_has_an_alarm_on_its_depth() -> None:
    watched = {
        imported(alarm["Dimensions"]): alarm
        for alarm in ALARMS.values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }

    dead = {f"{name}Name" for name, queue in QUEUES.items() if "RedrivePolicy" not in queue}
    assert watched.keys() == dead
    assert {alarm["Threshold"] for alarm in watched.values()} == {0}


def test_every_alarm_tells_somebody_and_has_its_heading_in_the_operations_manual() -> None:
    headings = set(re.findall(r"^### (\w+Alarm)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))

    assert headings == ALARMS.keys()
    assert all("AlarmTopic" in json.dumps(alarm["AlarmActions"]) for alarm in ALARMS.values())


def test_a_message_stays_hidden_for_six_times_as_long_as_its_function_may_run() -> None:
    longest = SUITE["Globals"]["Function"]["Timeout"]
    heard = [(name, event["Properties"]["Queue"]) for name, event in EVENTS if event["Type"] == "SQS"]
    queues = {imported(queue).removesuffix("Arn"): FUNCTIONS[name].get("Timeout", longest) for name, queue in heard}

    assert queues.keys() == {name for name, queue in QUEUES.items() if "RedrivePolicy" in queue}
    assert all(QUEUES[name]["VisibilityTimeout"] >= 6 * seconds for name, seconds in queues.items())


def test_the_relay_hears_of_new_events_of_each_table_alone_and_never_gives_up_in_silence() -> None:
    streams = [event["Properties"] for _, event in EVENTS if event["Type"] == "DynamoDB"]

    assert {imported(s["Stream"]) for s in streams} == {f"{t}Stream" for t in of_type(DATA, "AWS::DynamoDB::Table")}
    for stream in streams:
        assert json.loads(stream["FilterCriteria"]["Filters"][0]["Pattern"]) == {
            "eventName": ["INSERT"],
            "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "EVENT#"}]}}},
        }
        assert stream["BisectBatchOnFunctionError"] is True
        assert stream["MaximumRetryAttempts"] > 0
        assert imported(stream["DestinationConfig"]["OnFailure"]) == "RelayFailuresArn"


def test_every_import_names_an_export_of_the_data_stack() -> None:
    imports = set(re.findall(r"\$\{DataStack\}-(\w+)", json.dumps(SUITE)))
    exports = {
        out["Export"]["Name"]["Fn::Sub"].partition("-")[2] for out in DATA["Outputs"].values() if "Export" in out
    }

    assert imports - exports == set()


@pytest.mark.parametrize("kind", SUITE["Resources"]["Api"]["Properties"]["GatewayResponses"])
def test_every_answer_of_the_gateway_itself_is_a_problem(kind: str) -> None:
    answer = SUITE["Resources"]["Api"]["Properties"]["GatewayResponses"][kind]
    body = json.loads(answer["ResponseTemplates"]["application/json"].replace(":$context.error.messageString", ':"m"'))

    assert answer["ResponseParameters"]["Headers"]["Content-Type"] == f"'{PROBLEM}'"
    assert {"type", "title", "detail", "errors"} <= body.keys()
    assert body.get("status") == answer.get("StatusCode")
