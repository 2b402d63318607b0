"""The data that ships is whole: every row has a provider, every spelling one body, and what is carried stays small."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.shared.organisations import (
    OFFICE,
    Organisation,
    Tier,
    named_provider,
    organisations,
    provider_of,
    resolve,
)

DATA = Path(__file__).parents[2] / "data"
MEMBERS = [
    "party_general_office",
    "government_general_office",
    "informatization_office",
    "staffing_commission_office",
    "secrecy_bureau",
    "supervision_bureau",
    "statistics_bureau",
    "legal_affairs_office",
    "drc",
    "finance_bureau",
    "standards_bureau",
    "personnel_bureau",
    "archives_bureau",
]
CREDIT_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Row:
    provider: str
    provider_in_summary: str
    archived: bool


def rows() -> list[Row]:
    lines = (DATA / "beijing_catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    return [Row(row["provider"], row["provider_in_summary"], row["archived"]) for row in map(json.loads, lines)]


def spellings(body: Organisation) -> list[str]:
    return [*(name.zh for name in body.names), *body.aliases]


def check_sign(credit_code: str) -> str:
    """Return the eighteenth sign that the first seventeen call for (GB 32100-2015)."""
    total = sum(CREDIT_CODE_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(credit_code[:17]))
    return CREDIT_CODE_SIGNS[-total % 31]


def test_the_sample_is_the_one_the_readme_cites() -> None:
    digest = hashlib.sha256((DATA / "beijing_catalogue.jsonl").read_bytes()).hexdigest()
    assert digest in (DATA / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_file() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert [file.name for file in DATA.iterdir() if f"`{file.name}`" not in readme and file.name != "README.md"] == []


def test_every_row_of_the_sample_has_a_provider_that_exists() -> None:
    found = [provider_of(row) for row in rows()]
    assert len(found) == 1100
    assert set(found) <= set(organisations())


def test_sixty_six_rows_name_nobody_and_fifty_nine_of_them_have_an_empty_summary() -> None:
    unnamed = Counter(row.provider_in_summary for row in rows() if named_provider(row) is None)
    assert unnamed == {"": 59, "北京市大数据中心通过AI生成": 6, "区应急局": 1}


def test_the_office_has_the_unnamed_rows_and_the_two_that_name_it() -> None:
    assert Counter(provider_of(row) for row in rows())[OFFICE] == 68


def test_only_rows_on_the_shelf_fall_to_the_office() -> None:
    assert [row for row in rows() if named_provider(row) is None and not row.archived] == []


def test_every_spelling_in_the_sample_names_a_body_or_is_a_recorded_decision() -> None:
    decided = {entry["spelling"] for entry in json.loads((DATA / "provider_aliases.json").read_bytes())}
    seen = {spelling for row in rows() for spelling in (row.provider, row.provider_in_summary) if spelling.strip()}
    assert {spelling for spelling in seen if resolve(spelling) is None} <= decided


def test_no_two_bodies_share_a_spelling() -> None:
    counts = Counter(spelling for body in organisations().values() for spelling in spellings(body))
    assert [spelling for spelling, times in counts.items() if times > 1] == []


def test_a_damaged_spelling_is_no_bodys_name_and_means_a_body_that_exists() -> None:
    known = {spelling for body in organisations().values() for spelling in spellings(body)}
    entries = json.loads((DATA / "provider_aliases.json").read_bytes())
    assert {entry["spelling"] for entry in entries} & known == set()
    assert {entry["code"] for entry in entries} - {None} <= set(organisations())
    assert all(entry["why"] for entry in entries)


def test_the_leading_group_has_its_thirteen_members_each_with_its_function() -> None:
    assert len(MEMBERS) == 13
    assert [body.code for body in organisations().values() if body.functions] == ["leading_group", *MEMBERS]
    assert all(organisations()[code].functions == (code,) for code in MEMBERS)


def test_the_sixteen_districts_have_their_national_codes() -> None:
    codes = [code for code in organisations() if code.isdecimal()]
    assert len(codes) == 16
    assert all(re.fullmatch(r"1101\d\d", code) and organisations()[code].tier is Tier.DISTRICT for code in codes)


def test_a_code_is_a_plain_slug_of_at_most_64_signs() -> None:
    assert [code for code in organisations() if not re.fullmatch(r"[a-z0-9_]{1,64}", code)] == []


def test_every_parent_is_a_district() -> None:
    parents = {body.parent for body in organisations().values()} - {None}
    assert parents == {"110101", "110112", "110118"}


def test_every_credit_code_carries_the_right_check_sign() -> None:
    codes = [body.uscc for body in organisations().values() if body.uscc]
    assert len(codes) == 4
    assert [code for code in codes if check_sign(code) != code[17]] == []


def test_names_stand_oldest_first_without_overlap() -> None:
    for body in organisations().values():
        for earlier, later in zip(body.names, body.names[1:], strict=False):
            assert earlier.valid_until == later.valid_from, body.code


@pytest.mark.parametrize(
    "file", ["organisations.json", "provider_aliases.json", "legal_instruments.json", "duties.json"]
)
def test_no_code_stands_twice_in_a_file(file: str) -> None:
    key = {"provider_aliases.json": "spelling", "legal_instruments.json": "id"}.get(file, "code")
    counts = Counter(entry[key] for entry in json.loads((DATA / file).read_bytes()))
    assert max(counts.values()) == 1


def test_what_every_function_carries_stays_under_600_kilobytes() -> None:
    assert sum(file.stat().st_size for file in DATA.glob("*.json")) < 600_000
