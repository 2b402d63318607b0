"""Commands for who runs the ledger. Only words and exit codes; what is done stands in `recovering`."""

from typing import Annotated

import typer

from tools.govshare.recovering import recover_log
from tools.govshare.running import running_stack

Function = Annotated[
    str | None,
    typer.Option(help="The sequencing function on AWS; your own AWS credentials are used instead of the stack here"),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("recover-log")(recover)


def recover(function: Function = None) -> None:
    """Bring the audit table forward to the log, after it was restored from a backup. 由日志恢复存证表。

    Stop the intake and the sequencer's triggers first, and start them after it. It may be run any number of times.
    """
    if function is None:
        stack = running_stack()
        steps = recover_log(stack.outputs["AuditSequencerFunction"], stack.endpoint)
    else:
        steps = recover_log(function)
    for reached in steps:
        print(f"the table knows {reached.size} of {reached.of} entries of the log")
