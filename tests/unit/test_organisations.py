"""An organisation is found by its code or by any of its spellings; its names are data with validity dates.

A row of an older catalogue belongs to the body that it names, and to the informatization office when it names none.
"""

from dataclasses import dataclass
from datetime import date

import pytest

from services.shared.organisations import (
    OFFICE,
    Name,
    Organisation,
    Tier,
    name_at,
    named_provider,
    organisation,
    organisations,
    provider_of,
    resolve,
)


@dataclass(frozen=True)
class Row:
    provider: str
    provider_in_summary: str = ""
    archived: bool = False


def a_shelved(provider_in_summary: str) -> Row:
    return Row("往年开放数据", provider_in_summary, archived=True)


def a_body(*names: Name) -> Organisation:
    return Organisation(code="a", tier=Tier.MUNICIPAL, functions=(), names=names, aliases=(), uscc=None)


def a_name(zh: str, valid_from: date | None = None, valid_until: date | None = None) -> Name:
    return Name(zh=zh, en=zh, valid_from=valid_from, valid_until=valid_until)


def test_an_organisation_is_found_by_its_code() -> None:
    found = organisation("110107")
    assert found is not None
    assert (found.tier, found.names[-1].en) == (Tier.DISTRICT, "Shijingshan District")


def test_an_unknown_code_finds_nothing() -> None:
    assert organisation("110199") is None


@pytest.mark.parametrize("spelling", ["市市场监管局", "市市场监督管理局", "北京市市场监督管理局", "市质量技术监督局"])
def test_every_spelling_of_a_body_resolves_to_its_one_code(spelling: str) -> None:
    assert resolve(spelling) == "standards_bureau"


@pytest.mark.parametrize("spelling", ["市残联", "市残联 ", " 市 残联\u3000"])
def test_spaces_in_a_spelling_do_not_matter(spelling: str) -> None:
    assert resolve(spelling) == "disabled_federation"


@pytest.mark.parametrize(
    ("spelling", "code"),
    [("知识产权局", "intellectual_property_office"), ("丰台区已批准", "110106"), ("市税务局局", "tax_service")],
)
def test_a_damaged_spelling_resolves_to_the_one_body_it_can_mean(spelling: str, code: str) -> None:
    assert resolve(spelling) == code


@pytest.mark.parametrize("spelling", ["", "的天气", "区应急局", "往年开放数据", "市火星局"])
def test_a_spelling_that_names_nobody_resolves_to_nothing(spelling: str) -> None:
    assert resolve(spelling) is None


def test_a_districts_own_unit_is_not_its_district() -> None:
    unit = organisations()["miyun_ecology_bureau"]
    assert (resolve("密云区生态环境局"), unit.tier, unit.parent) == (unit.code, Tier.DISTRICT, "110118")


def test_a_row_belongs_to_the_provider_it_stands_under_whatever_its_summary_says() -> None:
    assert provider_of(Row("丰台区", "的天气")) == "110106"
    assert provider_of(Row("市国资委", "市市场监管局")) == "state_assets_commission"


def test_a_row_on_the_shelf_belongs_to_the_body_its_summary_names() -> None:
    assert provider_of(a_shelved("北京市教育委员会")) == "education_commission"


def test_a_row_that_names_nobody_is_the_offices_until_claimed() -> None:
    assert named_provider(a_shelved("")) is None
    assert provider_of(a_shelved("")) == OFFICE


def test_a_row_that_names_the_office_by_an_older_name_is_its_own() -> None:
    assert named_provider(a_shelved("市政务服务局")) == OFFICE


@pytest.mark.parametrize(
    ("day", "zh"),
    [
        (date(2005, 1, 1), "北京市监察局"),
        (date(2017, 1, 19), "北京市监察局"),
        (date(2017, 1, 20), "北京市监察委员会"),
        (date(2026, 1, 1), "北京市监察委员会"),
    ],
)
def test_a_name_counts_from_its_first_day_up_to_its_successors(day: date, zh: str) -> None:
    assert name_at(organisations()["supervision_bureau"], day).zh == zh


def test_among_names_without_days_the_newest_counts() -> None:
    assert name_at(a_body(a_name("旧"), a_name("新")), date(2006, 1, 1)).zh == "新"


def test_a_day_that_no_name_covers_gets_the_newest_name() -> None:
    ended = a_body(a_name("甲", date(2001, 1, 1), date(2002, 1, 1)), a_name("乙", date(2003, 1, 1), date(2004, 1, 1)))
    assert name_at(ended, date(2010, 1, 1)).zh == "乙"
