"""`python -m infra.local up|down`: the two commands behind the Makefile's, and their errors as plain sentences."""

import argparse
import sys
from pathlib import Path

from infra.local.down import down
from infra.local.home import HOME, PORT, LocalStackError
from infra.local.places import Kind
from infra.local.up import up


def main(arguments: list[str], home: Path = HOME) -> int:
    """Run one command; return the exit status: 0, or 1 after an error that was told, or 130 when interrupted."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "up":
            up(asked.port, asked.stack, home=home)
        else:
            print(down(home=home))
    except LocalStackError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; `make up` carries on, `make down` clears it away", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--stack", type=Kind, choices=list(Kind), default=Kind.MINISTACK)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
