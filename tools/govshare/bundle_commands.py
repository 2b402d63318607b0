"""The commands of sealed evidence: make a bundle for an accountability case, seal it, verify it.

Words and exit codes only.
"""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.audit.verify.bundle import BundleVerdict, verify_bundle, verify_contents
from services.audit.verify.bundle_index import ERASED, NOT_READABLE, CaseLine
from tools.govshare.bags import read_bag, write_bag
from tools.govshare.bundles import Inquiry, Trust, check_inquiry, gather, seal
from tools.govshare.client import Api
from tools.govshare.evidence import read_policy
from tools.govshare.failures import Refused, Unusable
from tools.govshare.running import address_of
from tools.govshare.verify_commands import CODES, AsJson, printable, said, say

ApiAddress = Annotated[
    str | None, typer.Option("--api", help="The API's base address; default: the stack running here")
]
Token = Annotated[
    str | None, typer.Option(envvar="GOVSHARE_TOKEN", help="The reader's bearer token; default: one of the office")
]
PolicyFile = Annotated[Path, typer.Option(help="Whom you trust, from your own keeping, as `govshare policy` writes it")]


def add_to(app: typer.Typer, verify: typer.Typer) -> None:
    """Add the commands to a command line and to its group `verify`."""
    app.command("evidence-bundle")(make_bundle)
    app.command("evidence-seal")(seal_bundle)
    verify.command("bundle", epilog=CODES)(check_bundle)


def make_bundle(  # noqa: PLR0913 - a bundle is for this much
    cases: Annotated[list[str], typer.Argument(help="The cases to show", metavar="CASE...")],
    *,
    out: Annotated[Path, typer.Option(help="The zip to write; it must not exist")],
    accountability_case: Annotated[str, typer.Option(help="The accountability case's reference")],
    ground: Annotated[str, typer.Option(help="duty: not carried out; leak: secrets let out")],
    unit: Annotated[list[str], typer.Option(help="A unit under inquiry; may be given again")],
    policy: PolicyFile,
    api: ApiAddress = None,
    token: Token = None,
) -> None:
    """Gather and verify all that you may see of cases, and seal it for an accountability case. 封存问责证据包。"""
    inquiry = Inquiry(accountability_case, ground, tuple(unit), tuple(cases))
    check_inquiry(inquiry)
    if out.exists():
        raise Unusable(f"{out} is there already")
    trust = Trust(read_policy(policy), policy.read_bytes())
    with closing(Api(*address_of(api, token))) as client:
        write_bag(out, gather(client, inquiry, trust, datetime.now(UTC)))
        _seal(client, out, trust)


def seal_bundle(
    bundle: Annotated[Path, typer.Argument(help="A bundle that `evidence-bundle` could not seal", metavar="FILE")],
    policy: PolicyFile,
    api: ApiAddress = None,
    token: Token = None,
) -> None:
    """Seal a bundle that was made and is not sealed yet; one that the ledger knows is not sealed twice. 补封证据包。"""
    trust = Trust(read_policy(policy, bundle), b"")
    verify_contents(read_bag(bundle), trust.policy)
    with closing(Api(*address_of(api, token))) as client:
        _seal(client, bundle, trust)


def check_bundle(
    bundle: Annotated[Path, typer.Argument(help="A bundle, zipped or unpacked", metavar="FILE|DIR")],
    policy: PolicyFile,
    as_json: AsJson = False,
) -> None:
    """Verify a sealed bundle: every file, entry, receipt, proof, payload, and the seal. 验证问责证据包。"""
    with said(as_json):
        trusted = read_policy(policy, bundle)
        proven = verify_bundle(read_bag(bundle), trusted)
    say(_sentence(proven), proven, as_json)


def _seal(client: Api, bundle: Path, trust: Trust) -> None:
    try:
        sealed = seal(client, read_bag(bundle), trust.policy)
    except Refused as error:
        raise Refused(f"{error}; {bundle} is not sealed, `govshare evidence-seal {bundle}` goes on") from error
    write_bag(bundle, sealed)
    print(printable(f"sealed: {_sentence(verify_bundle(read_bag(bundle), trust.policy))}, in {bundle}"))


def _sentence(proven: BundleVerdict) -> str:
    contents, index, checkpoint = proven.contents, proven.contents.index, proven.contents.checkpoint
    cases = ", ".join(f"case {case.case} ({_entries(case)})" for case in index.cases)
    not_there = f"{contents.payloads(ERASED)} erased, {contents.payloads(NOT_READABLE)} not for its maker to read"
    return (
        f"evidence for {index.accountability_case} ({index.ground}), made by {index.organisation} at {index.made_at}, "
        f"{index.entries} entries under checkpoint {checkpoint.size} of {checkpoint.origin}: {cases}; "
        f"payloads: {contents.payloads()} there, {not_there}; sealed by entry {proven.seal.index}"
    )


def _entries(case: CaseLine) -> str:
    """Return which entries of a case are there, so that a gap is seen."""
    runs = (f"{first}" if first == last else f"{first} to {last}" for first, last in case.runs)
    return f"entries {', '.join(runs)}"
