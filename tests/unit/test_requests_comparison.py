"""Two offers side by side: every field of the terms, in their order, with what is different."""

from hypothesis import given

from services.requests.comparison import FieldDifference, compare
from services.requests.terms import Terms
from tests.agreeing import TERMS, some_terms


def fields_of(terms: Terms) -> dict[str, object]:
    """Return every field of terms by its pointer."""
    said = terms.model_dump(mode="json")
    return {f"/{part}/{name}": value for part, fields in said.items() for name, value in fields.items()}


def changed(one: Terms, other: Terms) -> dict[str, FieldDifference]:
    """Return the fields in which two offers differ."""
    return {each.pointer: each for each in compare(one, other) if each.changed}


@given(TERMS, TERMS)
def test_every_field_is_there_once_in_the_order_of_the_terms_as_each_side_says_it(one: Terms, other: Terms) -> None:
    found = compare(one, other)
    assert [each.pointer for each in found] == list(fields_of(one))
    assert {each.pointer: each.one for each in found} == fields_of(one)
    assert {each.pointer: each.other for each in found} == fields_of(other)


@given(TERMS, TERMS)
def test_a_field_is_changed_where_the_two_do_not_say_the_same(one: Terms, other: Terms) -> None:
    before, after = fields_of(one), fields_of(other)
    assert list(changed(one, other)) == [pointer for pointer in before if before[pointer] != after[pointer]]
    assert bool(changed(one, other)) == (one != other)


@given(TERMS)
def test_an_offer_does_not_differ_from_itself(terms: Terms) -> None:
    assert changed(terms, terms) == {}


def test_of_a_list_it_is_said_what_came_and_what_went() -> None:
    one = some_terms(scope={"areas": ["110107", "110108"]})
    other = some_terms(scope={"areas": ["110108", "110105"]})
    found = changed(one, other)
    assert list(found) == ["/scope/areas"]
    assert (found["/scope/areas"].added, found["/scope/areas"].removed) == (("110105",), ("110107",))


def test_another_order_is_a_change_in_which_nothing_comes_or_goes() -> None:
    one, other = (some_terms(content={"items": items}) for items in (["甲", "乙"], ["乙", "甲"]))
    found = changed(one, other)["/content/items"]
    assert (found.added, found.removed) == ((), ())


def test_what_only_one_side_says_is_nothing_on_the_other() -> None:
    found = changed(some_terms(), some_terms(scope={"rows": None, "period_from": "2026-01-01"}))
    assert (found["/scope/rows"].one, found["/scope/rows"].other) == ("路侧与公共停车场", None)
    assert (found["/scope/period_from"].one, found["/scope/period_from"].other) == (None, "2026-01-01")


def test_every_field_is_called_something_of_its_own_in_both_languages() -> None:
    found = compare(some_terms(), some_terms())
    assert len({each.zh for each in found}) == len({each.en for each in found}) == len(found)
    assert {each.pointer: each.zh for each in found}["/method/channel"] == "共享方式"
