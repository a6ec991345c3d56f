"""``/api/openapi.json``: what the API of films and scripts offers, refusals included."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from web import films_api, scripts_api
from web.films_api import Anyone
from web.security import SAFE_METHODS

router = APIRouter(include_in_schema=False)
PROBLEM = {
    "title": "Problem",
    "description": "Why a request was refused. Some codes bring more fields, for example ``retry_after`` in seconds.",
    "type": "object",
    "required": ["code", "message", "retryable"],
    "properties": {
        "code": {"type": "string", "description": "Stable, for programs."},
        "message": {"type": "string", "description": "For people, in their language."},
        "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
    },
}
WHENEVER = {
    "400": "The request can't be read.",
    "401": "Nobody is signed in.",
    "403": "Your role doesn't permit it, or the CSRF token is missing.",
    "404": "There is no such thing, or it is not yours.",
    "422": "The values make no sense.",
    "503": "The database is busy; try again.",
}
WRITING = {
    "409": "Somebody else changed it first.",
    "413": "The body is too large.",
    "429": "Too many requests; `retry_after` says how many seconds to wait.",
}
WITH_RANGES = {"206": "The range that was asked for.", "304": "Not changed.", "416": "There is no such range."}


@router.get("/api/openapi.json")
async def description(request: Request, account: Anyone) -> dict[str, Any]:
    """What this API offers, as OpenAPI."""
    return described("Diotima: films and scripts", [*films_api.router.routes, *scripts_api.router.routes])


def described(title: str, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The routes as OpenAPI, with the refusals that every one of them may answer with."""
    found = get_openapi(title=title, version="1", routes=routes)
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    # FastAPI's form of a validation error; ours is a Problem like any other.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            told = WHENEVER if method.upper() in SAFE_METHODS else WHENEVER | WRITING
            refusals: dict[str, Any] = {status: _refusal(about) for status, about in told.items()}
            if path.startswith("/media/"):
                refusals |= {status: {"description": about} for status, about in WITH_RANGES.items()}
                _any_type(operation)
            operation["responses"] |= refusals
    return found


def _refusal(about: str) -> dict[str, Any]:
    return {
        "description": about,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _any_type(operation: dict[str, Any]) -> None:
    """A film's file has the type of its kind."""
    operation["responses"]["200"]["content"] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
