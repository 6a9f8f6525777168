"""The default graph of a store elsewhere: made the union of the named graphs, as queries expect.

Stores differ: for most the default graph is that union, for others it is a graph of its own
unless a request asks otherwise. Which way leads to the union is found by asking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from trilogue.errors import EndpointError, QueryError
from trilogue.namespaces import thing
from trilogue.paths import blocks
from trilogue.remote.connection import RefusedError

LOADING_GRAPH = thing("graph/loading")
"""Stands in a store while the graph is loaded into it, and longer where loading was cut off."""

_READY = f"""ASK {{
  {{ SELECT ?s ?p ?o {{ GRAPH ?g {{ ?s ?p ?o }} }} LIMIT 1 }}
  ?s ?p ?o
  FILTER NOT EXISTS {{ GRAPH {LOADING_GRAPH} {{ ?x ?y ?z }} }}
}}"""
_INCOMPLETE = f"ASK {{ GRAPH {LOADING_GRAPH} {{ ?s ?p ?o }} }}"
_NAMED = "ASK { GRAPH ?g { ?s ?p ?o } }"


@dataclass(frozen=True)
class Way:
    """A way to ask for the union: parameters of the request, or a graph that stands for it."""

    parameters: tuple[tuple[str, str], ...] = ()
    graph: str = ""

    def adapted(self, query: str) -> str:
        """Return a query that reads from the graph what it would read from the default graph."""
        return within(query, self.graph) if self.graph else query


AS_IT_IS = Way()
WAYS = (
    Way((("union-default-graph", ""),)),  # Oxigraph
    Way(graph="urn:x-arq:UnionGraph"),  # Jena
    Way(
        (
            ("default-graph-uri", "tag:stardog:api:context:all"),
            ("named-graph-uri", "tag:stardog:api:context:named"),
        )
    ),
)


def way_to(place: str, holds: Callable[[str, Way], bool]) -> Way:
    """Return the way to the union that works at an endpoint.

    `holds` puts an ASK query to it, in a given way. Where there are no named graphs, there is
    nothing to unite. Raises `EndpointError` where the store was loaded only in part, or no way
    works.
    """

    def true(query: str, way: Way = AS_IT_IS) -> bool:
        try:
            return holds(query, way)
        except QueryError:  # a store may know nothing of graphs, or of parameters of others
            return False
        except RefusedError as error:
            if error.status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            return False

    if true(_READY):
        return AS_IT_IS
    if true(_INCOMPLETE):
        raise EndpointError(f"{place}: loaded only in part; `trilogue load` goes on where it ended")
    if not true(_NAMED):
        return AS_IT_IS
    for way in WAYS:
        if true(_READY, way):
            return way
    raise EndpointError(
        f"{place}: its default graph is not the union of the named graphs, and no way is known "
        "to ask for that: configure the store so (src/trilogue/remote/stores.md)"
    )


def within(query: str, graph: str) -> str:
    """Return a query with its patterns put into a graph; one that names its dataset as it is.

    >>> within("SELECT (COUNT(*) AS ?n) { ?s ?p ?o } VALUES ?s { <a> }", "g")
    'SELECT (COUNT(*) AS ?n) { GRAPH <g> { ?s ?p ?o } } VALUES ?s { <a> }'
    >>> within("CONSTRUCT { ?s ?p 1 } WHERE { ?s ?p ?o }", "g")
    'CONSTRUCT { ?s ?p 1 } WHERE { GRAPH <g> { ?s ?p ?o } }'
    >>> within("CONSTRUCT WHERE { ?s ?p ?o }", "g")
    'CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <g> { ?s ?p ?o } }'
    """
    try:
        found = blocks.tokens(query)
        groups = blocks.groups(found)
    except blocks.MismatchError:
        return query
    if any(token.is_word("FROM") for token in found):
        return query
    parts: list[str] = []
    end = 0
    for first, last in groups:
        before = found[first - 1] if first else None
        if before is not None and (before.is_word("CONSTRUCT") or _is_data(found, first)):
            continue
        begin = found[first].start
        pattern = query[begin + 1 : found[last].start]
        if before is not None and first > 1 and found[first - 2].is_word("CONSTRUCT"):
            parts += [query[end : before.start], f"{{{pattern}}} {before.text} "]
        else:
            parts.append(query[end:begin])
        parts.append(f"{{ GRAPH <{graph}> {{{pattern}}} }}")
        end = found[last].end
    return "".join([*parts, query[end:]])


def _is_data(found: list[blocks.Token], first: int) -> bool:
    """Tell whether braces hold the rows of a VALUES clause at the end of a query."""
    place = first - 1
    while place >= 0 and (found[place].variable or found[place].text in ("(", ")")):
        place -= 1
    return place >= 0 and found[place].is_word("VALUES")
