"""Routes to the documents of a site: names of things lead to pages or data, by what is accepted.

A thin layer for Starlette over `trilogue.publication`. Handlers do their work in the event loop,
because a worker of ours serves one request at a time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trilogue.namespaces import THINGS
from trilogue.publication import addresses, forms, pages
from trilogue.publication.rendering import POLICY
from trilogue.publication.site import HTML, Document
from trilogue.server.messages import PROBLEM

_SHOWN = 400
_CACHED = "public, max-age=3600"
_PAGE = "text/html"


class Documents(Protocol):
    """A site, made from the graph or read from a folder where it was published."""

    def has(self, path: str) -> bool:
        """Tell whether there is a document under a path."""

    def document(self, path: str) -> Document | None:
        """Return the document of a path."""

    def missing(self, iri: str, path: str) -> bytes:
        """Return the page that says that nothing is known of an IRI."""


Search = Callable[[str], bytes]
"""Returns the page of the things whose names are like some words."""


def routes(site: Documents, search: Search | None = None) -> list[Route]:
    """Return the routes of a site: `/id/…`, `/ns`, and all documents under their paths.

    Without a search, its form leads to the list of all names.
    """

    async def thing(request: Request) -> Response:
        name = f"{request.path_params['kind']}/{request.path_params['key']}"
        if addresses.iri_of(name) != THINGS + name or not site.has(addresses.page_path(name)):
            return _missing(site, request, THINGS + name)
        offered = [(forms.FORMS[form].media_type, form) for form in pages.forms_of(name)]
        form = preferred(request.headers.get("accept", ""), [(_PAGE, ""), *offered])
        path = addresses.data_path(name, form) if form else addresses.page_path(name)
        return _see_other(request, path)

    async def ontology(request: Request) -> Response:
        offered = [(forms.FORMS[form].media_type, form) for form in forms.OF_ONTOLOGY]
        form = preferred(request.headers.get("accept", ""), [(_PAGE, ""), *offered])
        path = f"ontology/trilogue.{form}" if form else "ontology/index.html"
        return _see_other(request, path)

    async def document(request: Request) -> Response:
        path = request.path_params["path"]
        words = request.query_params.get("q", "").strip()[:_SHOWN]
        if path == pages.SEARCH and words and search is not None:
            return _sent(request, search(words), HTML)
        if path == "" or path.endswith("/"):
            path += "index.html"
        found = site.document(path)
        if found is None:
            name = path.partition("/")[2].rpartition(".")[0]
            return _missing(site, request, addresses.iri_of(name) or f"/{path}")
        return _sent(request, found.content, found.media_type)

    return [
        Route("/id/{kind}/{key}", thing),
        Route("/ns", ontology),
        Route("/ns/{version}", ontology),
        Route("/{path:path}", document),
    ]


def preferred(accept: str, offered: Sequence[tuple[str, str]]) -> str:
    """Return the name of the offered media type that a client likes best, the first of equals.

    A client that accepts none of them gets the first: a page helps more than a refusal.

    >>> offered = [("text/html", "page"), ("text/turtle", "ttl")]
    >>> preferred("text/turtle, text/html;q=0.5", offered), preferred("image/png", offered)
    ('ttl', 'page')
    """
    wanted: dict[str, float] = {}
    for part in accept.lower().split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        wanted[media_range] = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0

    def liked(media_type: str) -> float:
        ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
        return next((wanted[item] for item in ranges if item in wanted), 0.0)

    return max(offered, key=lambda item: liked(item[0]))[1]


def _see_other(request: Request, path: str) -> Response:
    """Lead to another document, by an address that holds under any prefix of the server."""
    root = addresses.upwards(request.url.path.removeprefix("/"))
    headers = {"Location": (root or "./") + path, "Vary": "Accept", "Cache-Control": _CACHED}
    return Response(status_code=303, headers=headers)


def _sent(request: Request, content: bytes, media_type: str) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _CACHED, "Vary": "Accept"}
    if media_type == HTML:
        headers["Content-Security-Policy"] = POLICY
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    headers["Content-Type"] = media_type
    return Response(content, headers=headers)


def _missing(site: Documents, request: Request, iri: str) -> Response:
    """Say that nothing is known of an IRI: as a page, or as data where that is liked better."""
    headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
    offered = [(_PAGE, ""), *((form.media_type, name) for name, form in forms.FORMS.items())]
    offered += [("application/json", "json"), (PROBLEM, "json")]
    if preferred(request.headers.get("accept", ""), offered):
        said = f"the graph knows nothing of {iri[:_SHOWN]}"
        problem = {"title": "Not found", "status": 404, "detail": said}
        headers["Content-Type"] = PROBLEM
        return Response(json.dumps(problem).encode(), 404, headers)
    headers |= {"Content-Type": HTML, "Content-Security-Policy": POLICY}
    path = request.url.path.removeprefix("/")
    return Response(site.missing(iri, path), 404, headers)
