"""Resource codes: what one looks like under each profile, and that no two profiles are mixed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.codes import (
    CodeProfile,
    class_code,
    code_profiles,
    fault_of,
    front_fault,
    make,
    profile_in_force,
    split,
)
from services.catalog.parts import Classification
from services.shared.errors import Conflict

GUIDE, OLDER, FIXED = (code_profiles()[name] for name in ("guide_2017", "gbt_21063_5", "local_fixed_width"))
PARKING = Classification(cls="3", division="07", group="001")
CLASSES = st.builds(
    Classification,
    cls=st.sampled_from("123"),
    division=st.from_regex(r"[0-9]{2}", fullmatch=True),
    group=st.from_regex(r"[0-9]{3}", fullmatch=True),
    subgroup=st.none() | st.from_regex(r"[0-9A-Za-z]{1,20}", fullmatch=True),
)


@pytest.mark.parametrize(
    ("profile", "number", "code"),
    [
        (GUIDE, 1, "307001/0001"),
        (GUIDE, 123456, "307001/123456"),
        (FIXED, 7, "30700100-00007"),
        (OLDER, 1, "11000/000001"),
    ],
)
def test_a_code_is_made_from_the_class_and_a_number(profile: CodeProfile, number: int, code: str) -> None:
    assert make(class_code(PARKING, profile), number, profile) == code
    assert fault_of(code, profile) is None


@pytest.mark.parametrize(
    "code",
    ["", "307001", "307001/", "/0001", "407001/0001", "3070/0001", "307001/0001x", "307001-0001", " 307001/0001"],
)
def test_what_is_no_code_is_told_how_one_reads(code: str) -> None:
    fault = fault_of(code, GUIDE)
    assert fault is not None
    assert "307001/0001" in fault
    assert " / " in fault


@pytest.mark.parametrize(
    ("code", "profile", "other"),
    [
        ("11000/0001", GUIDE, "older front segment"),
        ("30700100-00007", GUIDE, "fixed widths"),
        ("307001/0001", OLDER, "catalogue (trial)"),
    ],
)
def test_a_code_of_another_profile_is_refused_by_that_profiles_name(
    code: str, profile: CodeProfile, other: str
) -> None:
    assert other in (fault_of(code, profile) or "")


@pytest.mark.parametrize("profile", code_profiles().values(), ids=lambda profile: profile.profile)
def test_each_profile_says_where_it_is_from_and_makes_codes_of_its_own_shape(profile: CodeProfile) -> None:
    assert profile.source
    assert fault_of(make(class_code(PARKING, profile), 1, profile), profile) is None


@given(classification=CLASSES, number=st.integers(1, 10**12 - 1))
def test_under_the_guide_every_class_and_number_make_one_code_that_is_read_back(
    classification: Classification, number: int
) -> None:
    code = make(class_code(classification, GUIDE), number, GUIDE)
    parts = split(code, GUIDE)
    assert parts is not None
    assert (parts.front, int(parts.rear)) == (classification.code, number)
    assert re.fullmatch(r"[1-3]\d{2}\d{3}[0-9A-Za-z]*/\d+", code)


def test_a_class_whose_numbers_are_used_up_gets_no_code_of_another_shape() -> None:
    assert make("30700100", 99_999, FIXED) == "30700100-99999"
    with pytest.raises(Conflict, match="no code number 100000"):
        make("30700100", 100_000, FIXED)


def test_a_subgroup_that_a_profile_has_no_room_for_is_told() -> None:
    lettered = PARKING.model_copy(update={"subgroup": "02a"})
    assert front_fault(lettered, GUIDE) is None
    assert "02a" in (front_fault(lettered, FIXED) or "")


def test_the_deployment_chooses_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODE_PROFILE", raising=False)
    assert profile_in_force() is GUIDE
    monkeypatch.setenv("CODE_PROFILE", "gbt_21063_5")
    assert profile_in_force() is OLDER
