"""All that is known of one thing, each statement with its pages and the sources cited for it."""

from __future__ import annotations

from dataclasses import dataclass

from trilogue.errors import QueryError, nearest
from trilogue.graph import Graph
from trilogue.namespaces import compact, expand
from trilogue.results import Bindings, show

# The label of a node, in English where it has one.
_LABEL = """OPTIONAL {{ ?{node} rdfs:label|skos:prefLabel ?{node}Label
    FILTER(LANG(?{node}Label) IN ("en", "")) }}"""

_STATEMENTS = """
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX tlg: <https://w3id.org/trilogue/ns#>
SELECT ?property (MIN(?valueLabel) AS ?name) ?value ?evidence ?graph
  (GROUP_CONCAT(DISTINCT STR(?source); SEPARATOR=" ") AS ?sources)
WHERE {{
  GRAPH ?graph {{ {pattern} }}
  OPTIONAL {{ ?graph tlg:locator ?evidence }}
  OPTIONAL {{ ?graph prov:hadPrimarySource ?source }}
  {label}
}}
GROUP BY ?property ?value ?evidence ?graph
ORDER BY ?property ?value ?evidence ?graph"""


_NAMES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing (MIN(?name) AS ?label) WHERE {
  ?thing rdfs:label|skos:prefLabel ?name
}
GROUP BY ?thing
ORDER BY ?thing"""


@dataclass(frozen=True)
class Statement:
    """A statement about a thing: property, value, label of the value, pages, sources, named graph.

    The sources are those that the notes cite for it.
    """

    property: str
    value: str
    label: str
    evidence: str
    sources: tuple[str, ...]
    graph: str


@dataclass(frozen=True)
class Description:
    """A thing with what is said of it, and what refers to it."""

    iri: str
    statements: tuple[Statement, ...]
    references: tuple[Statement, ...]


def describe(graph: Graph, name: str) -> Description:
    """Describe a thing, given its IRI, prefixed name, or `kind/key`.

    Raises `QueryError` where the graph knows nothing of it.
    """
    iri = expand(name)
    if any(character in iri for character in '<>"{}|\\^` ') or ":" not in iri:
        raise QueryError(f"'{name}' is no IRI and no kind/key{_suggestion(graph, name)}")
    label = _LABEL.format(node="value")
    outgoing = _STATEMENTS.format(pattern=f"<{iri}> ?property ?value", label=label)
    incoming = _STATEMENTS.format(pattern=f"?value ?property <{iri}>", label=label)
    statements = _read(graph.query(outgoing))
    references = _read(graph.query(incoming))
    if not statements and not references:
        raise QueryError(f"the graph knows nothing of <{iri}>{_suggestion(graph, name)}")
    return Description(iri, statements, references)


def _suggestion(graph: Graph, name: str) -> str:
    """Name things whose name or key contains the word, or else whose key looks most like it."""
    word = name.rpartition("/")[2].casefold()
    names = {
        compact(row["thing"].value): show(row["label"]).casefold() for row in graph.query(_NAMES)
    }
    bearing = [key for key, label in names.items() if word in label or word in key]
    if bearing:
        shortest_first = sorted(bearing, key=lambda key: (len(names[key]), key))
        return f"; known: {', '.join(shortest_first[:5])}"
    return nearest(name, names)


def _read(bindings: Bindings) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            compact(row["property"].value),
            show(row["value"]),
            show(row["name"]),
            show(row["evidence"]),
            tuple(sorted(map(compact, show(row["sources"]).split()))),
            compact(row["graph"].value),
        )
        for row in bindings
    )
