"""A district adds local elements to the city's; one that conflicts is refused, with the clause (政策五(一))."""

from typing import Any

import pytest

from services.catalog.districts import city_standards, conflicts
from services.catalog.metadata import Draft
from services.shared.reference import vocabulary
from tests.catalogue import ENTRY

DISTRICT, OF_A_DISTRICT = "110107", "110101"


def told(*extensions: tuple[str, str], provider: str = DISTRICT) -> list[str]:
    said: dict[str, Any] = ENTRY | {"extensions": [{"name": name, "value": value} for name, value in extensions]}
    found = list(conflicts(Draft.model_validate(said).kept(), provider))
    assert all("五(一)" in problem.detail for problem in found)
    return [problem.pointer for problem in found]


def test_a_local_element_is_allowed() -> None:
    assert told(("街道代码", "110107001"), ("网格编号", "7")) == []


@pytest.mark.parametrize(
    "name", ["共享条件", "使用条件", "共享 条件", "更新频率", "Share-Method", "update_cycle", "数据类型"]
)
def test_a_second_element_for_what_the_city_defines_is_refused(name: str) -> None:
    assert told(("街道代码", "1"), (name, "任意")) == ["/extensions/1/name"]


def test_an_extended_element_of_the_citys_has_the_citys_values() -> None:
    assert told(("数据存在形态", "数据库"), ("存在形态", "paper")) == []
    assert told(("数据存在形态", "磁带"), ("重点领域", "夜间经济")) == ["/extensions/0/value", "/extensions/1/value"]


def test_the_citys_own_bodies_define_and_are_not_held_to_it() -> None:
    assert told(("共享条件", "任意"), provider="transport_commission") == []


def test_the_citys_standards_name_fields_lists_and_each_word_once() -> None:
    words = [word for each in city_standards().elements for word in (each.zh, each.en, *each.synonyms)]
    words += [word for each in city_standards().extensions for word in (each.zh, each.en, *each.synonyms)]
    assert len(set(words)) == len(words)
    assert all(hasattr(vocabulary(), each.values) and each.source for each in city_standards().extensions)
