"""What is served under which path."""

from __future__ import annotations

import asyncio
import functools
import json
import traceback
from collections.abc import Iterable, MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyoxigraph import QuerySolutions

from trilogue import disk
from trilogue.disk import Versions, is_store, is_versioned
from trilogue.errors import TrilogueError
from trilogue.graph import EmbeddedBackend
from trilogue.server import graph_store, metrics
from trilogue.server.access import Access
from trilogue.server.board import Board, client_number
from trilogue.server.form import QueryForm
from trilogue.server.graph_store import GraphStore
from trilogue.server.limits import Limits
from trilogue.server.messages import RefusedError, Request, Response, phrase, refuse
from trilogue.server.protocol import Endpoint
from trilogue.server.services import Services
from trilogue.server.stores import Held, Stores

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from trilogue.server.streams import Stream

_COUNT = "SELECT (COUNT(*) AS ?triples) { ?s ?p ?o }"
_ENDPOINT_PATHS = ("/sparql", "/sparql/")
_OF_CONNECTION = (b"connection", b"content-length", b"date", b"server", b"transfer-encoding")
_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type",
    "Access-Control-Max-Age": "86400",
}


class Application:
    """The endpoint at `/sparql`, graphs at `/store`, `/health`, `/metrics`; pages elsewhere."""

    def __init__(self, endpoint: Endpoint, routes: Sequence[BaseRoute] = ()) -> None:
        self.endpoint = endpoint
        self.limits = endpoint.limits
        # places for quick workers, for long queries, and for what is about to become either
        self.board = Board(2 * self.limits.workers + self.limits.long_queries + 2)
        self.access = endpoint.access
        self._graphs = GraphStore(endpoint)
        self._pages = Pages(routes) if routes else None

    def open(self) -> None:
        """Open the store, in the process that is to ask it."""
        self.endpoint.store  # noqa: B018

    def respond(self, request: Request) -> tuple[Response, str]:
        """Return the answer to a request, and the fault of ours where there was one."""
        fault = ""
        try:
            response = self._route(request)
        except RefusedError as refusal:
            response = refuse(refusal, request.accepts)
        except BaseException:  # with panics of the store, which are no Exception
            fault = traceback.format_exc()
            response = refuse(RefusedError(500, "internal error"), request.accepts)
        return response, fault

    def _route(self, request: Request) -> Response:
        if request.path == "/health":
            return self._health(request)
        if request.path == "/metrics":
            return self._metrics(request)
        wait = self.board.wait(client_number(request.client), self.limits.rate, self.limits.burst)
        if wait:
            seconds = {"Retry-After": str(int(wait) + 1)}
            raise RefusedError(429, "too many requests; slow down", headers=seconds)
        if request.path in _ENDPOINT_PATHS:
            if request.method == "OPTIONS":
                return _options("GET, HEAD, POST, OPTIONS")
            return self.endpoint.respond(request)
        if request.path == graph_store.PATH or request.path.startswith(f"{graph_store.PATH}/"):
            if request.method == "OPTIONS":
                return _options(", ".join((*graph_store.METHODS, "OPTIONS")))
            return self._graphs.respond(request)
        if request.method == "OPTIONS":
            return _options("GET, HEAD, OPTIONS")
        if self._pages is not None:
            return self._pages.respond(request)
        raise RefusedError(404, "nothing here; the SPARQL endpoint is /sparql")

    def _health(self, request: Request) -> Response:
        _only_read(request)
        healthy = bool(self.endpoint.store.query("ASK {}"))
        body = json.dumps({"status": "ok" if healthy else "ill"})
        return Response(200 if healthy else 503, _uncached("application/json"), body.encode())

    def _metrics(self, request: Request) -> Response:
        _only_read(request)
        body = metrics.exposition(self.board)
        return Response(200, _uncached(metrics.CONTENT_TYPE), body)


def _only_read(request: Request) -> None:
    if request.method not in ("GET", "HEAD"):
        raise RefusedError(
            405, f"{request.method} is not served here", headers={"Allow": "GET, HEAD"}
        )


def _options(methods: str) -> Response:
    headers = {"Allow": methods, "Access-Control-Allow-Methods": methods, **_PREFLIGHT}
    return Response(204, headers)


def _uncached(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type, "Cache-Control": "no-store"}


