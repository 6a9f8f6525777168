"""The command that serves the graph."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urljoin

import typer

from trilogue import errors
from trilogue.cli.app import app, messages
from trilogue.project import Project

if TYPE_CHECKING:
    from trilogue.catalogue import Query
    from trilogue.publication.site import Site

_MEGABYTE = 1_048_576
_MOST_FOUND = 50


def _examples(project: Project) -> tuple[Query, ...]:
    """Return the queries to begin with: those that the endpoint itself can be asked."""
    from trilogue import catalogue

    found = catalogue.read(project)
    return tuple(query for query in found if query.kind != "inference" and not query.asserted)


def _prepared(site: Site) -> Site:
    """Read what pages share before any process is forked: none of them keeps what it reads."""
    site.prepare()
    return site


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = 8_080,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a query may take.")] = 30,
    memory: Annotated[int, typer.Option(min=16, help="Megabytes that a query may take.")] = 512,
    rows: Annotated[int, typer.Option(min=1, help="Rows that an answer may have.")] = 1_000_000,
    rate: Annotated[
        float, typer.Option(min=0.1, help="Requests a second from one client, over time.")
    ] = 50,
    burst: Annotated[float, typer.Option(min=1, help="Requests at once from one client.")] = 200,
    concurrency: Annotated[
        int, typer.Option(min=1, help="Long queries of one client at the same time.")
    ] = 4,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes for small queries; 0: one a core.")
    ] = 0,
    store: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Serve this store on disk instead of the graph."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Whoever sends the token that stands in it may write to the store on disk."
            " Or give the token in TRILOGUE_TOKEN.",
        ),
    ] = None,
    allow_service: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="SERVICE and LOAD may ask this host; an address of this machine or network only"
            " where it is named as such, with its port.",
        ),
    ] = None,
    site: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Serve the pages that `publish` wrote there."),
    ] = None,
    address: Annotated[
        str, typer.Option(metavar="URL", help="Where the world finds the endpoint.")
    ] = "",
    behind_proxy: Annotated[
        bool,
        typer.Option("--behind-proxy", help="Tell clients apart by X-Forwarded-For."),
    ] = False,
    log: Annotated[bool, typer.Option(help="Write an access log to standard error.")] = True,
    elsewhere: Annotated[str, typer.Option("--endpoint", hidden=True)] = "",
) -> None:
    """Serve the graph over HTTP: SPARQL 1.1 at /sparql, graphs at /store, pages elsewhere.

    Pages are made from the graph as they are asked for, or come from a published site; with one,
    dumps cost nothing. What programs ask beyond SPARQL is under /api, described at
    /api/openapi.json. A store on disk may be of any size: each process opens it for itself, and
    reads what a search for paths needs when it is asked for one.
    Examples: `trilogue serve --port 8080 --timeout 10`, `trilogue serve --site build/site`
    """
    if elsewhere:
        raise errors.QueryError(
            "--endpoint: a store that answers SPARQL is served already; `trilogue publish "
            "--endpoint` makes pages of it, and --site serves those"
        )
    from trilogue import server
    from trilogue.api.service import Service
    from trilogue.graph import EmbeddedBackend, Graph
    from trilogue.publication.folder import PublishedFolder
    from trilogue.publication.site import Site
    from trilogue.server import api
    from trilogue.server.living import of_present
    from trilogue.server.pages import routes

    limits = server.Limits(
        timeout=timeout,
        memory=memory * _MEGABYTE,
        rows=rows,
        rate=rate,
        burst=burst,
        concurrency=concurrency,
    )
    form = server.QueryForm(_examples(Project.find()))
    allowed = tuple(server.Allowed.read(host) for host in allow_service or ())
    client = server.Client(allowed, timeout / 2)
    access = server.Access(server.read_token(token_file, os.environ))
    if access.is_open and not store:
        raise errors.TrilogueError("the graph is made from rows: to write, give a --store as well")
    if workers:
        limits = replace(limits, workers=workers)
    try:
        listener = server.listen(host, port)
    except OSError as error:
        raise errors.TrilogueError(f"{host}:{port}: {error.strerror or error}") from None
    place = f"[{host}]" if ":" in host else host
    endpoint = f"http://{place}:{listener.getsockname()[1]}/sparql"
    pages = routes(PublishedFolder(site)) if site else []
    if store:
        stores = server.stores_on_disk(store, written=access.is_open)
        live = of_present(stores, Project.find(), Service)
        application = server.application_on_disk(
            stores,
            limits,
            [*api.routes(live, "no-cache"), *pages],
            address=address,
            access=access,
            services=server.Services(client, lambda: live().graph.network),
            form=form,
        )
    else:
        graph = Graph(EmbeddedBackend.load(Project.find().dataset), Project.find())
        assert isinstance(graph.backend, EmbeddedBackend)
        found = address or endpoint
        made = Site(graph, urljoin(found, "."), found)
        service = Service(graph, None if site else lambda: made.source.found_contradictions)
        service.prepare()

        def search(words: str) -> bytes:
            names = service.answer("searchNames", {"q": words, "limit": _MOST_FOUND})
            return made.search(words, names["things"])

        pages = routes(PublishedFolder(site) if site else _prepared(made), search)
        application = server.application(
            graph.backend,
            limits,
            [*api.routes(lambda: service), *pages],
            address=address,
            services=server.Services(client, lambda: graph.network),
            form=form,
        )
    messages.print(endpoint, highlight=False)
    server.serve(application, listener, log=2 if log else None, proxied=behind_proxy)
