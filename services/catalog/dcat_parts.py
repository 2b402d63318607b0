"""The parts of a dataset in the DCAT export: its distributions, service, policies, its table's columns. Pure."""

from collections.abc import Iterator, Sequence

from services.catalog.dcat_terms import Names, eu
from services.catalog.parts import Item
from services.catalog.rdf import TYPE, Iri, Node, Said, Value
from services.catalog.version import Version
from services.shared.reference import vocabulary

Facts = Iterator[tuple[str, Value]]


def distributions(names: Names, version: Version, name: Iri) -> Iterator[Node]:
    """Yield the forms that an entry's data are had in, and the service through which they are fetched."""
    said = version.metadata
    place = Iri(version.source.source_url) if version.source else name
    shared: list[tuple[str, Value]] = [(TYPE, Iri("dcat:Distribution")), ("dcat:accessURL", place)]
    ways: list[tuple[str, Value]] = [("dcat:accessService", name.part("service"))] if said.share_method == "api" else []
    for code in dict.fromkeys(said.formats):
        facts = (*shared, *ways, ("dcterms:format", names.concept("formats", code)))
        yield Node(name.part(f"format-{code}"), facts)
    if said.open_flag:
        public = ("dcterms:accessRights", eu("access-right", "PUBLIC"))
        limits = (("odrl:hasPolicy", name.part("open-policy")),) if said.open_condition else ()
        yield Node(name.part("open"), (*shared, public, *limits))
    if ways:
        yield Node(name.part("service"), tuple(_service(names, version, name)))


def _service(names: Names, version: Version, name: Iri) -> Facts:
    yield TYPE, Iri("dcat:DataService")
    yield "dcterms:title", Said(version.metadata.title or version.id, "zh")
    yield "dcterms:publisher", names.body(version.provider)
    yield "dcat:endpointURL", name
    yield "dcat:servesDataset", name


def policies(version: Version, name: Iri) -> Iterator[Node]:
    """Yield on which conditions an entry is shared, and opened to the public (ODRL 2.2)."""
    said = version.metadata
    conditions = {"policy": said.share_condition, "open-policy": said.open_flag and said.open_condition}
    for part, condition in conditions.items():
        if condition:
            permission, kind = name.part(f"{part}-use"), (TYPE, Iri("odrl:Permission"))
            facts = ((TYPE, Iri("odrl:Set")), ("dcterms:description", Said(condition, "zh")))
            yield Node(name.part(part), (*facts, ("odrl:permission", permission)))
            yield Node(permission, (kind, ("odrl:action", Iri("odrl:use")), ("odrl:target", name)))


def table_of(names: Names, name: Iri, items: Sequence[Item]) -> Iterator[Node]:
    """Yield what a table of an entry's data items looks like, a column each (CSV on the Web); nothing without items."""
    if items:
        yield _schema(name, items)
    for place, item in enumerate(items, start=1):
        yield Node(name.part(f"item-{place}"), tuple(_item(names, place, item)))


def _schema(name: Iri, items: Sequence[Item]) -> Node:
    columns = (("csvw:column", name.part(f"item-{place}")) for place, _ in enumerate(items, start=1))
    return Node(name.part("schema"), ((TYPE, Iri("csvw:Schema")), *columns))


def _item(names: Names, place: int, item: Item) -> Facts:
    yield TYPE, Iri("csvw:Column")
    yield "csvw:title", Said(item.name, "zh")
    yield "gs:position", _count(place)
    if item.data_type and vocabulary().item_types.has(item.data_type):
        yield "gs:dataType", names.concept("item_types", item.data_type)
    if item.length:
        yield "gs:length", _count(item.length)
    if item.sensitivity and vocabulary().sensitivities.has(item.sensitivity):
        yield "gs:sensitivity", names.concept("sensitivities", item.sensitivity)
    if item.description:
        yield "dcterms:description", Said(item.description, "zh")


def _count(number: int) -> Said:
    return Said(str(number), datatype="xsd:integer")
