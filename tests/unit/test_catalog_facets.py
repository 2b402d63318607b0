"""What a search is narrowed down by: which values there are, what they are called, and that others are refused."""

import re
from datetime import date

import pytest

from services.catalog.catalogues import Shelf
from services.catalog.facets import FOUND_ON, KINDS_ZH_EN, SHELVES, is_value, label_of
from services.catalog.finding import Question
from services.catalog.retrieval import Facet
from services.catalog.scope import districts
from services.catalog.search_views import faults_of
from services.shared.organisations import organisations
from services.shared.reference import vocabulary

DAY = date(2026, 11, 23)
CLOSED: dict[Facet, set[str]] = {
    Facet.KIND: set(KINDS_ZH_EN),
    Facet.CATALOGUE: set(FOUND_ON),
    Facet.PROVIDER: set(organisations()),
    Facet.DISTRICT: set(districts()),
    Facet.DOMAIN: {term.code for term in vocabulary().key_domains.terms},
    Facet.SHARE_TYPE: {term.code for term in vocabulary().share_types.terms},
    Facet.UPDATE_CYCLE: {term.code for term in vocabulary().update_cycles.terms},
}
OPEN = set(Facet) - CLOSED.keys()


def faults(*filters: tuple[Facet, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.detail) for fault in faults_of(Question(filters=filters))]


@pytest.mark.parametrize("facet", CLOSED)
def test_every_value_of_a_list_is_called_something_in_both_languages(facet: Facet) -> None:
    assert CLOSED[facet]
    for value in CLOSED[facet]:
        label = label_of(facet, value, DAY)
        assert label is not None, value
        assert re.search("[一-鿿]", label[0]), value
        assert re.fullmatch(r"[ -~’–]+", label[1]), value


@pytest.mark.parametrize("facet", CLOSED)
def test_the_values_of_a_list_are_values_and_no_others_are(facet: Facet) -> None:
    assert all(is_value(facet, value) for value in CLOSED[facet])
    assert not any(is_value(facet, value) for value in ("", "nothing", "*", "110000x", "资源", "a" * 10_000))


@pytest.mark.parametrize("facet", sorted(OPEN))
def test_themes_and_formats_are_words_of_their_own(facet: Facet) -> None:
    assert is_value(facet, "交通服务")
    assert label_of(facet, "交通服务", DAY) is None
    assert {"theme", "format"} == OPEN


def test_a_value_that_is_on_no_list_has_no_label() -> None:
    assert [label_of(facet, "nothing", DAY) for facet in Facet] == [None] * len(Facet)


def test_what_stands_in_the_exchange_catalogue_stands_elsewhere_so_nothing_is_found_on_it() -> None:
    assert not is_value(Facet.CATALOGUE, Shelf.EXCHANGE)
    assert {Shelf.EXCHANGE, *FOUND_ON} == SHELVES.keys()


def test_a_body_is_called_what_it_was_called_on_the_day() -> None:
    days = (date(2017, 1, 19), date(2017, 1, 20))
    assert [label_of(Facet.PROVIDER, "supervision_bureau", day) for day in days] == [
        ("北京市监察局", "Beijing Municipal Supervision Bureau"),
        ("北京市监察委员会", "Beijing Municipal Commission of Supervision"),
    ]


def test_a_district_is_called_by_its_name() -> None:
    assert label_of(Facet.DISTRICT, "110108", DAY) == ("北京市海淀区", "Haidian District")


def test_every_value_that_is_on_no_list_is_refused_and_each_is_named() -> None:
    said = faults((Facet.KIND, ("resource", "thing")), (Facet.DISTRICT, ("110108", "x")), (Facet.THEME, ("任何",)))
    assert said == [
        ("/query/kind", "'thing' is no value of kind"),
        ("/query/district", "'x' is no value of district"),
    ]


def test_where_all_values_are_on_their_lists_nothing_is_refused() -> None:
    assert faults(*((facet, tuple(values)) for facet, values in CLOSED.items())) == []
