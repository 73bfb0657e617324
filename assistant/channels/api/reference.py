"""The API's reference: its OpenAPI description, and /docs, whose script comes from this server alone."""

from __future__ import annotations

from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from assistant.channels.problems import MEDIA, Problem

REFUSED: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "The request is refused; `detail` says why, and what to do.",
        "content": {
            MEDIA: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {
                    "title": "Not Found",
                    "status": 404,
                    "detail": "There is no conversation 'x'; start one, or check the id.",
                },
            }
        },
    }
}
"""How every route refuses."""
FOR = {
    "/api/v1/desk": "agents",
    "/api/v1/knowledge": "editors",
    "/api/v1/erasures": "admins",
    "/api/v1/session": "everybody who signs in",
    "/api/v1": "customers",
    "/": "operations",
}
"""Whom a route is for, by how its path begins."""
FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
"""What /docs needs of Swagger UI, and its media types."""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sevai API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="/docs/favicon-32x32.png"></head>
<body><div id="reference"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/open.js"></script>
</body></html>"""
OPEN = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#reference", deepLinking: true, validatorUrl: null});'


def mount(app: FastAPI) -> FastAPI:
    """The app with its reference in it, which describes whatever else is mounted."""
    here = static()

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(PAGE)

    @app.get("/docs/open.js", include_in_schema=False)
    def begin() -> Response:
        return Response(OPEN, media_type="text/javascript")

    @app.get("/docs/{name}", include_in_schema=False)
    def file(name: str) -> FileResponse:
        if name not in FILES:
            raise HTTPException(HTTPStatus.NOT_FOUND, "The reference has no such file.")
        return FileResponse(here / name, media_type=FILES[name])

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            told = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schema.setdefault("components", {}).setdefault("schemas", {}).update(
                {**told.pop("$defs"), Problem.__name__: told}
            )
            for path, operations in schema["paths"].items():
                tag = next(who for beginning, who in FOR.items() if path.startswith(beginning))
                for operation in operations.values():
                    operation.setdefault("tags", [tag])
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]
    return app


def static() -> Path:
    """Where Swagger UI lies; its package itself, which is for other frameworks, is not imported."""
    found = find_spec("swagger_ui")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("Swagger UI is missing: install swagger-ui-py, as pyproject.toml names it.")
    return Path(found.origin).parent / "static"
