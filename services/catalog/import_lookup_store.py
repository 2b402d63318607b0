"""What the catalogue holds of what a table says: entries by resource code, by source id and by title.

Items: `SOURCE#<source id>` / `SOURCE`: which entry a row of an older catalogue became.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from services.catalog import code_store
from services.catalog.entry import Entry
from services.catalog.import_checks import Judged, Purpose
from services.catalog.import_matches import Known, Title, title_of
from services.catalog.listing import BY_UNIT, Index, items_of, page_of
from services.shared.dynamo import put_new, record_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PUBLISHED = Index("published", "published", "pk", "summary")
LINES = 1_000  # a call; a page of an index ends at a megabyte before that


def known_to(table: str, judged: Sequence[Judged], purpose: Purpose, unit: str) -> Known:
    """Return what the catalogue holds of these entries of a table; titles are a draft's unit's own, or everybody's."""
    codes = code_store.entries_of(table, sorted({each.code for each in judged if each.code}))
    sources = _from_sources(table, sorted({each.source_id for each in judged if each.source_id}))
    titles = dict(_titles(table, purpose, unit))
    wanted = {title_of(each.provider, each.title) for each in judged}
    same = {title: found for title, found in titles.items() if title in wanted}
    own = same.values() if purpose is Purpose.DRAFT else ()
    entries = entries_of(table, {*codes.values(), *sources.values(), *own})
    drafts = {title: entries[found] for title, found in same.items() if found in entries and not entries[found].live}
    return Known(
        by_code={code: entries[made] for code, made in codes.items() if made in entries},
        by_source={source: entries[made] for source, made in sources.items() if made in entries},
        by_title=same,
        drafts=drafts if purpose is Purpose.DRAFT else {},
    )


def entries_of(table: str, ids: Iterable[str]) -> dict[str, Entry]:
    """Return entries by id, as they stand."""
    found = items_of(table, [{"pk": each, "sk": "STATE#entry"} for each in sorted(set(ids))])
    entries = {item["pk"]: record_in([item], "entry", Entry) for item in found}
    return {each: entry for each, entry in entries.items() if entry is not None}


def source_claim(table: str, source_id: str, entry_id: str) -> "TransactWriteItemTypeDef":
    """Return the write that makes a row of an older catalogue an entry's; it fails when the row is one's already."""
    return put_new(table, _place(source_id) | {"made": entry_id})


def _from_sources(table: str, source_ids: Sequence[str]) -> dict[str, str]:
    found = items_of(table, [_place(source_id) for source_id in source_ids])
    return {item["pk"].removeprefix("SOURCE#"): item["made"] for item in found}


def _place(source_id: str) -> dict[str, str]:
    return {"pk": f"SOURCE#{source_id}", "sk": "SOURCE"}


def _titles(table: str, purpose: Purpose, unit: str) -> Iterator[tuple[Title, str]]:
    index, value = (BY_UNIT, f"resource#{unit}") if purpose is Purpose.DRAFT else (PUBLISHED, "LIVE")
    after, more = None, True
    while more:
        lines, after = page_of(table, index, value, limit=LINES, after=after)
        for line in map(json.loads, lines):
            yield title_of(line["provider"], line["title"] or ""), line["id"]
        more = after is not None
