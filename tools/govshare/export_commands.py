"""The command that exports a log for others to verify. Words and exit codes only."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from tools.govshare.client import Api
from tools.govshare.evidence import read_policy
from tools.govshare.export_sources import ApiLog, BucketLog
from tools.govshare.exporting import Exported, Source, export_log
from tools.govshare.failures import Unusable
from tools.govshare.policy import log_policy
from tools.govshare.running import running_stack

OWN_AWS = "your own AWS credentials are used instead of the stack running here"
SHOWN = (TextColumn("{task.description}"), TextColumn("{task.completed} objects"), TimeElapsedColumn())


def add_to(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command("export-log")(export)


def export(
    folder: Annotated[Path, typer.Argument(help="The folder to write to; may hold an older export", metavar="DIR")],
    *,
    bucket: Annotated[str | None, typer.Option(help=f"The log's bucket on AWS, with --function; {OWN_AWS}")] = None,
    function: Annotated[str | None, typer.Option(help="The signing function on AWS, which tells the log's key")] = None,
    api: Annotated[
        str | None, typer.Option("--api", help="The API's base address, with --token and --policy, for overseers")
    ] = None,
    token: Annotated[str | None, typer.Option(envvar="GOVSHARE_TOKEN", help="A bearer token, with --api")] = None,
    policy: Annotated[Path | None, typer.Option(help="The policy with the log's key, with --api")] = None,
) -> None:
    """Write the whole log as files for `verify log` and any other verifier; safe to run again. 导出日志。"""
    if api is not None:
        if token is None or policy is None or bucket is not None or function is not None:
            raise Unusable("--api needs --token and --policy, and nothing else")
        with closing(Api(api, token)) as client, closing(ApiLog(client)) as source:
            read_policy(policy)
            _told(_export(source, folder, policy.read_bytes()), folder)
    elif policy is not None or (bucket is None) != (function is None):
        raise Unusable("name both --bucket and --function, or --api with --token and --policy, or nothing at all")
    elif bucket is not None and function is not None:
        _told(_export(BucketLog(bucket), folder, log_policy(function).encode()), folder)
    else:
        stack = running_stack()
        known = log_policy(stack.outputs["AuditSignerFunction"], stack.endpoint)
        _told(_export(BucketLog(stack.outputs["LogBucket"], stack.endpoint), folder, known.encode()), folder)


def _export(source: Source, folder: Path, policy: bytes) -> Exported:
    with Progress(*SHOWN, console=Console(stderr=True)) as bar:
        task = bar.add_task(folder.name, total=None)
        return export_log(source, folder, policy, lambda done: bar.update(task, completed=done))


def _told(done: Exported, folder: Path) -> None:
    objects = f"{done.fetched} objects fetched, {done.kept} there before"
    waits = "" if done.witnessed else "; its quorum of witnesses has not cosigned it yet: export it again in a minute"
    print(f"{done.size} entries of {done.origin} in {folder}: {objects}{waits}")
