"""Requests over HTTP: one function, and a module of routes for each kind of thing that it answers for."""

from services.requests import (
    agreements_api,
    demands_api,
    desk_api,
    erasures_api,
    objections_api,
    onward_api,
    reports_api,
    requests_api,
)
from services.shared import http

AREAS = (desk_api, requests_api, agreements_api, reports_api, objections_api, onward_api, demands_api, erasures_api)

app = http.make_app()
for area in AREAS:
    app.include_router(area.router)
handler = http.lambda_handler(app)
