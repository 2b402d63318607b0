"""The verifier is a small library: it runs with the standard library, `cryptography` and `rfc8785` and nothing else."""

from pathlib import Path

import pytest

from tests.alone import run_alone
from tests.unit.ledger_makers import LOG, a_case, a_receipt
from tests.unit.log_makers import a_small_log

SCRIPT = """
import importlib, pathlib, sys
import services.audit.verify

for module in sorted(pathlib.Path("services/audit/verify").glob("*.py")):
    importlib.import_module(f"services.audit.verify.{module.stem}")

from services.audit.verify.directory import log_in
from services.audit.verify.entry import verify_case
from services.audit.verify.log import verify_log
from services.audit.verify.policy import trust_log
from services.audit.verify.receipt import verify_receipt

place, policy = pathlib.Path(sys.argv[1]), trust_log(sys.argv[2])
entries, receipts = ([(place / f"case/{n}.{kind}").read_bytes() for n in range(3)] for kind in ("entry", "receipt"))
log = verify_log(log_in(place / "log"), policy, since=(place / "since").read_bytes())
case = verify_case(entries, receipts, policy)
receipt = verify_receipt(receipts[1], entries[1], policy)
print(log.size, log.since, case.case, len(case.verdicts), receipt.index)
"""


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """A log, a checkpoint of it that was kept, and a case with its receipts."""
    case, log = a_case(3), {f"log/{path}": body for path, body in a_small_log().items()}
    entries = {f"case/{number}.entry": entry for number, entry in enumerate(case)}
    receipts = {f"case/{number}.receipt": a_receipt(case, number) for number in range(3)}
    for path, body in (log | entries | receipts | {"since": a_small_log()["checkpoints/256"]}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(body)
    return tmp_path


def test_a_log_a_case_and_a_receipt_are_verified_with_two_libraries(evidence: Path, tmp_path: Path) -> None:
    assert run_alone(tmp_path / "elsewhere", SCRIPT, evidence, LOG.key.vkey) == "600 256 c-1 3 1\n"


@pytest.mark.parametrize("module", ["pydantic", "boto3", "services.shared.model", "services.audit.tiles"])
def test_the_test_would_see_another_import(module: str, tmp_path: Path) -> None:
    assert "is not there" in run_alone(tmp_path, f"import {module}\n")
