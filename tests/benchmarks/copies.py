"""The thesis graph many times over, each copy with things of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from pyoxigraph import NamedNode, Quad

from trilogue.namespaces import ONTOLOGY_GRAPH, THINGS


def copied(quads: Iterable[Quad], count: int) -> Iterator[Quad]:
    """Yield the ontology once and all other quads `count` times over.

    Things get a suffix in all copies but the first; concepts of the ontology and the graphs that
    are not rows are shared.
    """
    quads = list(quads)
    shared = {quad.subject for quad in quads if quad.graph_name == ONTOLOGY_GRAPH}
    yield from quads
    rows = [quad for quad in quads if quad.graph_name != ONTOLOGY_GRAPH]
    for number in range(1, count):
        renamed: dict[object, object] = {}

        def rename(node: object, number: int = number, renamed: dict = renamed) -> object:  # type: ignore[type-arg]
            if node not in renamed:
                renamed[node] = _renamed(node, number, shared)
            return renamed[node]

        for quad in rows:
            yield Quad(
                rename(quad.subject),  # type: ignore[arg-type]
                quad.predicate,
                rename(quad.object),  # type: ignore[arg-type]
                rename(quad.graph_name),  # type: ignore[arg-type]
            )


def _renamed(node: object, number: int, shared: Set[object]) -> object:
    if not isinstance(node, NamedNode) or not node.value.startswith(THINGS) or node in shared:
        return node
    if node.value.startswith(THINGS + "graph/"):
        return node
    return NamedNode(f"{node.value}-copy-{number}")
