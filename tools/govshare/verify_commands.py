"""The commands that verify evidence offline: no network, no AWS. Words and exit codes only.

Exit codes: 0 verified; 1 not verified; 2 unusable input: a file that is not there, a policy that is none, or one that
came with the evidence.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.audit.verify.errors import NotVerified
from services.audit.verify.spelling import write_base64
from tools.govshare import evidence

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CODES = "Exit codes: 0 verified; 1 not verified; 2 unusable input, or a policy that came with the evidence."

PolicyFile = Annotated[
    Path,
    typer.Option(help="The policy with the log's key, as `govshare policy` writes it; kept apart from the evidence"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the verdict, or the refusal, as JSON")]
FirstEntry = Annotated[
    int, typer.Option("--from", min=1, help="The first entry you may read: a provider sees a case from its submission")
]
LogFolder = Annotated[Path, typer.Argument(help="The folder that `govshare export-log` wrote", metavar="DIR")]
Since = Annotated[
    Path | None,
    typer.Option(help="An older checkpoint that you kept: the log must still begin with it", metavar="FILE"),
]


def add_to(app: typer.Typer) -> typer.Typer:
    """Add the group `verify` to a command line, and return it for others to add to."""
    verify = typer.Typer(
        help="Verify evidence offline: no network, no AWS. 离线验证存证。",
        epilog=CODES,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    verify.command("receipt", epilog=CODES)(verify_receipt)
    verify.command("case", epilog=CODES)(verify_case)
    verify.command("log", epilog=CODES)(verify_log)
    verify.command("consistency", epilog=CODES)(verify_consistency)
    app.add_typer(verify, name="verify")
    return verify


def verify_receipt(
    receipt: Annotated[Path, typer.Argument(help="The receipt, a .tlog-proof file")],
    entry: Annotated[Path, typer.Option(help="The entry's canonical bytes")],
    policy: PolicyFile,
    as_json: AsJson = False,
) -> None:
    """Verify that an entry is filed, and say with whom. 验证回执。"""
    with said(as_json):
        proven = evidence.verify_file(receipt, entry, evidence.read_policy(policy, receipt, entry))
    filed = f", filed with {proven.filing.authority} as {proven.filing.kind}" if proven.filing else ""
    say(f"entry {proven.index} of {proven.origin}, under its checkpoint {proven.size}{filed}", proven, as_json)


def verify_case(
    folder: Annotated[Path, typer.Argument(help="The folder that `govshare evidence` wrote", metavar="DIR")],
    policy: PolicyFile,
    first: FirstEntry = 1,
    as_json: AsJson = False,
) -> None:
    """Verify that a case's entries are filed, unchanged, none missing in between. 验证案卷。"""
    with said(as_json):
        proven = evidence.verify_folder(folder, evidence.read_policy(policy, folder), first=first)
    last = proven.first + len(proven.verdicts) - 1
    say(f"case {proven.case}, entries {proven.first} to {last}, none missing between", proven, as_json)


def verify_log(folder: LogFolder, policy: PolicyFile, since: Since = None, as_json: AsJson = False) -> None:
    """Verify a whole log: every entry, case, tile and checkpoint, the archived ones too. 验证整个日志。"""
    with said(as_json):
        trusted = evidence.read_policy(policy, folder)
        older = None if since is None else evidence.kept_apart(since, folder)
        proven = evidence.verify_folder_log(folder, trusted, since=older)
    told = f"{proven.size} entries of {proven.cases} cases, {proven.checkpoints} archived checkpoints"
    begun = "" if proven.since is None else f", begins with the older checkpoint of {proven.since}"
    say(f"log {proven.origin}, {told}, root {write_base64(proven.root)}{begun}", proven, as_json)


def verify_consistency(
    old: Annotated[Path, typer.Argument(help="The older checkpoint")],
    new: Annotated[Path, typer.Argument(help="The newer checkpoint")],
    log: Annotated[
        Path, typer.Option(help="The folder with the log's tiles, which need not be trusted", metavar="DIR")
    ],
    policy: PolicyFile,
    as_json: AsJson = False,
) -> None:
    """Verify that the log of one checkpoint begins with that of an older one. 验证日志只增不改。"""
    with said(as_json):
        proven = evidence.verify_growth(old, new, log, evidence.read_policy(policy, old, new, log))
    say(f"the log {proven.origin} of {proven.size} entries begins with that of {proven.old_size}", proven, as_json)


def printable(text: str) -> str:
    """Return what may be shown on a terminal: others' evidence may hold letters that steer it."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def say(sentence: str, verdict: "DataclassInstance", as_json: bool) -> None:
    """Tell what is verified: a sentence, or the verdict as JSON."""
    print(_json(True, asdict(verdict)) if as_json else printable(f"verified: {sentence}"))


@contextmanager
def said(as_json: bool) -> Iterator[None]:
    """Tell a refusal on standard output as well where JSON is asked for."""
    try:
        yield
    except NotVerified as error:
        if as_json:
            print(_json(False, {"reason": str(error)}))
        raise


def _json(verified: bool, told: dict[str, Any]) -> str:
    return json.dumps({"verified": verified} | told, default=write_base64, ensure_ascii=False)
