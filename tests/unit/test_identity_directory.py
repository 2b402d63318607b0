"""The directory finds an organisation by any of its spellings, and pages through all of them once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity import directory
from services.shared.callers import Caller, Claim
from services.shared.errors import Invalid, NotFound
from services.shared.organisations import Tier, organisations

TODAY = date(2026, 11, 22)


def found(q: str, tier: Tier | None = None) -> list[str]:
    return [item.code for item in directory.search(q=q, tier=tier, limit=100, after=None, day=TODAY).items]


@pytest.mark.parametrize("q", ["石景山", "石景山区", "SHIJINGSHAN", "ｓｈｉｊｉｎｇｓｈａｎ"])
def test_a_district_is_found_in_either_language_and_width(q: str) -> None:
    assert "110107" in found(q, Tier.DISTRICT)


def test_every_organisation_is_found_by_each_of_its_aliases() -> None:
    lost = [alias for body in organisations().values() for alias in body.aliases if body.code not in found(alias)]
    assert lost == []


def test_a_tier_leaves_out_the_other() -> None:
    assert {organisations()[code].tier for code in found("", Tier.MUNICIPAL)} == {Tier.MUNICIPAL}


@given(limit=st.integers(1, 100))
def test_pages_of_any_size_show_everybody_once_and_in_order(limit: int) -> None:
    seen: list[str] = []
    after = None
    while len(seen) <= len(organisations()):
        page = directory.search(q="", tier=None, limit=limit, after=after, day=TODAY)
        seen += [item.code for item in page.items]
        if (after := page.next) is None:
            break
    assert seen == list(organisations())


def test_a_page_token_that_is_no_code_is_refused() -> None:
    with pytest.raises(Invalid, match="not a page"):
        directory.search(q="", tier=None, limit=1, after="nobody", day=TODAY)


def test_details_show_todays_name_and_all_names() -> None:
    body = directory.details("informatization_office", TODAY)
    assert body.name in {name.zh for name in body.names}
    assert len(body.names) > 1


def test_a_code_that_nobody_has_is_not_found() -> None:
    with pytest.raises(NotFound):
        directory.details("nobody", TODAY)


def test_me_shows_the_roles_in_a_steady_order() -> None:
    caller = Caller(organisation="drc", officer="o-1", claims=frozenset({Claim.OFFICER, Claim.APPROVER}))
    assert directory.me(caller, TODAY).roles == (Claim.APPROVER, Claim.OFFICER)
