"""OpenSearch as far as the catalogue speaks to it: a server on this machine that plays a domain of one shard.

It takes requests in the documented format (docs.opensearch.org: Create index, Mapping, Bulk, Search, Query DSL, Point
in time) and in no other: what it does not know it answers with 400 and keeps in `refused`, for a test to fail on. It
ranks by BM25, holds to the limits that a domain has by default, and its time passes only when it is told.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from math import log
from re import fullmatch
from threading import RLock, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
MOST_CLAUSES = 1024  # indices.query.bool.max_clause_count: terms of a whole query, nested ones too (Lucene 9)
MOST_OPEN = 300  # search.max_open_pit_context, of a node
LONGEST_ID = 512  # bytes
COUNTED = 10_000  # hits, unless all are to be
SETTINGS: Json = {"max_result_window": 10_000, "gc_deletes": "60s", "number_of_shards": 1, "number_of_replicas": 1}
PARAMETERS: dict[str, dict[str, tuple[object, ...]]] = {
    "text": {"analyzer": ("whitespace",), "index_options": ("docs", "freqs", "positions", "offsets")},
    "keyword": {"index": (True, False), "doc_values": (True, False)},
}
SECONDS = {"s": 1, "m": 60, "h": 3600}
K1, B = 1.2, 0.75


class Request(NamedTuple):
    """A request as it came; header names in lower case, `body` as it was sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def line(self) -> str:
        """What is asked of what, without the host."""
        path, query = urlsplit(self.url)[2:4]
        return f"{self.method} {path}" + (f"?{query}" if query else "")


class Refused(Exception):
    """An answer that is an error; 400 for what is not in the format."""

    def __init__(self, reason: str, status: int = 400, kind: str = "illegal_argument_exception") -> None:
        super().__init__(reason)
        self.status, self.body = status, {"error": {"type": kind, "reason": reason}, "status": status}


class BrokenOff(Exception):
    """The connection ends without an answer."""


class Document(NamedTuple):
    """A document and its words by field: of a text those between spaces, of a keyword each value."""

    version: int
    source: Json
    words: Mapping[str, Counter[str]]


