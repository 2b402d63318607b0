"""One sharing case as it was loaded: its records by name, and the receipts that the ledger gave."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from services.requests.case_record import CaseRecord
from services.requests.period_parts import Facts
from services.requests.request import Request

C = TypeVar("C", bound=CaseRecord)


NO_FACTS: Mapping[str, Facts] = MappingProxyType({})


class Case(NamedTuple):
    """A case's records by name (`request`, `agreement`, `period-2027Q1`) and its receipts, event id to ledger index.

    `facts` are what the exchange saw of deliveries, by the name of the report period.
    """

    records: Mapping[str, CaseRecord]
    receipts: Mapping[str, int]
    facts: Mapping[str, Facts] = NO_FACTS

    @property
    def request(self) -> Request:
        """The request that the case is."""
        found = self.records["request"]
        if not isinstance(found, Request):
            raise TypeError("a case is a request's")
        return found

    @property
    def seen(self) -> frozenset[str]:
        """The events that the ledger has a receipt of."""
        return frozenset(self.receipts)

    def named(self, name: str, model: type[C]) -> C | None:
        """Return the record with this name, or None."""
        found = self.records.get(name)
        return found if isinstance(found, model) else None

    def all_of(self, model: type[C]) -> Iterator[tuple[str, C]]:
        """Yield the records of a kind with their names, in the order of their names."""
        for name in sorted(self.records):
            found = self.records[name]
            if isinstance(found, model):
                yield name, found

    def after(self, records: Mapping[str, CaseRecord]) -> "Case":
        """Return the case with these records in place; all of them know its latest event."""
        latest = max(record.case_seq for record in records.values())
        merged = {**self.records, **records}
        return self._replace(
            records={name: record.model_copy(update={"case_seq": latest}) for name, record in merged.items()}
        )
