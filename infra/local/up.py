"""`make up`: every step from nothing to a running stack with the sample loaded, told with its time."""

import time
from collections.abc import Callable
from pathlib import Path

from infra.local import emulator, issuer, localstack
from infra.local.deploy import Deployment, deploy
from infra.local.flow import wait_until_quiet
from infra.local.home import HOME, ROOT, LocalStackError, make_private, write_record
from infra.local.places import Kind, place_at

Say = Callable[[str], None]

SAMPLE = ROOT / "data" / "beijing_catalogue.jsonl"
LOADER = {"org": "informatization_office", "roles": ("officer", "approver", "administrator"), "sub": "sample-loader"}


def teller() -> Say:
    """Return a function that prints a line with the seconds since now in front."""
    begun = time.monotonic()
    return lambda line: print(f"[{time.monotonic() - begun:5.1f}s] {line}", flush=True)


def up(port: int, kind: Kind, *, home: Path = HOME, say: Say | None = None) -> None:
    """Start what does not run, deploy what changed, load what is missing. Raises LocalStackError in plain words."""
    say = say or teller()
    make_private(home)
    endpoint = start(port, kind, home, say)
    deployment = deploy(endpoint, home=home, say=say)
    _remember(deployment, port, kind, home)
    keep_policy(deployment, home, say)
    load(deployment, home, say)
    wait_until_quiet(deployment, say)
    say("nothing waits any more: every event is filed")
    print(_farewell(deployment))


def start(port: int, kind: Kind, home: Path, say: Say) -> str:
    """Return the endpoint of the emulator, started when it does not run yet."""
    if kind is Kind.LOCALSTACK:
        endpoint = localstack.start(port)
        place_at(endpoint)
        say(f"LocalStack answers at {endpoint}")
        return endpoint
    if emulator.left_over(home):
        say("an earlier run ended without `make down`; clearing what it left")
    known = emulator.running(home)
    started = emulator.start(port, home)
    say(f"emulator {'runs already' if known else 'started'}: {started.endpoint}, pid {started.pid}")
    return started.endpoint


def load(deployment: Deployment, home: Path, say: Say) -> None:
    """Send the catalogue sample through the API; entries that are there already are passed over."""
    from tools.govshare.failures import Refused, Unusable  # noqa: PLC0415 - the command line knows this package too
    from tools.govshare.loading import load_catalogue  # noqa: PLC0415

    say(f"loading {SAMPLE.relative_to(ROOT)}")
    token = issuer.mint(home, **LOADER)  # type: ignore[arg-type]  # the table above
    try:
        report = load_catalogue(deployment.api, token, SAMPLE, lambda done, total: say(f"sent {done} of {total}"))
    except (Refused, Unusable) as error:
        raise LocalStackError(str(error)) from error
    say(f"{report.imported} entries are new, {report.unchanged} were there already")
    if report.refused:
        first = report.refused[0]
        raise LocalStackError(f"{len(report.refused)} entries were refused; line {first.line}: {first.reason}")


def keep_policy(deployment: Deployment, home: Path, say: Say) -> None:
    """Write the policy that names the log's key, which everything is verified with."""
    from tools.govshare.policy import log_policy  # noqa: PLC0415 - the command line knows this package too

    policy = log_policy(deployment.outputs["AuditSignerFunction"], deployment.endpoint)
    (home / "policy.txt").write_text(policy, encoding="utf-8")
    say("the log's key is pinned in .local/policy.txt")


def _remember(deployment: Deployment, port: int, kind: Kind, home: Path) -> None:
    """Write what the command line, the story and the tests need to find the stack."""
    record = {
        "endpoint": deployment.endpoint,
        "api": deployment.api,
        "stack": deployment.name,
        "outputs": deployment.outputs,
        "issuer": issuer.ISSUER,
        "kind": kind,
        "port": port,
    }
    write_record(home / "stack.json", record)


def _farewell(deployment: Deployment) -> str:
    return f"""
GovShare runs.
  API      {deployment.api}
  a token  ./govshare token --org informatization_office --role officer
  next     make demo"""