class View:
    """Documents of one moment, and queries over them; a query returns the score of each that it matches."""

    def __init__(self, fields: Json, documents: Mapping[str, Document], window: int) -> None:
        self.fields, self.documents, self.window = fields, dict(documents), window
        self._sizes = {case: {name: words.total() for name, words in d.words.items()} for case, d in documents.items()}

    def search(self, body: Json) -> Json:
        only(body, "query", "from", "size", "sort", "_source", "track_total_hits", "aggs", "pit")
        query, first, size = body.get("query", {"match_all": {}}), body.get("from", 0), body.get("size", 10)
        if first + size > self.window:
            raise Refused("Result window is too large")
        if clauses(query) > MOST_CLAUSES:  # a 500 in older releases
            raise Refused(f"maxClauseCount is set to {MOST_CLAUSES}", kind="too_many_nested_clauses")
        scores = self.scores(query)
        cases = self._ordered(scores, body.get("sort", [{"_score": "desc"}]))[first : first + size]
        names = body.get("_source", list(self.fields))
        hits = [{"_id": case, "_score": scores[case], "_source": self._shown(case, names)} for case in cases]
        found = View(self.fields, {case: self.documents[case] for case in scores}, self.window)
        counted = {name: found.aggregated(each) for name, each in body.get("aggs", {}).items()}
        total = _total(len(scores), all_of_them=body.get("track_total_hits") is True)
        return {"timed_out": False, "hits": {"total": total, "hits": hits}, "aggregations": counted}

    def scores(self, query: Json) -> dict[str, float]:
        kind, said = one(query)
        match kind:
            case "match_all":
                only(said)
                return dict.fromkeys(self.documents, 1.0)
            case "term":
                return self._term(*one(said))
            case "terms":
                name, values = one(said)
                return {case: 1.0 for value in values for case in self._having(name, value)}
            case "bool":
                return self._bool(said)
        raise Refused(f"unknown query [{kind}]", kind="parsing_exception")

    def aggregated(self, asked: Json) -> Json:
        kind, said = one(asked)
        if kind == "filters":
            only(said, "filters")
            return {"buckets": {name: {"doc_count": len(self.scores(q))} for name, q in said["filters"].items()}}
        if kind != "terms":
            raise Refused(f"unknown aggregation [{kind}]", kind="parsing_exception")
        only(said, "field", "size")
        self._known(said["field"], "doc_values")
        having = Counter(value for d in self.documents.values() for value in d.words.get(said["field"], ()))
        best = sorted(having.items(), key=lambda each: (-each[1], each[0]))[: said.get("size", 10)]
        return {"buckets": [{"key": value, "doc_count": many} for value, many in best]}

    def _term(self, name: str, said: Any) -> dict[str, float]:
        if isinstance(said, dict):
            only(said, "value", "boost")
        value, boost = (said["value"], said.get("boost", 1.0)) if isinstance(said, dict) else (said, 1.0)
        having, things = self._having(name, value), len(self.documents)
        rare = log(1 + (things - len(having) + 0.5) / (len(having) + 0.5))
        mean = sum(sizes.get(name, 0) for sizes in self._sizes.values()) / max(1, things)
        long = {case: 1 - B + B * self._sizes[case][name] / mean for case in having}
        return {case: boost * rare * often / (often + K1 * long[case]) for case, often in having.items()}

    def _bool(self, said: Json) -> dict[str, float]:
        only(said, "must", "filter", "should", "minimum_should_match")
        must, narrow, should = ([self.scores(q) for q in said.get(part, ())] for part in ("must", "filter", "should"))
        least = said.get("minimum_should_match", 0 if must or narrow else min(1, len(should)))
        found: Counter[str] = Counter(case for each in should for case in each)
        cases = (case for case in self.documents if found[case] >= least and all(case in e for e in (*must, *narrow)))
        return {case: sum(each.get(case, 0.0) for each in (*must, *should)) for case in cases}

    def _having(self, name: str, value: str) -> dict[str, int]:
        self._known(name, "index")
        if not isinstance(value, str):
            raise Refused(f"[{name}] is compared with a text")
        return {case: d.words[name][value] for case, d in self.documents.items() if value in d.words.get(name, ())}

    def _known(self, name: str, use: str) -> None:
        # A domain finds nothing by a field that it does not know; here it is a slip.
        if not self.fields[name].get(use, True):
            raise Refused(f"Cannot search on field [{name}] since it has no [{use}]")

    def _ordered(self, scores: Mapping[str, float], sort: list[Json]) -> list[str]:
        cases = list(scores)
        for key, way in reversed([one(each) for each in sort]):
            if key != "_score":
                self._known(key, "doc_values")
            by: Mapping[str, Any] = scores if key == "_score" else {c: self.documents[c].source[key] for c in cases}
            cases.sort(key=by.__getitem__, reverse={"asc": False, "desc": True}[way])
        return cases

    def _shown(self, case: str, names: list[str]) -> Json:
        return {name: value for name, value in self.documents[case].source.items() if name in names}


class Index:
    """An index: what it was made with, its documents, and the versions of deleted ones for as long as they are kept."""

    def __init__(self, body: Json) -> None:
        only(body, "settings", "mappings")
        only(body["settings"], "index")
        only(body["settings"]["index"], *SETTINGS)
        only(body["mappings"], "dynamic", "_meta", "properties")
        self.settings, self.mappings = SETTINGS | body["settings"]["index"], body["mappings"]
        self.fields: Json = self.mappings["properties"]
        for said in self.fields.values():
            known = PARAMETERS[said["type"]]
            if not all(value in known[name] for name, value in said.items() if name != "type"):
                raise Refused(f"a field is {said}", kind="mapper_parsing_exception")
        self.documents: dict[str, Document] = {}
        self._deleted: dict[str, tuple[int, float]] = {}

    def view(self) -> View:
        return View(self.fields, self.documents, self.settings["max_result_window"])

    def write(self, place: Json, source: Json | None, now: float) -> int:
        """Carry out one line of a bulk request; return its status."""
        only(place, "_id", "version", "version_type")
        case, version = place["_id"], place["version"]
        if place["version_type"] != "external_gte" or len(case.encode()) > LONGEST_ID:
            raise Refused(f"a document's place is {place}")
        before = self.documents.get(case)
        if version < max(before.version if before else 0, self._remembered(case, now)):
            return 409
        self.documents.pop(case, None)
        if source is None:
            self._deleted[case] = (version, now)
            return 200 if before else 404
        words = {name: self._words(name, value) for name, value in source.items()}
        self.documents[case] = Document(version, source, words)
        return 200 if before else 201

    def _remembered(self, case: str, now: float) -> int:
        version, at = self._deleted.get(case, (0, now))
        return version if now - at <= seconds(self.settings["gc_deletes"]) else 0

    def _words(self, name: str, value: str | list[str]) -> Counter[str]:
        if name not in self.fields:  # `dynamic` is strict
            raise Refused(f"[{name}] is not allowed", kind="strict_dynamic_mapping_exception")
        values = [value] if isinstance(value, str) else value
        return Counter(" ".join(values).split() if self.fields[name]["type"] == "text" else values)


