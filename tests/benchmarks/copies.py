"""The thesis graph many times over, each copy with things of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from functools import cache

from pyoxigraph import Literal, NamedNode, Quad

from trilogue.namespaces import ONTOLOGY_GRAPH, PREFIXES, RDFS, SKOS, THINGS, iri_of, term

_NAMES = {
    NamedNode(RDFS + "label"),
    *(NamedNode(SKOS + name) for name in ("altLabel", "prefLabel")),
    *(NamedNode(PREFIXES["dcterms"] + name) for name in ("identifier", "title")),
    *map(term, ("address", "containerTitle", "procedureNumber", "referenceNumber")),
}
"""What names or identifies a thing: in words, by a number or by an address."""


def copied(quads: Iterable[Quad], count: int) -> Iterator[Quad]:
    """Yield the ontology once and all other quads `count` times over.

    In all copies but the first, things get a suffix, and so do their names, numbers and addresses
    and what registers call them. Shared, these would make every two copies of a thing a finding,
    so that findings grow with the square, as they do in no library of many dossiers. Terms and
    concepts of the ontology and the graphs that are not rows are shared, and so are days: acts and
    texts under a presidency clash with those of other copies, whose states are others.
    """
    quads = list(quads)
    rows = [quad for quad in quads if quad.graph_name != ONTOLOGY_GRAPH]
    shared = _shared(quad for quad in quads if quad.graph_name == ONTOLOGY_GRAPH)
    yield from quads
    for number in range(1, count):
        suffix = f"-copy-{number}"

        @cache
        def renamed(node: object, suffix: str = suffix) -> object:
            return _renamed(node, suffix, shared)

        for quad in rows:
            value = quad.object
            if quad.predicate in _NAMES and quad.subject not in shared:
                assert isinstance(value, Literal)
                value = _extended(value, suffix)
            yield Quad(
                renamed(quad.subject),  # type: ignore[arg-type]
                quad.predicate,
                renamed(value),  # type: ignore[arg-type]
                renamed(quad.graph_name),  # type: ignore[arg-type]
            )


def _shared(ontology: Iterable[Quad]) -> set[object]:
    """Return what the ontology declares, and foreign terms that it mentions."""
    shared: set[object] = set()
    for quad in ontology:
        shared |= {quad.subject, quad.predicate}
        if not iri_of(quad.object).startswith(THINGS):
            shared.add(quad.object)
    return shared


def _renamed(node: object, suffix: str, shared: Set[object]) -> object:
    if not isinstance(node, NamedNode) or node in shared:
        return node
    if node.value.startswith(THINGS + "graph/"):
        return node
    return NamedNode(node.value + suffix)


def _extended(name: Literal, suffix: str) -> Literal:
    if name.language:
        return Literal(name.value + suffix, language=name.language)
    return Literal(name.value + suffix, datatype=name.datatype)
