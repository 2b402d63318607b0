"""The table of working days is what the tool writes, year by year; a year that is not announced is refused."""

from datetime import date
from pathlib import Path

import pytest

from services.shared.working_days import TABLE, Calendar
from tools.govshare.calendar import write_year
from tools.govshare.commands import main
from tools.govshare.failures import Unusable

WRITTEN = date(2026, 11, 23)


def test_the_table_that_ships_is_what_the_tool_writes(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    for year in range(2026, 2003, -1):
        write_year(year, WRITTEN, table)
    assert Calendar.model_validate_json(table.read_bytes()) == Calendar.model_validate_json(TABLE.read_bytes())


def test_writing_a_year_again_replaces_it_and_dates_the_table(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    for year in (2025, 2026, 2025):
        write_year(year, WRITTEN, table)
    found = Calendar.model_validate_json(table.read_bytes())
    assert ([year.year for year in found.years], found.version) == ([2025, 2026], WRITTEN)


def test_a_year_whose_make_up_days_are_not_known_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    with pytest.raises(Unusable, match="2027"):
        write_year(2027, WRITTEN, table)
    assert not table.exists()


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calendar", "--year", "2026", "--table", str(tmp_path / "table.json")]) == 0
    assert capsys.readouterr().out.startswith("2026: ")
