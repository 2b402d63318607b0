"""The embedded emulator: it starts on loopback, says plainly why it cannot, and leaves nothing behind."""

import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import emulator, processes
from infra.local.emulator import Emulator
from infra.local.home import LocalStackError, write_record


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    emulator.stop(folder)


@pytest.fixture
def started(home: Path) -> Emulator:
    return emulator.start(emulator.free_port(), home)


def test_it_answers_once_started_and_is_gone_once_stopped(home: Path, started: Emulator) -> None:
    assert emulator.answers(started.endpoint)

    assert emulator.stop(home)

    assert not emulator.answers(started.endpoint)
    assert not processes.is_alive(started.pid)
    assert {path.name for path in home.iterdir()} == {"emulator.log"}


def test_starting_it_again_finds_the_one_that_runs(home: Path, started: Emulator) -> None:
    assert emulator.start(started.port, home) == started


def test_one_home_has_one_emulator(home: Path, started: Emulator) -> None:
    with pytest.raises(LocalStackError, match=f"already runs on port {started.port}"):
        emulator.start(emulator.free_port(), home)


def test_its_files_are_its_owners_alone(home: Path, started: Emulator) -> None:
    assert [stat.S_IMODE((home / part).stat().st_mode) for part in (".", "tmp", "state")] == [0o700] * 3


def test_it_listens_on_loopback_only(started: Emulator) -> None:
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2", started.port))


def test_a_taken_port_is_named_with_the_way_to_choose_another(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalStackError, match=f"port {port} is taken by another program: .*PORT={port + 1}"):
            emulator.start(port, home)

    assert not (home / "emulator.json").exists()


def test_an_emulator_that_was_killed_is_cleared_away_by_the_next_start(home: Path, started: Emulator) -> None:
    os.kill(started.pid, signal.SIGKILL)
    while processes.is_alive(started.pid):
        time.sleep(0.01)

    assert emulator.left_over(home)
    again = emulator.start(emulator.free_port(), home)

    assert again.pid != started.pid
    assert not emulator.left_over(home)


def test_a_pid_that_now_belongs_to_another_program_is_left_alone(home: Path) -> None:
    home.mkdir()
    write_record(home / "emulator.json", {"endpoint": "http://127.0.0.1:9", "port": 9, "pid": os.getppid()})

    assert not emulator.stop(home)

    assert processes.is_alive(os.getppid())
    assert not (home / "emulator.json").exists()


def test_the_last_words_of_a_dead_emulator_are_shown(home: Path) -> None:
    home.mkdir()
    (home / "emulator.log").write_text("one\nModuleNotFoundError: No module named 'hypercorn'\n")
    gone = processes.spawn(["/bin/sh", "-c", "exit 3"], environment={}, log=home / "other.log")
    while processes.is_alive(gone):
        time.sleep(0.01)

    with pytest.raises(LocalStackError, match=r"(?s)died while starting.*hypercorn.*emulator\.log"):
        emulator.wait(Emulator("http://127.0.0.1:9", 9, gone), home)
