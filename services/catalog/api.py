"""The catalogue over HTTP: one function, and a module of routes for each kind of thing that it answers for."""

from services.catalog import (
    adjudications_api,
    catalogues_api,
    checks_api,
    collections_api,
    databases_api,
    erasures_api,
    exports_api,
    figures_api,
    imports_api,
    reports_api,
    resources_api,
    search_api,
)
from services.shared import http

AREAS = (
    resources_api,
    collections_api,
    databases_api,
    checks_api,
    adjudications_api,
    figures_api,
    imports_api,
    exports_api,
    catalogues_api,
    reports_api,
    search_api,
    erasures_api,
)

app = http.make_app()
for area in AREAS:
    app.include_router(area.router)
handler = http.lambda_handler(app)
