"""The directory of organisations as callers read it: found by name or alias, shown under the name valid on a day.

Knows no HTTP and no table; organisations are the seed that ships with the product.
"""

import unicodedata
from datetime import date
from itertools import islice

from services.shared.callers import Caller, Claim
from services.shared.errors import Invalid, NotFound, Problem
from services.shared.model import Model
from services.shared.organisations import Name, Organisation, Tier, name_at, organisation, organisations


class Entry(Model):
    """An organisation in a list: `name` and `name_en` are those valid on the day asked for."""

    code: str
    tier: Tier
    parent: str | None
    functions: tuple[str, ...]
    name: str
    name_en: str
    uscc: str | None
    active: bool


class Details(Entry):
    """An organisation with every name it had, oldest first, and its other spellings."""

    names: tuple[Name, ...]
    aliases: tuple[str, ...]


class Listing(Model):
    """A page of the directory; `next` asks for the page after it."""

    items: tuple[Entry, ...]
    next: str | None


class Me(Model):
    """Who a token says is calling."""

    organisation: Entry
    officer: str
    roles: tuple[Claim, ...]


def search(*, q: str, tier: Tier | None, limit: int, after: str | None, day: date) -> Listing:
    """Return the organisations with all words of `q` in their names and aliases, in the seed's order, after a code.

    Raises Invalid when `after` is no code.
    """
    if after is not None and after not in organisations():
        raise Invalid("not a page of this list", [Problem(pointer="/query/next", detail="not a page token")])
    words = folded(q).split()
    found = (body for body in _after(after) if tier in {None, body.tier} and _mentions(body, words))
    page = list(islice(found, limit + 1))
    following = page[limit - 1].code if len(page) > limit else None
    return Listing(items=tuple(entry(body, day) for body in page[:limit]), next=following)


def details(code: str, day: date) -> Details:
    """Return one organisation. Raises NotFound when no organisation has the code."""
    body = organisation(code)
    if body is None:
        raise NotFound("no organisation has this code")
    return Details(**entry(body, day).model_dump(), names=body.names, aliases=body.aliases)


def me(caller: Caller, day: date) -> Me:
    """Return the caller's organisation, officer id and roles."""
    body = organisations()[caller.organisation]
    return Me(organisation=entry(body, day), officer=caller.officer, roles=tuple(sorted(caller.claims)))


def entry(body: Organisation, day: date) -> Entry:
    """Return how an organisation stands in a list on a day."""
    name = name_at(body, day)
    shown = body.model_dump(include={"code", "tier", "parent", "functions", "uscc", "active"})
    return Entry(**shown, name=name.zh, name_en=name.en)


def folded(text: str) -> str:
    """Return text as it is compared: full-width and half-width, large and small letters alike (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", text).casefold()


def _after(code: str | None) -> list[Organisation]:
    everybody = list(organisations().values())
    return everybody if code is None else everybody[list(organisations()).index(code) + 1 :]


def _mentions(body: Organisation, words: list[str]) -> bool:
    spellings = [*(name.zh for name in body.names), *(name.en for name in body.names), *body.aliases]
    known = folded("\n".join(spellings))
    return all(word in known for word in words)
