"""A small graph to publish: some rows of the real one, with their ontology and provenance."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Quad

from trilogue import layers
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.namespaces import ONTOLOGY_GRAPH, PROVENANCE_GRAPH, RDFS, TYPE, iri_of, term, thing
from trilogue.project import Project

ADDRESS = "https://trilogue.example.org/graph/"
ENDPOINT = "https://trilogue.example.org/sparql"
_ROWS = ("acts-elysee", "actors-mistral", "actors-macron", "actors-emmanuel", "tenures-", "texts-")


def shrink(project: Project, rows: Iterable[str] = _ROWS) -> None:
    """Leave only some rows, whose keys begin so, in the built layers of a checkout."""
    begins = tuple(f"/id/row/{row}" for row in rows)
    for path in (project.asserted, project.resolved, project.inferred, project.dataset):
        quads = layers.load(path)
        layers.write([quad for quad in quads if _kept(quad, begins)], path)


def hostile(project: Project, label: str, keys: Iterable[str] = ()) -> Graph:
    """Return a graph of an act with a label of a stranger's choice, and of acts with their keys."""
    row, act = thing("row/acts-mallory"), thing("act/mallory")
    quads = [
        *layers.ontology_quads(project),
        Quad(act, TYPE, term("Act"), row),
        Quad(act, NamedNode(RDFS + "label"), Literal(label, language="en"), row),
        Quad(act, term("content"), Literal(label), row),
        Quad(act, NamedNode(RDFS + "seeAlso"), NamedNode("javascript:alert(1)"), row),
        Quad(row, TYPE, term("Row"), PROVENANCE_GRAPH),
        Quad(row, term("locator"), Literal(label), PROVENANCE_GRAPH),
        *(Quad(thing(f"act/{key}"), TYPE, term("Act"), row) for key in keys),
        *(Quad(act, term("answersAct"), thing(f"act/{key}"), row) for key in keys),
    ]
    return Graph(EmbeddedBackend.of(quads), project)


def _kept(quad: Quad, begins: Iterable[str]) -> bool:
    if quad.graph_name == ONTOLOGY_GRAPH:
        return True
    graphs = (iri_of(quad.graph_name), iri_of(quad.subject))
    return any(begin in graph for graph in graphs for begin in begins)
