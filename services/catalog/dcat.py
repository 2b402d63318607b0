"""The public entries as a DCAT 3 catalogue, in the way of DCAT-AP 3: what is said of which thing, in which words.

Names follow from a base and an entry's id alone, and never change. What an entry does not say is not said here either.
Pure; how it is written down is in `rdf.py`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.catalog.dcat_parts import Facts, distributions, policies, table_of
from services.catalog.dcat_terms import Names, bodies, both, eu, instruments, mapped, schemes, theme_code
from services.catalog.feed import Change
from services.catalog.rdf import TYPE, Iri, Node, Said, Value
from services.catalog.version import Version
from services.shared.organisations import OFFICE, organisations
from services.shared.reference import legal_instruments, vocabulary

BY_CODE = ("key_domains", "key_domain"), ("basic_classes", "basic_class")
TITLES = "政务信息资源目录", "Catalogue of government information resources"
ABOUT = "全市各单位发布的政务信息资源", "What the units of the city hold and publish for sharing"


class Contents(NamedTuple):
    """What is exported: published versions, the tombstones of entries that are gone, as of which change."""

    versions: Sequence[Version]
    gone: Sequence[Change]
    seq: int


def nodes_of(contents: Contents, base: str) -> Iterator[Node]:
    """Yield the catalogue, the words that it uses, and its entries in the order of their ids."""
    names = Names(base)
    versions = sorted(contents.versions, key=lambda version: version.id)
    gone = sorted(contents.gone, key=lambda change: change.id)
    yield _catalog(names, versions, gone, contents.seq)
    yield from _words(names, versions, gone)
    for version in versions:
        yield from _entry(names, version)
    yield from (_tombstone(names, change) for change in gone)


def _catalog(names: Names, versions: Sequence[Version], gone: Sequence[Change], seq: int) -> Node:
    services = (version.id for version in versions if version.metadata.share_method == "api")
    facts: list[tuple[str, Value]] = [
        (TYPE, Iri("dcat:Catalog")),
        *both("dcterms:title", *TITLES),
        *both("dcterms:description", *ABOUT),
        ("dcterms:publisher", names.body(OFFICE)),
        ("dcat:version", Said(str(seq))),
        *(("dcat:themeTaxonomy", names.of("catalog", "vocabulary", scheme)) for scheme in mapped().scheme_titles),
        *(("dcat:dataset", names.entry(version.id)) for version in versions),
        *(("dcat:dataset", names.entry(change.id)) for change in gone),
        *(("dcat:service", names.entry(entry).part("service")) for entry in services),
    ]
    return Node(names.of("catalog"), tuple(facts))


def _words(names: Names, versions: Sequence[Version], gone: Sequence[Change]) -> Iterator[Node]:
    said = [version.metadata for version in versions]
    themes = (each.theme for each in said if each.theme)
    yield from schemes(names, themes, (code for each in said for code in each.formats))
    roles = (code for each in said if each.roles for code in each.roles.model_dump().values() if code)
    units = {OFFICE, *(version.provider for version in versions), *roles, *(each.unit or OFFICE for each in gone)}
    yield from bodies(names, units & organisations().keys())
    cited = {each.legal_basis.instrument for each in said if each.legal_basis}
    yield from instruments(names, cited & legal_instruments().keys())


def _entry(names: Names, version: Version) -> Iterator[Node]:
    name = names.entry(version.id)
    yield Node(name, tuple(_dataset(names, version, name)))
    yield from distributions(names, version, name)
    yield from policies(version, name)
    yield from table_of(names, name, version.metadata.items)


def _dataset(names: Names, version: Version, name: Iri) -> Facts:
    said, source = version.metadata, version.source
    yield TYPE, Iri("dcat:Dataset")
    yield "dcterms:title", Said(said.title or version.id, "zh")
    yield "dcterms:identifier", Said(version.resource_code or version.id)
    yield "dcterms:publisher", names.body(version.provider)
    yield "gs:legacy", _flag(value=source is not None)
    if about := said.abstract or (said.stub and f"涉密登记,在系统外办理:{said.stub.handled_by}"):
        yield "dcterms:description", Said(about, "zh")
    if said.update_cycle and said.update_cycle in mapped().frequencies:
        yield "dcterms:accrualPeriodicity", eu("frequency", mapped().frequencies[said.update_cycle])
    if version.published_at:
        yield "dcterms:issued", Said(version.published_at.date().isoformat(), datatype="xsd:date")
    if source:
        yield "dcterms:modified", Said(source.updated, datatype="xsd:date")
        yield "dcterms:source", Iri(source.source_url)
        yield "dcterms:bibliographicCitation", Said(source.citation, "zh")
    yield from _rights(names, version)
    yield from _subjects(names, version)
    yield from _origin(names, version)
    yield from _contents(version, name)


def _rights(names: Names, version: Version) -> Facts:
    said = version.metadata
    if said.share_type:
        yield "dcterms:accessRights", names.concept("share_types", said.share_type)
    if said.legal_basis and said.legal_basis.instrument in legal_instruments():
        yield "dcatap:applicableLegislation", names.concept("legal_instruments", said.legal_basis.instrument)
        yield "gs:clause", Said(said.legal_basis.clause, "zh")


def _subjects(names: Names, version: Version) -> Facts:
    said = version.metadata
    for scheme, field in BY_CODE:
        if (code := getattr(said, field)) and getattr(vocabulary(), scheme).has(code):
            yield "dcat:theme", names.concept(scheme, code)
    if said.classification:
        yield "dcat:theme", names.concept("classification", said.classification.cls + said.classification.division)
        yield "gs:classCode", Said(said.classification.code)
    if said.theme:
        yield "dcat:theme", names.concept("themes", theme_code(said.theme))
        yield "dcat:keyword", Said(said.theme, "zh")
    yield from (("dcterms:subject", names.concept("tags", tag)) for tag in said.tags)
    yield from (("dcterms:relation", names.of("catalog", "codes", code)) for code in said.related_codes)


def _origin(names: Names, version: Version) -> Facts:
    said = version.metadata
    if said.database:
        yield "prov:wasDerivedFrom", names.of("catalog", "databases", said.database)
    if said.collection:
        yield "gs:collectionDuty", names.of("catalog", "collections", said.collection)
    roles = said.roles.model_dump() if said.roles else {}
    yield from ((f"gs:{role}", names.body(code)) for role, code in roles.items() if code in organisations())


def _contents(version: Version, name: Iri) -> Facts:
    said = version.metadata
    if said.items:
        yield "csvw:tableSchema", name.part("schema")
    if said.share_condition:
        yield "odrl:hasPolicy", name.part("policy")
    yield from (("dcat:distribution", name.part(f"format-{code}")) for code in said.formats)
    if said.open_flag:
        yield "dcat:distribution", name.part("open")


def _tombstone(names: Names, change: Change) -> Node:
    facts: list[tuple[str, Value]] = [
        (TYPE, Iri("dcat:Dataset")),
        ("adms:status", eu("dataset-status", "WITHDRAWN")),
        ("dcterms:title", Said(change.title or change.id, "zh")),
        ("dcterms:identifier", Said(change.number or change.id)),
        ("dcterms:publisher", names.body(change.unit or OFFICE)),
        ("dcterms:modified", Said(change.at.date().isoformat(), datatype="xsd:date")),
    ]
    return Node(names.entry(change.id), tuple(facts))


def _flag(*, value: bool) -> Said:
    return Said(str(value).lower(), datatype="xsd:boolean")
