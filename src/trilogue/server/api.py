"""Routes to the API: a thin layer for Starlette over `trilogue.api`.

An answer is complete before it is sent, but for lines, of which each is sent as it is found. A
question takes as long, and as much memory, as a query may: the worker that answers it is
watched.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import chain
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route

from trilogue.api.description import Operation, operations
from trilogue.api.errors import NotKnownError
from trilogue.api.service import Service
from trilogue.errors import QueryError
from trilogue.server.caching import CACHED, tagged
from trilogue.server.messages import PROBLEM, RefusedError, problem
from trilogue.server.negotiation import preferred
from trilogue.server.protocol import parse_parameters
from trilogue.server.streams import LINES

PREFIX = "/api"
_FORMS = (("application/json", "json"), (LINES, LINES))


def routes(service: Callable[[], Service], cached: str = CACHED) -> list[Mount]:
    """Return the routes to all operations of the description, and to nothing else below /api.

    `cached` says how long an answer may be kept: one from a store that changes is asked for anew.
    """
    application = Starlette(
        routes=[
            Route(each.path.removeprefix(PREFIX), _handler(service, each, cached))
            for each in operations()
        ],
        exception_handlers={
            HTTPException: _said_by_starlette,
            NotKnownError: _not_known,
            QueryError: _malformed,
            RefusedError: _refused,
        },
    )
    application.router.redirect_slashes = False
    return [Mount(PREFIX, application)]


def _handler(
    service: Callable[[], Service], operation: Operation, cached: str
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        given = parse_parameters(request.url.query)
        asked = {**operation.read(given), **request.path_params}
        if operation.has_lines and preferred(request.headers.get("accept", ""), _FORMS) == LINES:
            lines = service().lines(operation.name, asked)
            first = next(lines)  # what is wrong with a question is known before anything is sent
            content_type = {"Cache-Control": cached, "Content-Type": LINES}
            return StreamingResponse(_written(chain([first], lines)), headers=content_type)
        content = _json(service().answer(operation.name, asked))
        return tagged(request, content, "application/json", {"Cache-Control": cached})

    return handle


async def _written(lines: Iterable[Any]) -> AsyncIterator[bytes]:
    for line in lines:
        yield _json(line) + b"\n"


def _said_by_starlette(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return _problem(405, f"{request.method} is not served here", {"Allow": "GET, HEAD"})
    return _problem(error.status_code, f"nothing here; {PREFIX}/openapi.json says what there is")


def _not_known(request: Request, error: Exception) -> Response:
    return _problem(404, str(error))


def _malformed(request: Request, error: Exception) -> Response:
    return _problem(400, str(error))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return _problem(error.status, str(error), error.headers)


def _problem(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    content = _json(problem(status, reason))
    return Response(content, status, {"Cache-Control": "no-cache", **(headers or {})}, PROBLEM)


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
