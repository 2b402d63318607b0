"""What is packed is what the lock says, and no file depends on the machine it was written on."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = Path(sys.prefix) / "bin" / "uv"
GIT_LIST = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
SOMEONES_MACHINE = re.compile(r"(?<![\w.}])/(?:home|root|Users|work)/\w+")


def output(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    return done.stdout


def texts() -> dict[str, str]:
    listed = output(GIT_LIST).split("\n")
    files = [name for name in listed if name and (ROOT / name).is_file() and not name.endswith(".jsonl")]
    return {name: (ROOT / name).read_text(errors="replace") for name in files}


def test_the_layers_requirements_are_those_of_the_lock() -> None:
    in_runtime = re.findall(r"^IN_RUNTIME := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split()
    left_out = [flag for package in in_runtime for flag in ("--no-emit-package", package)]
    command = [str(UV), "export", "--quiet", "--frozen", "--offline", "--no-dev", "--no-emit-project", "--no-header"]

    assert (ROOT / "infra/dependencies/requirements.txt").read_text() == output([*command, *left_out])


def test_no_file_names_a_place_on_someones_machine() -> None:
    found = {name: SOMEONES_MACHINE.findall(text) for name, text in texts().items()}

    assert {name: places for name, places in found.items() if places} == {}


def test_every_service_says_what_it_is_for() -> None:
    services = [p.parent for p in (ROOT / "services").glob("*/__init__.py") if p.parent.name != "shared"]

    assert [s.name for s in services if not (s / "README.md").is_file()] == []
