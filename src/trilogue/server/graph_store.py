"""The SPARQL 1.1 Graph Store Protocol: graphs are read, put, merged and dropped over HTTP.

https://www.w3.org/TR/sparql11-http-rdf-update/. A graph is named by `?graph=`, or by the address
that is asked for itself. The default graph is the union of the named graphs, and only read.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from pyoxigraph import NamedNode, Quad, QueryTriples, RdfFormat, Store, parse

from trilogue.server import updates
from trilogue.server.messages import RefusedError, Request, Response
from trilogue.server.negotiation import GRAPHS, chosen
from trilogue.server.protocol import Endpoint, parse_parameters, single

PATH = "/store"
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
_TRIPLES = "CONSTRUCT WHERE { ?s ?p ?o }"
_READ = (RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML, RdfFormat.JSON_LD)


@dataclass(frozen=True)
class GraphStore:
    """The graphs of an endpoint's store."""

    endpoint: Endpoint

    def respond(self, request: Request) -> Response:
        """Return the answer to a request; raises `RefusedError` where there is none."""
        parameters = parse_parameters(request.query)
        if request.method in ("GET", "HEAD"):
            return self._get(self._graph(request, parameters), request, parameters)
        if request.method not in METHODS:
            allowed = {"Allow": ", ".join((*METHODS, "OPTIONS"))}
            raise RefusedError(405, f"{request.method} is not served here", headers=allowed)
        self.endpoint.access.check(request.headers, parameters, request.method)
        made = request.method == "POST" and request.path == PATH and not parameters
        name = f"{self._base(request)}/{uuid.uuid4()}"
        graph = NamedNode(name) if made else self._graph(request, parameters)
        if graph is None:
            reason = "the default graph is the union of the named graphs; name the one to change"
            raise RefusedError(403, reason)
        headers = {"Location": name} if made else {}
        if request.method == "DELETE":
            change: Callable[[Store], int] = functools.partial(_dropped, graph)
        else:
            media_type = _read_as(request.header("content-type"))
            replaced = request.method == "PUT"
            change = functools.partial(_filled, graph, request.body, media_type, replaced=replaced)
        return Response(self.endpoint.write(change, request), headers)

    def _get(
        self, graph: NamedNode | None, request: Request, parameters: dict[str, list[str]]
    ) -> Response:
        store = self.endpoint.store
        form = chosen(request.header("accept"), single(parameters, "format"), GRAPHS)
        if graph is None:
            triples = store.query(_TRIPLES, use_default_graph_as_union=True)
        elif store.contains_named_graph(graph):
            triples = store.query(_TRIPLES, default_graph=graph)
        else:
            raise RefusedError(404, "no graph of this name")
        assert isinstance(triples, QueryTriples)
        return self.endpoint.graph(triples, form)

    def _graph(self, request: Request, parameters: dict[str, list[str]]) -> NamedNode | None:
        """Return the graph that a request names, or nothing where it names the default graph."""
        name = single(parameters, "graph")
        if request.path != PATH:
            if "graph" in parameters or "default" in parameters:
                raise RefusedError(400, "the address names a graph already")
            name = self._base(request) + request.path.removeprefix(PATH)
        elif ("graph" in parameters) == ("default" in parameters):
            raise RefusedError(400, "expected one of ?graph=IRI and ?default")
        elif "default" in parameters:
            return None
        try:
            return NamedNode(name)
        except ValueError:
            raise RefusedError(400, "graph: expected an absolute IRI") from None

    def _base(self, request: Request) -> str:
        """Return the address of the graphs: beside the endpoint, as the world knows it."""
        host = request.header("host") or "localhost"
        return urljoin(self.endpoint.address or f"http://{host}/", PATH.removeprefix("/"))


def _read_as(content_type: str) -> RdfFormat:
    media_type = content_type.partition(";")[0].strip()
    found = RdfFormat.from_media_type(media_type) if media_type else None
    if found not in _READ:
        known = ", ".join(each.media_type for each in _READ)
        shown = f"Content-Type {media_type[:60]!r}" if media_type else "no Content-Type"
        raise RefusedError(415, f"{shown}: expected one of {known}")
    assert found is not None
    return found


def _filled(
    graph: NamedNode, content: bytes, form: RdfFormat, store: Store, *, replaced: bool
) -> int:
    """Put triples into a graph, in place of what it holds or beside it; return the status."""
    known = store.contains_named_graph(graph)
    if replaced and known:
        store.clear_graph(graph)
    store.add_graph(graph)
    triples = parse(
        content, form, base_iri=graph.value, without_named_graphs=True, rename_blank_nodes=True
    )
    store.bulk_extend(Quad(each.subject, each.predicate, each.object, graph) for each in triples)
    updates.check_graphs(store)
    return 204 if known else 201


def _dropped(graph: NamedNode, store: Store) -> int:
    if not store.contains_named_graph(graph):
        raise RefusedError(404, "no graph of this name")
    store.remove_graph(graph)
    return 204
