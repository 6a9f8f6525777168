"""The command that serves the graph."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urljoin

import typer

from trilogue import errors
from trilogue.cli.app import app, messages
from trilogue.project import Project

if TYPE_CHECKING:
    from trilogue.catalogue import Query
    from trilogue.graph import EmbeddedBackend
    from trilogue.publication.folder import PublishedFolder
    from trilogue.server import Access, Application, Client, Limits, QueryForm

_MEGABYTE = 1_048_576
_MOST_FOUND = 50


def _examples(project: Project) -> tuple[Query, ...]:
    """Return the queries to begin with: those that the endpoint itself can be asked."""
    from trilogue import catalogue

    found = catalogue.read(project)
    return tuple(query for query in found if query.kind != "inference" and not query.asserted)


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
    the first that is asked for paths reads for all what a search needs. Queries that read the
    asserted layer are refused beside it, since the rows of the checkout may be of another state.
    Examples: `trilogue serve --port 8080 --timeout 10`, `trilogue serve --site build/site`
    """
    if elsewhere:
        raise errors.QueryError(
            "--endpoint: a store that answers SPARQL is served already; `trilogue publish "
            "--endpoint` makes pages of it, and --site serves those"
        )
    from trilogue import server

    limits = server.Limits(
        timeout=timeout,
        memory=memory * _MEGABYTE,
        rows=rows,
        rate=rate,
        burst=burst,
        concurrency=concurrency,
    )
    if workers:
        limits = replace(limits, workers=workers)
    allowed = tuple(server.Allowed.read(host) for host in allow_service or ())
    access = server.Access(server.read_token(token_file, os.environ))
    if access.is_open and not store:
        raise errors.TrilogueError("the graph is made from rows: to write, give a --store as well")
    try:
        listener = server.listen(host, port)
    except OSError as error:
        raise errors.TrilogueError(f"{host}:{port}: {error.strerror or error}") from None
    place = f"[{host}]" if ":" in host else host
    endpoint = f"http://{place}:{listener.getsockname()[1]}/sparql"
    asked = _Asked(limits, server.Client(allowed, timeout / 2), address, endpoint, site)
    application = _on_disk(asked, store, access) if store else _in_memory(asked)
    messages.print(endpoint, highlight=False)
    server.serve(application, listener, log=2 if log else None, proxied=behind_proxy)


@dataclass(frozen=True)
class _Asked:
    """What the options ask for, whichever graph is served."""

    limits: Limits
    client: Client
    address: str
    endpoint: str
    site: Path | None

    @property
    def form(self) -> QueryForm:
        """The page of the endpoint."""
        from trilogue import server

        return server.QueryForm(_examples(Project.find()))

    @functools.cached_property
    def pages(self) -> PublishedFolder | None:
        """The pages that were published, if they are to be served."""
        from trilogue.publication.folder import PublishedFolder

        return PublishedFolder(self.site) if self.site else None


def _on_disk(asked: _Asked, folder: Path, access: Access) -> Application:
    """Return what serves a store on disk, which each process opens for itself."""
    from trilogue import server
    from trilogue.api.service import Service
    from trilogue.server import api
    from trilogue.server.living import of_present
    from trilogue.server.pages import routes

    stores = server.stores_on_disk(folder, written=access.is_open)
    live = of_present(stores, Project.find(), Service)
    pages = routes(asked.pages) if asked.pages else []
    return server.application_on_disk(
        stores,
        asked.limits,
        [*api.routes(live, "no-cache"), *pages],
        address=asked.address,
        access=access,
        services=server.Services(asked.client, lambda: live().graph.network),
        form=asked.form,
    )


def _in_memory(asked: _Asked) -> Application:
    """Return what serves the graph that was built, with pages made from it unless there are some.

    What pages and searches share is read here, before any process is forked: none of them keeps
    what it reads.
    """
    backend = _loaded(Project.find())
    from trilogue import server
    from trilogue.api.service import Service
    from trilogue.graph import Graph
    from trilogue.publication.site import Site
    from trilogue.server import api
    from trilogue.server.pages import routes

    graph = Graph(backend, Project.find())
    found = asked.address or asked.endpoint
    made = Site(graph, urljoin(found, "."), found)
    service = Service(graph, None if asked.pages else lambda: made.source.found_contradictions)
    service.prepare()
    if not asked.pages:
        made.prepare()

    def search(words: str) -> bytes:
        names = service.answer("searchNames", {"q": words, "limit": _MOST_FOUND})
        return made.search(words, names["things"])

    return server.application(
        backend,
        asked.limits,
        [*api.routes(lambda: service), *routes(asked.pages or made, search)],
        address=asked.address,
        services=server.Services(asked.client, lambda: graph.network),
        form=asked.form,
    )


def _loaded(project: Project) -> EmbeddedBackend:
    """Load the graph while what serves it is imported and compiled, which takes as long.

    The thread has ended when the graph is there: no process is to be forked beside one.
    """
    from concurrent.futures import ThreadPoolExecutor

    from trilogue.graph import EmbeddedBackend

    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(EmbeddedBackend.load, project.dataset)
        for name in ("api.service", "publication.site", "server.api", "server.pages"):
            import_module(f"trilogue.{name}")
        import_module("trilogue.publication.rendering").prepare()
    return loading.result()
