"""HTTP for identity: the directory of organisations, who the caller is, and what the suite's API is."""

from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from services.identity import directory
from services.identity.directory import Details, Listing, Me
from services.shared.canonical import now
from services.shared.http import Limit, Next, lambda_handler, make_app, officer_of
from services.shared.organisations import Tier

app = make_app()
DOCUMENT = FilePath(__file__).with_name("openapi.json")
BEIJING = ZoneInfo("Asia/Shanghai")  # days are counted here

Words = Annotated[str, Query(max_length=100, description="Words that a name or an alias must contain")]
OrganisationCode = Annotated[str, Path(max_length=80)]


@app.get("/identity/organisations")
def list_organisations(
    q: Words = "", tier: Annotated[Tier | None, Query()] = None, limit: Limit = 50, next: Next = None
) -> Listing:
    """List organisations under the names they have today."""
    return directory.search(q=q, tier=tier, limit=limit, after=next, day=now().astimezone(BEIJING).date())


@app.get("/identity/organisations/<code>")
def get_organisation(code: OrganisationCode) -> Details:
    """Show an organisation, with every name it had."""
    return directory.details(code, now().astimezone(BEIJING).date())


@app.get("/identity/me")
def get_me() -> Me:
    """Show the caller's organisation, officer id and roles."""
    return directory.me(officer_of(app), now().astimezone(BEIJING).date())


@app.get("/openapi.json")
def get_openapi() -> Response[str]:
    """Give the OpenAPI document of the whole suite."""
    body = DOCUMENT.read_text(encoding="utf-8")
    return Response(HTTPStatus.OK, "application/json", body, headers={"Cache-Control": "public, max-age=300"})


handler = lambda_handler(app)
