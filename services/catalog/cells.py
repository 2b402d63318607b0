"""How a value stands in a cell of the guide's table: written in Chinese, read in Chinese or as a code.

Each coding reads what it writes as the same value. Reading raises ValueError in the clerk's words, zh / en.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from pydantic import JsonValue

from services.catalog.clerical import plain
from services.shared.organisations import organisation, organisations, resolve
from services.shared.reference import legal_instruments, vocabulary

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


def listed(name: str) -> Coding:
    """Return the coding of a code of the list `name` of /catalog/vocabulary."""
    return Coding(lambda said: _code(name, said), lambda code: _terms(name).get(str(code), str(code)), name)


def division() -> Coding:
    """Return the coding of a division of the classification, held as its whole code (`307`).

    The same name may stand in several classes, so a cell is read as it is: `division_in` finds it in its class.
    """
    return Coding(str, lambda code: _terms("classification").get(str(code), str(code)[1:]), "classification")


def list_of(coding: Coding) -> Coding:
    """Return the coding of several values in one cell, behind semicolons."""
    return Coding(
        lambda said: [coding.read(part.strip()) for part in SEPARATOR.split(said) if part.strip()],
        lambda values: "；".join(coding.write(value) for value in values),
        coding.codes,
    )


def body() -> Coding:
    """Return the coding of an organisation, by any of its names or its code."""
    return Coding(_body, _name, kind="body")


def instrument() -> Coding:
    """Return the coding of a legal instrument, by its title or id."""
    return Coding(_instrument, lambda known: _titles().get(str(known), str(known)))


def fmt() -> Coding:
    """Return the coding of a format, or of a class of formats; what an older catalogue calls otherwise stays."""
    return Coding(
        lambda said: _formats().get(plain(said), said.lower()), lambda code: _terms("formats").get(code, code)
    )


def pairs() -> Coding:
    """Return the coding of extended elements, `名称=值`, one a line."""
    return Coding(
        _pairs, lambda values: "\n".join(f"{_kept(v['name'])}={_kept(v['value'])}" for v in values), kind="pairs"
    )


def format_classes(formats: tuple[str, ...]) -> list[str]:
    """Return the classes that formats are of, in the order in which they come, each once; of others nothing."""
    known = (_class_of().get(code) for code in formats)
    return list(dict.fromkeys(each for each in known if each))


def division_in(cls: str, said: str) -> str:
    """Return the two digits of the division of a class that a cell names or numbers; what it does not know, as it is.

    A spreadsheet takes 07 for 7.
    """
    if said.isdecimal():
        return said[1:] if len(said) == len(cls) + 2 and said.startswith(cls) else said.zfill(2)
    named = (code[1:] for code, zh in _terms("classification").items() if code[0] == cls and plain(zh) == plain(said))
    return next(named, said)


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


def _code(name: str, said: str) -> str:
    if (code := _spellings(name).get(plain(said))) is None:
        raise ValueError(f"不在清单 {name} 中 / not on the list {name} in /catalog/vocabulary")
    return code


@cache
def _terms(name: str) -> Mapping[str, str]:
    return {term.code: term.zh for term in getattr(vocabulary(), name).terms}


@cache
def _spellings(name: str) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for code, zh in _terms(name).items():
        # 字符型C, C 字符型 and 字符型（C） are how the guide's own table and its copies write a type.
        known |= {plain(spelling): code for spelling in (code, zh, f"{zh}{code}", f"{code}{zh}")}
    return known


def _body(said: str) -> str:
    code = said if organisation(said) else _credit_codes().get(said.upper()) or resolve(said)
    if code is None:
        raise ValueError("没有这个单位 / there is no organisation of this name or code")
    return code


def _name(code: str) -> str:
    known = organisation(code)
    newest = known.names[-1].zh if known else code
    return newest if resolve(newest) == code else code


@cache
def _credit_codes() -> Mapping[str, str]:
    return {known.uscc: known.code for known in organisations().values() if known.uscc}


def _instrument(said: str) -> str:
    known = {plain(spelling): code for code, zh in _titles().items() for spelling in (code, zh)}
    if (code := known.get(plain(said))) is None:
        raise ValueError("不在法律文件清单中 / not a legal instrument of /catalog/vocabulary")
    return code


@cache
def _titles() -> Mapping[str, str]:
    return {code: known.zh for code, known in legal_instruments().items()}


@cache
def _formats() -> Mapping[str, str]:
    terms = vocabulary().formats.terms
    named = {plain(spelling): term.code for term in terms for spelling in (term.code, term.zh)}
    return named | {plain(value.replace("_", " ")): value for term in terms for value in term.values}


@cache
def _class_of() -> Mapping[str, str]:
    terms = vocabulary().formats.terms
    return {value: term.code for term in terms for value in (term.code, *term.values)}


def _pairs(said: str) -> JsonValue:
    found = [re.fullmatch(r"((?:\\.|[^\\=])+)=((?:\\.|[^\\=])+)", line) for line in said.split("\n") if line.strip()]
    if not all(found):
        raise ValueError("每行一项：名称=值 / one element a line: name=value")
    return [{"name": _meant(each[1]), "value": _meant(each[2])} for each in found if each]


def _kept(part: str) -> str:
    return "".join(ESCAPES.get(sign, sign) for sign in part)


def _meant(part: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], part)
