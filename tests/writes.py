"""A request that would succeed for each route that writes, to be spoilt in every way."""

import json
from typing import Any, NamedTuple

from tests.catalogue import ENTRY
from tests.routes import CALLERS, Sent, handler_of
from tests.sharing import REFUSAL, a_published_entry, a_request, draft, redraft
from tests.support import Reply, call, token

ROUTES = [
    "POST /catalog/resources",
    "PUT /catalog/resources/{resource_id}",
    "POST /catalog/resources/{resource_id}/{action}",
    "POST /catalog/imports",
    "POST /requests",
    "PUT /requests/{request_id}",
    "POST /requests/{request_id}/{action}",
]
ROW = {
    "id": "bj-bad-1",
    "source": "beijing",
    "title": "空余泊位发送记录",
    "provider": "石景山区",
    "summary": "泊位",
    "items": [{"name": "空余泊位数", "type": None}],
    "update_frequency": "",
    "format": ["csv"],
    "theme": "",
    "source_url": "https://data.beijing.gov.cn/1",
    "updated": "2024-01-01",
    "provider_in_summary": "",
    "archived": False,
    "downloads": 0,
}


class Write(NamedTuple):
    """A request that would succeed: by whom, and where in its body a free text lies."""

    sent: Sent
    caller: str
    text: tuple[str | int, ...]

    def send(self, *, raw: str | None = None, bearer: str | None = None, **headers: str) -> Reply:
        """Send it with another body, token or header; a header's name has `_` for `-`."""
        named = {"If-Match": self.sent.etag} if self.sent.etag else {}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = raw if raw is not None else json.dumps(self.sent.json)
        shown = bearer or token(*CALLERS[self.caller])
        return call(handler_of(self.sent.path), self.sent.method, self.sent.path, token=shown, raw=body, headers=named)

    def with_text(self, value: Any) -> str:
        """Return the body with another value where the text lies."""
        body = json.loads(json.dumps(self.sent.json))
        inner = body
        for step in self.text[:-1]:
            inner = inner[step]
        inner[self.text[-1]] = value
        return json.dumps(body)

    @property
    def pointer(self) -> str:
        """Where the text lies, as a problem points at it."""
        return "".join(f"/{step}" for step in self.text)


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes; wants the data stack in the environment."""
    drafted, asking, _ = a_request("DRAFT")
    asked, _, giving = a_request("SUBMITTED")
    tag, seen = asking.get(f"/requests/{drafted}").etag, giving.get(f"/requests/{asked}").etag
    made = Sent("POST", "/catalog/resources", ENTRY).by("giving")
    entry = f"/catalog/resources/{made.body['id']}"
    body, revised = draft(a_published_entry()), redraft(asking, drafted)
    gaps = {"gaps": [{"pointer": "/title", "detail": "缺少"}]}
    under_review = _an_entry_under_review()
    purpose = ("terms", "purpose", "text")
    return {
        "POST /catalog/resources": Write(Sent("POST", "/catalog/resources", ENTRY), "giving", ("title",)),
        "PUT /catalog/resources/{resource_id}": Write(Sent("PUT", entry, ENTRY, made.etag), "giving", ("title",)),
        "POST /catalog/resources/{resource_id}/{action}": Write(
            Sent("POST", f"{under_review[0]}/return", gaps, under_review[1]), "office", ("gaps", 0, "detail")
        ),
        "POST /catalog/imports": Write(
            Sent("POST", "/catalog/imports", {"rows": [ROW]}), "office", ("rows", 0, "title")
        ),
        "POST /requests": Write(Sent("POST", "/requests", body), "asking", purpose),
        "PUT /requests/{request_id}": Write(Sent("PUT", f"/requests/{drafted}", revised, tag), "asking", purpose),
        "POST /requests/{request_id}/{action}": Write(
            Sent("POST", f"/requests/{asked}/refuse", REFUSAL, seen), "giving", ("reason",)
        ),
    }


def _an_entry_under_review() -> tuple[str, str]:
    """Return the address and the version of an entry that the office reviews."""
    last = Sent("POST", "/catalog/resources", ENTRY).by("giving")
    address = f"/catalog/resources/{last.body['id']}"
    last = Sent("POST", f"{address}/submit", {}, last.etag).by("giving")
    return address, Sent("POST", f"{address}/start_review", {}, last.etag).by("office").etag
