"""The commands: what is asked for on the command line, and the words and the exit code that come back."""

import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.local.home import HOME
from services.shared.callers import Claim
from services.shared.working_days import BEIJING, TABLE
from tools.govshare import (
    bundle_commands,
    evaluating,
    evidence,
    export_commands,
    ledger_commands,
    loading,
    verify_commands,
    witness_commands,
)
from tools.govshare.calendar import write_year
from tools.govshare.client import Api
from tools.govshare.failures import EXIT_CODES, NOT_DONE
from tools.govshare.older import column_files
from tools.govshare.policy import log_policy
from tools.govshare.redrive import redrive
from tools.govshare.reindex import reindex
from tools.govshare.running import HOUR, address_of, local_token, running_stack

SETTINGS: dict[str, Any] = {"pretty_exceptions_enable": False, "no_args_is_help": True, "add_completion": False}
CODES = "Exit codes: 0 done or verified; 1 not verified, or refused by who was asked; 2 unusable input."
app = typer.Typer(help="GovShare from the command line. 政务信息资源共享命令行。", epilog=CODES, **SETTINGS)
verify = verify_commands.add_to(app)
evaluate = typer.Typer(help="Measure search and duplicate check on your own files. 检索与查重评测。", **SETTINGS)
app.add_typer(evaluate, name="evaluate")
export_commands.add_to(app)
bundle_commands.add_to(app, verify)
ledger_commands.add_to(app)
witness_commands.add_to(app)
PRINTED = Console(soft_wrap=True, highlight=False, markup=False)

ApiAddress = Annotated[
    str | None, typer.Option("--api", help="The API's base address; default: the stack running here")
]
Token = Annotated[
    str | None, typer.Option(envvar="GOVSHARE_TOKEN", help="A bearer token; default: one of the office, of this stack")
]
CatalogueFile = Annotated[Path, typer.Option(help="Rows of an older catalogue, one a line, as JSON")]
QueryFile = Annotated[
    Path, typer.Option(help='Judged queries, a line each: {"qid", "type", "query", "relevant": [ids]}')
]
PairFile = Annotated[Path, typer.Option(help='Labelled pairs, one a line: {"a", "b", "duplicate": 0 or 1}')]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
OWN_AWS = "your own AWS credentials are used instead of the stack running here"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. What cannot be done is said in one sentence on standard error."""
    try:
        app(args=arguments, standalone_mode=True, prog_name="govshare")
    except SystemExit as done:
        return int(done.code or 0)
    except tuple(EXIT_CODES) as error:
        print(verify_commands.printable(str(error)), file=sys.stderr)
        return next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))
    return 0


@app.command()
def token(
    org: Annotated[str, typer.Option(help="The organisation's code, e.g. transport_commission or 110107")],
    role: Annotated[list[Claim], typer.Option(help="What the officer may do; may be given again")],
    sub: Annotated[str | None, typer.Option(help="The officer's id; default: made of organisation and role")] = None,
    ttl: Annotated[int, typer.Option(min=1, help="How long it lasts, in seconds")] = HOUR,
) -> None:
    """Print a token of the local issuer."""
    print(local_token(HOME, organisation=org, roles=role, officer=sub, ttl_seconds=ttl))


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="One row of an older catalogue a line, as JSON")],
    api: ApiAddress = None,
    token: Token = None,
    columns: Annotated[
        Path | None, typer.Option(help="Column files, one a line, as JSON: types and lengths of data items")
    ] = None,
) -> None:
    """Import an older catalogue; safe to run again. Exits with 1 when a row was refused."""
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    measured = column_files(columns) if columns else None
    with Progress(*shown, console=Console(stderr=True)) as bar:
        task = bar.add_task(file.name, total=None)
        report = loading.load_catalogue(
            *address_of(api, token),
            file,
            lambda done, rows: bar.update(task, completed=done, total=rows),
            columns=measured,
        )
    print(f"{report.imported} imported, {report.unchanged} unchanged, {len(report.refused)} refused")
    for row in report.refused:
        PRINTED.print(f"{file}:{row.line}: {row.reason}")
    if report.refused:
        raise typer.Exit(NOT_DONE)


@app.command("evidence")
def fetch_evidence(
    case: Annotated[str, typer.Argument(help="The case: the id of a request, or of a catalogue entry")],
    out: Annotated[Path, typer.Option(help="The folder to write to")],
    api: ApiAddress = None,
    token: Token = None,
    witnessed: Annotated[
        bool, typer.Option("--witnessed", help="Receipts that the quorum vouches for, as a policy with witnesses wants")
    ] = False,
) -> None:
    """Download a case's entries and receipts, for `verify case`."""
    with closing(Api(*address_of(api, token))) as client:
        numbers = evidence.download(client, case, out, witnessed=witnessed)
    print(f"entries {numbers[0]} to {numbers[-1]} of the case, with their receipts, in {out}")