class Pages:
    """Routes of Starlette, asked by one worker at a time."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        from starlette.applications import Starlette

        self._application = Starlette(routes=list(routes))
        self._loop: asyncio.AbstractEventLoop | None = None

    def respond(self, request: Request) -> Response:
        """Return the page that a request asks for."""
        if self._loop is None:  # each process needs its own
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(self._answer(request))

    async def _answer(self, request: Request) -> Response:
        response = Response(500)
        body: list[bytes] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                response.status = message["status"]
                response.headers = _headers(message.get("headers", ()))
            elif stream is not None and (message.get("more_body") or stream.response):
                _pass_on(message, response, request, stream)
            else:
                body.append(message.get("body", b""))

        from starlette.requests import ClientDisconnect

        stream = request.open_stream()
        with suppress(_EnoughError, ClientDisconnect):
            await self._application(_scope(request), receive, send)
        response.body = b"".join(body)
        if response.status >= 400 and response.headers.get("Content-Type", "").startswith(
            "text/plain"
        ):
            allowed = {name: text for name, text in response.headers.items() if name == "Allow"}
            reason = response.body.decode() or phrase(response.status)
            raise RefusedError(response.status, reason, headers=allowed)
        return response


class _EnoughError(Exception):
    """Nothing more of an answer is wanted."""


def _pass_on(
    message: MutableMapping[str, Any], response: Response, request: Request, stream: Stream
) -> None:
    """Send a piece of an answer on its way."""
    if stream.response is None:
        if request.method == "HEAD":
            response.streamed = True
            raise _EnoughError
        stream.begin(response)
    stream.write(message.get("body", b""))
    if not message.get("more_body"):
        stream.end()


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers of a page, but for those of the connection.

    Raises `ValueError` where one has a line break.
    """
    headers = {}
    for name, value in pairs:
        if b"\r" in value or b"\n" in value:
            raise ValueError(f"a line break in header {name.decode()}")
        if name.lower() not in _OF_CONNECTION:
            headers[name.decode("latin-1").title()] = value.decode("latin-1")
    return headers


def _scope(request: Request) -> dict[str, Any]:
    from urllib.parse import unquote

    host, _, port = request.header("host").partition(":")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET" if request.method == "HEAD" else request.method,
        "scheme": "http",
        "path": unquote(request.path),
        "raw_path": request.path.encode(),
        "root_path": "",
        "query_string": request.query.encode(),
        "headers": [
            (name.encode(), value.encode("latin-1")) for name, value in request.headers.items()
        ],
        "client": (request.client, 0),
        "server": (host, int(port) if port.isdigit() else 80),
    }


def application(
    backend: EmbeddedBackend,
    limits: Limits | None = None,
    routes: Sequence[BaseRoute] = (),
    *,
    address: str = "",
    services: Services | None = None,
    form: QueryForm | None = None,
) -> Application:
    """Return what serves a store in memory: its endpoint, and pages under the routes.

    `address` is where the world finds the endpoint, if not at the host that clients ask;
    `services` answers SERVICE, `form` is the endpoint's page.
    """
    counted = backend.store.query(_COUNT, use_default_graph_as_union=True)
    assert isinstance(counted, QuerySolutions)
    triples = int(next(counted)["triples"].value)
    stores = Held(lambda: backend.store)
    endpoint = Endpoint(
        stores,
        limits or Limits(),
        address,
        triples,
        services=services or Services(),
        form=form or QueryForm(),
    )
    return Application(endpoint, routes)


def stores_on_disk(folder: Path, *, written: bool = False) -> Stores:
    """Return the store in a folder, which each process opens for itself.

    Its size does not matter for the start. One that is to be `written` is kept in versions. Raises
    `TrilogueError` where no store is there.
    """
    if written or is_versioned(folder):
        return Versions.of(folder)
    if is_store(folder):
        return Held(functools.partial(disk.opened, folder), folder)
    raise TrilogueError(f"{folder}: no store of Oxigraph")


def application_on_disk(
    stores: Stores,
    limits: Limits | None = None,
    routes: Sequence[BaseRoute] = (),
    *,
    address: str = "",
    access: Access | None = None,
    services: Services | None = None,
    form: QueryForm | None = None,
) -> Application:
    """Return what serves a store on disk, to which `access` lets some write."""
    endpoint = Endpoint(
        stores,
        limits or Limits(),
        address,
        access=access or Access(),
        services=services or Services(),
        form=form or QueryForm(),
    )
    return Application(endpoint, routes)
