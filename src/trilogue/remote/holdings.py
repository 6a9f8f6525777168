"""What named graphs a store holds: how many statements, which, and a digest of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyoxigraph import BlankNode, Dataset, NamedNode, Quad, Store

from trilogue.errors import EndpointError
from trilogue.layers import canonical_lines
from trilogue.namespaces import iri_of
from trilogue.remote.endpoint import Endpoint

QUADS_AT_ONCE = 10_000
"""How many statements are asked for in one request, if no single graph has more."""

_COUNTS = """SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"""
_QUADS = """SELECT ?g ?s ?p ?o WHERE {{ VALUES ?g {{ {graphs} }} GRAPH ?g {{ ?s ?p ?o }} }}"""
_ORDER = " ORDER BY ?g ?s ?p ?o"


def counts(endpoint: Endpoint) -> dict[str, int]:
    """Return how many statements each named graph has."""
    found = endpoint.bindings(_COUNTS).values()
    return {str(graph): int(number) for graph, number in found if graph is not None}


def quads(endpoint: Endpoint, sizes: Mapping[str, int]) -> Iterator[Quad]:
    """Yield the statements of some graphs, whose sizes are given, some graphs at a time.

    Where answers come in pages, blank nodes must keep their names from one to the next.
    """
    order = _ORDER if endpoint.settings.page_size else ""
    for graphs in batches(sizes, QUADS_AT_ONCE):
        query = _QUADS.format(graphs=" ".join(map(str, map(NamedNode, graphs)))) + order
        for graph, subject, predicate, value in endpoint.bindings(query).rows:
            try:
                yield Quad(subject, predicate, value, graph)
            except TypeError:
                raise EndpointError(f"{endpoint.place}: a statement is no RDF") from None


def batches(sizes: Mapping[str, int], most: int) -> Iterator[list[str]]:
    """Yield graphs in groups of so many statements, or of one graph that has more.

    >>> list(batches({"a": 2, "b": 3, "c": 9, "d": 1}, 5))
    [['a', 'b'], ['c'], ['d']]
    """
    group: list[str] = []
    held = 0
    for graph, size in sizes.items():
        if group and held + size > most:
            yield group
            group, held = [], 0
        group.append(graph)
        held += size
    if group:
        yield group


def digests(quads: Iterable[Quad]) -> dict[str, str]:
    """Return the SHA-256 of the canonical N-Quads (RDFC-1.0) of each named graph.

    Literals are written as the embedded store writes them, so that stores which spell the same
    numbers in different ways come to the same digests.
    """
    store = Store()
    store.bulk_extend(quads)
    return {graph: digest(store, graph) for graph in sorted(map(iri_of, store.named_graphs()))}


def digest(store: Store, graph: str) -> str:
    """Return the digest of one graph of a store."""
    held = Dataset(store.quads_for_pattern(None, None, None, NamedNode(graph)))
    return hashlib.sha256(b"".join(canonical_lines(held))).hexdigest()


def has_blank_nodes(quads: Iterable[Quad]) -> bool:
    """Tell whether a statement has a blank node, which only has a name within one request."""
    ends: Iterator[Any] = (end for quad in quads for end in (quad.subject, quad.object))
    return any(isinstance(end, BlankNode) for end in ends)
