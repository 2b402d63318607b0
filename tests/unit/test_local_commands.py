"""`python -m infra.local up|down`: what goes wrong is one plain sentence, and down leaves nothing behind."""

import socket
from pathlib import Path

import pytest

from infra.local import emulator
from infra.local.__main__ import main
from infra.local.down import down
from infra.local.places import Kind
from infra.local.up import start


def test_down_ends_the_emulator_and_takes_its_folder_away(tmp_path: Path) -> None:
    home = tmp_path / "home"
    running = emulator.start(emulator.free_port(), home)

    assert down(home=home) == "stopped; nothing is left but .venv"

    assert not emulator.answers(running.endpoint)
    assert not home.exists()


def test_down_says_when_nothing_was_running(tmp_path: Path) -> None:
    assert down(home=tmp_path / "home").startswith("nothing was running")


def test_an_interrupted_run_is_named_and_cleared(tmp_path: Path) -> None:
    (tmp_path / "emulator.json").write_text('{"endpoint": "http://127.0.0.1:9", "po')
    told: list[str] = []

    start(emulator.free_port(), Kind.MINISTACK, tmp_path, told.append)
    emulator.stop(tmp_path)

    assert told[0].startswith("an earlier run ended without `make down`")
    assert told[1].startswith("emulator started")


def test_a_taken_port_ends_the_command_without_a_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status = main(["up", "--port", str(port)], tmp_path)

    told = capsys.readouterr()
    assert status == 1
    assert f"port {port} is taken" in told.err
    assert "Traceback" not in told.err
