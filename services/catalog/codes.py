"""Resource codes: a classification part (前段码) and a sequence part (后段码), by the profile in force.

The profiles are data/code_profiles.json: a province that changed the code is another row there. Pure.
"""

import os
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from services.catalog.parts import Classification
from services.shared.clocks import Confidence
from services.shared.errors import Conflict
from services.shared.model import Model

DATA = Path(__file__).parents[2] / "data" / "code_profiles.json"
DEFAULT = "guide_2017"


class Level(Model):
    """One level of the front segment, as a regular expression; `when_empty` stands for what an entry does not say."""

    level: str
    zh: str
    en: str
    pattern: str
    when_empty: str = ""


class Sequence(Model):
    """The rear segment: what it may be, and to how many digits a new number is filled up with zeros."""

    pattern: str
    width: int


class CodeProfile(Model):
    """How a code is made; `front` is the front segment of all codes where it names the city and not the class."""

    profile: str
    zh: str
    en: str
    source: str
    confidence: Confidence
    levels: tuple[Level, ...]
    front: str | None = None
    separator: str
    sequence: Sequence

    @property
    def shape(self) -> re.Pattern[str]:
        """What a whole code looks like: front segment, separator, rear segment."""
        front = "".join(level.pattern for level in self.levels)
        return re.compile(f"({front}){re.escape(self.separator)}({self.sequence.pattern})")


class Profiles(Model):
    """Every profile that ships with the product."""

    profiles: tuple[CodeProfile, ...]


class Code(NamedTuple):
    """A code in its two segments."""

    front: str
    rear: str


@cache
def code_profiles() -> dict[str, CodeProfile]:
    """Return every profile by its name."""
    return {one.profile: one for one in Profiles.model_validate_json(DATA.read_bytes()).profiles}


def profile_in_force() -> CodeProfile:
    """Return the profile that this deployment runs under (CODE_PROFILE). Raises KeyError for one that is not there."""
    return code_profiles()[os.environ.get("CODE_PROFILE", DEFAULT)]


def class_code(classification: Classification, profile: CodeProfile) -> str:
    """Return the front segment of what is classified so."""
    if profile.front is not None:
        return profile.front
    return "".join(getattr(classification, level.level) or level.when_empty for level in profile.levels)


def make(front: str, number: int, profile: CodeProfile) -> str:
    """Return the code with this front segment and number. Raises Conflict when the profile has no such number."""
    code = f"{front}{profile.separator}{number:0{profile.sequence.width}}"
    if split(code, profile) is None:
        raise Conflict(f"the class {front} has no code number {number} under '{profile.en}'")
    return code


def split(code: str, profile: CodeProfile) -> Code | None:
    """Return the segments of a code, or None when it is not one of this profile."""
    found = profile.shape.fullmatch(code)
    return Code(found[1], code[found.end(1) + len(profile.separator) :]) if found else None


def fault_of(code: str, profile: CodeProfile) -> str | None:
    """Return why a code is not one of the profile, in zh / en, or None when it is."""
    if split(code, profile):
        return None
    others = [other for other in code_profiles().values() if other is not profile and split(code, other)]
    if others:
        zh, en = others[0].zh, others[0].en
        return f"属于“{zh}”，不得混用 / a code of another scheme, not to be mixed: {en}"
    example = make(_example(profile), 1, profile)
    return f"应为前段码{profile.separator}后段码，如 {example} / front{profile.separator}rear segment, as in {example}"


def front_fault(classification: Classification, profile: CodeProfile) -> str | None:
    """Return why the profile has no front segment for what is classified so, in zh / en, or None when it has."""
    for level in profile.levels if profile.front is None else ():
        said = getattr(classification, level.level) or level.when_empty
        if not re.fullmatch(level.pattern, said):
            return f"编码方案的“{level.zh}”不能是 {said} / '{said}' is no {level.en} of the scheme of codes"
    return None


def _example(profile: CodeProfile) -> str:
    return class_code(Classification(cls="3", division="07", group="001"), profile)