class OpenSearch:
    """The domain. `overloaded` are ids of documents that are refused, as where a queue is full (429).

    `most_points` is how many points in time can be open at once.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.refused: list[str] = []
        self.overloaded: set[str] = set()
        self.most_points = MOST_OPEN
        self._indices: dict[str, Index] = {}
        self._points: dict[str, tuple[View, float]] = {}
        self._numbers, self._now, self._turn = count(1), 0.0, RLock()
        self._before: list[tuple[str, Callable[[], object]]] = []

    def before(self, line: str, action: Callable[[], object]) -> None:
        """Do something once, just before a request that begins so is carried out; it may raise what is answered."""
        self._before.append((line, action))

    def pass_time(self, seconds: float) -> None:
        """Let time pass: points in time are over, and deleted versions are forgotten."""
        self._now += seconds

    def lines(self) -> list[str]:
        """Return what was asked since the last time."""
        lines = [request.line for request in self.requests]
        self.requests.clear()
        return lines

    def answer(self, request: Request) -> tuple[int, Json]:
        self.requests.append(request)
        try:
            if action := next((each for each in self._before if request.line.startswith(each[0])), None):
                self._before.remove(action)
                action[1]()
            with self._turn:
                return 200, self._carried_out(request)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return self._refuse(request, Refused(repr(error), kind="parsing_exception"))
        except Refused as refusal:
            return self._refuse(request, refusal)

    def _refuse(self, request: Request, refusal: Refused) -> tuple[int, Json]:
        if refusal.status == 400:
            self.refused.append(f"{request.line}: {refusal}")
        return refusal.status, refusal.body

    def _carried_out(self, request: Request) -> Json:
        address = urlsplit(request.url)
        asked = dict(parse_qsl(address.query, strict_parsing=True)) if address.query else {}
        match request.method, *address.path.removeprefix("/").split("/"):
            case "GET", name, "_mapping":
                answer = self._mapping(name)
            case "PUT", name, "_mapping":
                self._index(name).mappings |= only(_body(request), "_meta")
                answer = {"acknowledged": True}
            case "PUT", name:
                answer = self._create(name, _body(request))
            case "POST", name, "_bulk":
                answer = self._bulk(name, request, **asked)
            case "POST", "_search":
                only(asked, "allow_partial_search_results")
                answer = self._pinned(_body(request)["pit"]).search(_body(request))
            case "POST", name, "_search":
                only(asked, "allow_partial_search_results")
                answer = self._index(name).view().search(_body(request, but="pit"))
            case "POST", name, "_search", "point_in_time":
                answer = self._pin(name, **asked)
            case _:
                raise Refused("no handler found for it")
        return answer

    def _create(self, name: str, body: Json) -> Json:
        if name in self._indices:
            raise Refused(f"index [{name}] already exists", kind="resource_already_exists_exception")
        if not fullmatch("[a-z0-9][a-z0-9_.-]*", name):
            raise Refused(f"Invalid index name [{name}]", kind="invalid_index_name_exception")
        self._indices[name] = Index(body)
        return {"acknowledged": True, "shards_acknowledged": True, "index": name}

    def _mapping(self, name: str) -> Json:
        found = [each for each in self._indices if fnmatchcase(each, name)]
        if not found and "*" not in name:
            self._index(name)
        return {each: {"mappings": self._indices[each].mappings} for each in found}

    def _index(self, name: str) -> Index:
        if name not in self._indices:
            raise Refused(f"no such index [{name}]", 404, "index_not_found_exception")
        return self._indices[name]

    def _bulk(self, name: str, request: Request, refresh: str = "false") -> Json:
        if request.headers["content-type"] != "application/x-ndjson" or refresh not in {"true", "false", "wait_for"}:
            raise Refused("a bulk request is NDJSON")
        *lines, last = request.body.decode().split("\n")
        if last or not lines or name not in self._indices:
            raise Refused("The bulk request must be terminated by a newline [\\n]")
        said, items = (json.loads(line) for line in lines), []
        for line in said:
            kind, place = one(only(line, "index", "delete"))
            items.append({kind: self._written(self._indices[name], place, next(said) if kind == "index" else None)})
        return {"errors": any(each["status"] >= 400 for item in items for each in item.values()), "items": items}

    def _written(self, index: Index, place: Json, source: Json | None) -> Json:
        if place["_id"] in self.overloaded:
            error = {"type": "rejected_execution_exception", "reason": "rejected execution of primary operation"}
            return {"_id": place["_id"], "status": 429, "error": error}
        try:
            return {"_id": place["_id"], "status": index.write(place, source, self._now)}
        except Refused as refusal:
            self.refused.append(f"{place}: {refusal}")
            return {"_id": place["_id"], **refusal.body}

    def _pin(self, name: str, keep_alive: str) -> Json:
        self._points = {each: (view, until) for each, (view, until) in self._points.items() if until >= self._now}
        if len(self._points) >= self.most_points:
            raise Refused("Trying to create too many Point In Time contexts", 429, "rejected_execution_exception")
        made = urlsafe_b64encode(f"point in time {next(self._numbers)}".encode()).decode()
        self._points[made] = (self._index(name).view(), self._now + seconds(keep_alive))
        return {"pit_id": made, "creation_time": 0}

    def _pinned(self, pit: Json) -> View:
        only(pit, "id", "keep_alive")
        urlsafe_b64decode(pit["id"])  # what cannot be decoded is refused before it is looked up
        view, until = self._points.get(pit["id"], (None, -1))
        if view is None or until < self._now:
            raise Refused("No search context found", 404, "search_context_missing_exception")
        self._points[pit["id"]] = (view, max(until, self._now + seconds(pit.get("keep_alive", "0s"))))
        return view


class Handler(BaseHTTPRequestHandler):
    """One request over HTTP, and its answer."""

    def __init__(self, domain: OpenSearch, *connection: Any) -> None:
        self._domain = domain
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        try:
            url = f"http://{headers['host']}{self.path}"
            status, said = self._domain.answer(Request(self.command, url, headers, body))
        except BrokenOff:
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.end_headers()
        self.wfile.write(json.dumps(said, ensure_ascii=False).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[tuple[OpenSearch, str]]:
    """Run a new domain inside the block; yield it and its address."""
    domain = OpenSearch()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, domain)) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield domain, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def clauses(query: Json) -> int:
    """Return how many terms are looked for, in a query and in those inside it."""
    kind, said = one(query)
    return 1 if kind != "bool" else sum(clauses(q) for p in ("must", "filter", "should") for q in said.get(p, ()))


def one(said: Json) -> tuple[str, Any]:
    """Return the only name there is and what it says."""
    ((name, value),) = said.items()
    return name, value


def only(said: Json, *names: str) -> Json:
    """Return an object that has no other names than these."""
    if unknown := said.keys() - set(names):
        raise Refused(f"unknown: {', '.join(sorted(unknown))}", kind="parsing_exception")
    return said


def seconds(text: str) -> int:
    """Return a time as it is written, such as 15m."""
    return int(text[:-1]) * SECONDS[text[-1]]


def _body(request: Request, but: str = "") -> Json:
    body: Json = json.loads(request.body)
    if request.headers["content-type"] != "application/json" or but in body:
        raise Refused("a request is JSON")
    return body


def _total(many: int, *, all_of_them: bool) -> Json:
    if all_of_them or many <= COUNTED:
        return {"value": many, "relation": "eq"}
    return {"value": COUNTED, "relation": "gte"}
