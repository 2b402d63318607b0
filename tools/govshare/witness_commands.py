"""The commands of a witness: make its key, and let it watch a log. Words and exit codes only."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from tools.govshare.evidence import read_policy
from tools.govshare.failures import Unusable
from tools.govshare.witness import Cosigned, Witness
from tools.govshare.witness_key import Unfit, make_key, read_key
from tools.govshare.witness_server import WitnessServer

HERE = "127.0.0.1"


def add_to(app: typer.Typer) -> None:
    """Add the group `witness` to a command line."""
    witness = typer.Typer(
        help="Witness a log: cosign its checkpoints while it only grows. 见证日志。",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    witness.command("key")(write_key)
    witness.command("serve")(serve)
    app.add_typer(witness, name="witness")


def write_key(
    name: Annotated[str, typer.Argument(help="The witness's name, e.g. supervision.example.gov.cn/witness")],
    out: Annotated[Path, typer.Option(help="The file to write the private key to; it must not exist")],
) -> None:
    """Make a witness's key: write the private part, print the public part for the log's policy. 生成见证密钥。"""
    with _usable():
        print(make_key(name, out).public.vkey)


def serve(
    key: Annotated[Path, typer.Option(help="The private key, as `witness key` writes it")],
    state: Annotated[Path, typer.Option(help="The folder that remembers what was cosigned; keep it, never empty it")],
    policy: Annotated[Path, typer.Option(help="The logs to witness, as `govshare policy` writes them")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at; 0 takes a free one")],
    host: Annotated[str, typer.Option(help="The address to listen at; TLS is for a proxy before it")] = HERE,
) -> None:
    """Cosign the checkpoints that a log sends, until stopped. 运行见证服务。"""
    with _usable(), closing(Cosigned(state)) as cosigned:
        witness = Witness(read_key(key), read_policy(policy), cosigned)
        with WitnessServer(witness, host, port) as server, suppress(KeyboardInterrupt):
            print(f"{witness.vkey} witnesses at {server.url}", flush=True)
            server.serve_forever()


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except Unfit as error:
        raise Unusable(str(error)) from error
