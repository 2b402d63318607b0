"""How a value stands in a cell of the guide's table: written in Chinese, read in Chinese or as a code.

Each coding reads what it writes as the same value. Reading raises ValueError in the clerk's words, zh / en.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from pydantic import JsonValue

YES, NO = frozenset({"是", "y", "yes", "true", "1", "有", "已"}), frozenset({"否", "n", "no", "false", "0", "无", "未"})
LONGEST_NUMBER = 18
SEPARATOR = re.compile(r"[;；,，、\n]+")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")
ESCAPES = {"\\": "\\\\", "\n": "\\n", "=": "\\="}


class Coding(NamedTuple):
    """How a cell's text (never empty, no space around it) is read, and a value (never None) written."""

    read: Callable[[str], JsonValue]
    write: Callable[[Any], str]
    codes: str | None = None  # the list of /catalog/vocabulary that it is of
    kind: str = "text"


def text() -> Coding:
    """Return the coding of what is kept as it is written."""
    return Coding(str, str)


def number() -> Coding:
    """Return the coding of a whole number."""
    return Coding(_whole, str, kind="number")


def yes_or_no() -> Coding:
    """Return the coding of 是 and 否."""
    return Coding(_truth, lambda value: "是" if value else "否", kind="yes_or_no")


def day() -> Coding:
    """Return the coding of a date, CCYY-MM-DD."""
    return Coding(_day, str, kind="day")


def digits(width: int) -> Coding:
    """Return the coding of a number of fixed width, whose zeros a spreadsheet takes for nothing."""
    return Coding(lambda said: said.zfill(width) if said.isdecimal() else said, str)


def list_of(coding: Coding) -> Coding:
    """Return the coding of several values in one cell, behind semicolons."""
    return Coding(
        lambda said: [coding.read(part.strip()) for part in SEPARATOR.split(said) if part.strip()],
        lambda values: "；".join(coding.write(value) for value in values),
        coding.codes,
    )


def pairs() -> Coding:
    """Return the coding of extended elements, `名称=值`, one a line."""
    return Coding(
        _pairs, lambda values: "\n".join(f"{_kept(v['name'])}={_kept(v['value'])}" for v in values), kind="pairs"
    )


def _whole(said: str) -> int:
    if not re.fullmatch(rf"\d{{1,{LONGEST_NUMBER}}}", said):
        raise ValueError("只填数字，不带单位 / digits alone, without a unit")
    return int(said)


def _truth(said: str) -> bool:
    if said.casefold() in YES | NO:
        return said.casefold() in YES
    raise ValueError("请填是或否 / say 是 (yes) or 否 (no)")


def _day(said: str) -> str:
    found = DAY.fullmatch(said)
    parts = [int(part) for part in found.groups() if part] if found else []
    try:
        return date(*parts).isoformat()
    except (TypeError, ValueError) as error:
        raise ValueError("日期应为 CCYY-MM-DD / not a day in the form CCYY-MM-DD") from error


def _pairs(said: str) -> JsonValue:
    found = [re.fullmatch(r"((?:\\.|[^\\=])+)=((?:\\.|[^\\=])+)", line) for line in said.split("\n") if line.strip()]
    if not all(found):
        raise ValueError("每行一项：名称=值 / one element a line: name=value")
    return [{"name": _meant(each[1]), "value": _meant(each[2])} for each in found if each]


def _kept(part: str) -> str:
    return "".join(ESCAPES.get(sign, sign) for sign in part)


def _meant(part: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], part)
