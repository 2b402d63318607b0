"""How codes stand in a cell of the guide's table: terms of the vocabulary, organisations, instruments, formats.

Written in Chinese, read in Chinese or as codes. Reading raises ValueError in the clerk's words, zh / en.
"""

from collections.abc import Mapping
from functools import cache

from services.catalog.cells import Coding
from services.catalog.clerical import plain
from services.shared.organisations import organisation, organisations, resolve
from services.shared.reference import legal_instruments, vocabulary


def listed(name: str) -> Coding:
    """Return the coding of a code of the list `name` of /catalog/vocabulary."""
    return Coding(lambda said: _code(name, said), lambda code: _terms(name).get(str(code), str(code)), name)


def division() -> Coding:
    """Return the coding of a division of the classification, held as its whole code (`307`).

    The same name may stand in several classes, so a cell is read as it is: `division_in` finds it in its class.
    """
    return Coding(str, lambda code: _terms("classification").get(str(code), str(code)[1:]), "classification")


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