@evaluate.command("search")
def measure_search(catalogue: CatalogueFile, queries: QueryFile, as_json: AsJson = False) -> None:
    """Print recall@10, MRR and nDCG@10 of judged queries, overall and by their type."""
    report = evaluating.evaluate_search(catalogue, queries)
    if as_json:
        print(report.model_dump_json(indent=2, by_alias=True))
        return
    table = Table("type", "queries", "recall@10", "MRR", "nDCG@10")
    for kind, each in {**report.by_type, "overall": report.overall}.items():
        table.add_row(kind, str(each.queries), *map(_share, (each.recall_at_10, each.mrr, each.ndcg_at_10)))
    PRINTED.print(table)


@evaluate.command("duplicates")
def measure_duplicates(catalogue: CatalogueFile, pairs: PairFile, as_json: AsJson = False) -> None:
    """Print precision, recall and F1 at the shipped threshold, average precision, and how often a check finds both."""
    report = evaluating.evaluate_duplicates(catalogue, pairs)
    if as_json:
        print(report.model_dump_json(indent=2, by_alias=True))
        return
    table = Table("measure", "value")
    for name, value in report.model_dump(by_alias=True).items():
        table.add_row(name.replace("_", " "), str(value) if isinstance(value, int) else _share(value))
    PRINTED.print(table)


@app.command("reindex")
def make_index_anew(
    function: Annotated[str | None, typer.Option(help=f"The indexing function on AWS; {OWN_AWS}")] = None,
) -> None:
    """Make the search index anew from the catalogue's table. 从目录库重建检索索引。"""
    if function is None:
        stack = running_stack()
        version = reindex(stack.outputs["CatalogIndexFunction"], stack.endpoint)
    else:
        version = reindex(function)
    print(f"the index knows all changes up to number {version}")


@app.command("policy")
def write_policy(
    out: Annotated[Path | None, typer.Option(help="The file to write; default: standard output")] = None,
    function: Annotated[str | None, typer.Option(help=f"The signing function on AWS; {OWN_AWS}")] = None,
) -> None:
    """Write whom a verifier of this log must trust: its key (c2sp.org/tlog-policy)."""
    if function is None:
        stack = running_stack()
        text = log_policy(stack.outputs["AuditSignerFunction"], stack.endpoint)
    else:
        text = log_policy(function)
    if out is None:
        print(text, end="")
    else:
        out.write_text(text)


@app.command("calendar")
def write_calendar(
    year: Annotated[int, typer.Option(min=2004, help="A year whose days off have been announced")],
    table: Annotated[Path, typer.Option(help="The table to write to")] = TABLE,
) -> None:
    """Write a year's days off and make-up workdays into the table of working days. 写入节假日与调休。"""
    made = write_year(year, datetime.now(BEIJING).date(), table)
    print(f"{year}: {len(made.rest)} days off, {len(made.work)} days made up, from {made.source}")


@app.command("redrive")
def move_dead_letters(
    queue: Annotated[
        str, typer.Argument(help="The queue that gets them back: AuditQueue, ...; on AWS its name or URL")
    ],
    aws: Annotated[bool, typer.Option("--aws", help=f"On AWS: {OWN_AWS}")] = False,
) -> None:
    """Move a queue's dead letters back into it, once their cause is mended."""
    if aws:
        moved = redrive(queue)
    else:
        stack = running_stack()
        moved = redrive(stack.outputs.get(f"{queue}Url", queue), stack.endpoint)
    print(f"{moved} messages moved back to {queue}")


def _share(value: float) -> str:
    return f"{value:.3f}"
